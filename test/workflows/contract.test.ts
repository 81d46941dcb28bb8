// What people type and other programs send: a name that changes would leave them, and every open run, behind.
import * as contract from '../../src/workflows/contract.js';

test('names on the wire stay as they are', () => {
  const names = Object.values(contract).flatMap((named) =>
    typeof named === 'string'
      ? [named]
      : 'name' in named && 'type' in named
        ? [`${named.type} ${named.name}`]
        : [],
  );
  expect(names.sort()).toEqual([
    'DATETIME PinterestCurrentTo',
    'KEYWORD PinterestAdAccount',
    'KEYWORD PinterestDataflow',
    'KEYWORD PinterestRunStatus',
    'checkConnection',
    'dataflow',
    'describeDataflow',
    'dropDataflow',
    'explore',
    'forget',
    'listDataflows',
    'pinterest-ads',
    'planDataflow',
    'preview',
    'query budget',
    'query progress',
    'quota',
    'reconcile',
    'signal account',
    'signal hold',
    'signal pause',
    'signal resume',
    'signal settle',
    'update lease',
  ]);
});

test('workflow ids say what runs', () => {
  const { accountWorkflowId, dataflowWorkflowId, quotaWorkflowId } = contract;
  const window = { from: '2026-05-01', to: '2026-05-31' };
  expect(dataflowWorkflowId({ name: 'acme-ads' })).toBe('acme-ads');
  expect(dataflowWorkflowId({ name: 'acme-ads', window })).toBe('acme-ads-2026-05-01-to-2026-05-31');
  expect(accountWorkflowId('acme-ads', '549755885175')).toBe('acme-ads/549755885175');
  expect(quotaWorkflowId('default')).toBe('quota/default');
});

test('short steps have a queue beside the one of their workflow', () => {
  expect(contract.shortTaskQueue(contract.TASK_QUEUE)).toBe('pinterest-ads-short');
});
