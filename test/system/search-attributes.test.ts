// The list of workflows shows of each run which dataflow it is, how it went, and how current it is.
import type { TypedSearchAttributes } from '@temporalio/common';
import { WorkflowFailedError } from '@temporalio/client';
import {
  adAccountAttribute,
  currentToAttribute,
  dataflowAttribute,
  runStatusAttribute,
} from '../../src/workflows/contract.js';
import { ACCOUNT, Harness, progressUntil, specOf } from '../support/harness.js';
import { Requests } from '../support/requests.js';

let requests: Requests;
let harness: Harness;
beforeEach(async () => {
  requests = new Requests();
  harness = await Harness.start({ simulator: { middleware: [requests.middleware] } });
});
afterEach(() => harness.close());

const shown = async (workflowId: string) => {
  const description = await harness.client.workflow.getHandle(workflowId).describe();
  const attributes: TypedSearchAttributes = description.typedSearchAttributes;
  return {
    dataflow: attributes.get(dataflowAttribute),
    adAccount: attributes.get(adAccountAttribute),
    status: attributes.get(runStatusAttribute),
    currentTo: attributes.get(currentToAttribute),
    startedAt: description.startTime,
  };
};
const spec = specOf({ backfillDays: 3 });

test('a run shows what it runs while it is on, and how it went; a run that finds another on shows as skipped', async () => {
  const load = requests.holdBack(/analytics|reports/);
  const first = await harness.begin(spec, { workflowId: 'first' });
  await load.reached;
  expect(await shown('first')).toMatchObject({ dataflow: 'acme-ads', adAccount: ACCOUNT, status: 'running' });
  await (await harness.begin(spec, { workflowId: 'second' })).result();
  expect(await shown('second')).toMatchObject({
    dataflow: 'acme-ads',
    adAccount: ACCOUNT,
    status: 'skipped',
  });
  load.release();
  await first.result();
  const { startedAt, currentTo, status } = await shown('first');
  expect(status).toBe('success');
  expect(currentTo!.getTime()).toBe(startedAt.getTime());
  expect((await shown('second')).currentTo).toBeUndefined();
});

test('a run that fails, one that is cancelled, one of several ad accounts', async () => {
  const refused = await harness.begin(specOf({ objects: [{ type: 'ads', ids: ['1'] }] }), {
    workflowId: 'refused',
  });
  await expect(refused.result()).rejects.toThrow(WorkflowFailedError);
  expect(await shown('refused')).toMatchObject({ dataflow: 'acme-ads', status: 'failed' });

  const misspelled = { ...specOf({ columns: ['SPENT'] }), connection: { adAccountIds: [ACCOUNT] } };
  for (const unreadable of [specOf({ columns: ['SPENT'] }), misspelled]) {
    const failed = await harness.begin(unreadable);
    await expect(failed.result()).rejects.toThrow(WorkflowFailedError);
    expect(await shown(failed.workflowId)).toMatchObject({ dataflow: 'acme-ads', status: 'failed' });
  }

  const held = requests.holdBack(/analytics|reports/);
  const cancelled = await harness.begin(spec, { workflowId: 'cancelled' });
  await held.reached;
  await cancelled.cancel();
  await expect(cancelled.result()).rejects.toThrow(WorkflowFailedError);
  held.release();
  expect(await shown('cancelled')).toMatchObject({ dataflow: 'acme-ads', status: 'cancelled' });

  const several = { ...spec, name: 'several', connection: { adAccountIds: [ACCOUNT] } };
  await harness.run(several, { workflowId: 'several' });
  expect(await shown('several')).toMatchObject({ dataflow: 'several', status: 'success' });
  expect(await shown(`several/${ACCOUNT}`)).toMatchObject({
    dataflow: 'several',
    adAccount: ACCOUNT,
    status: 'success',
  });
});

test('a second run on a day takes sixteen actions of Temporal at most', async () => {
  await harness.run(specOf());
  const again = await harness.begin(specOf(), { workflowId: 'again' });
  await progressUntil(again, ({ phase }) => phase === 'done');
  const { events } = await again.fetchHistory();
  const actions = events!.filter(
    (event) =>
      event.workflowExecutionStartedEventAttributes ??
      event.activityTaskScheduledEventAttributes ??
      event.timerStartedEventAttributes ??
      event.upsertWorkflowSearchAttributesEventAttributes,
  );
  expect(actions.length).toBeLessThanOrEqual(16);
});
