// What a run of the most ad accounts carries, if each of them has much to tell: it must fit through Temporal.
import { flowRunRecord, type FlowRun, type RunStatus } from '../../src/dataflow/flow-run.js';
import {
  addEnd,
  addSuccess,
  newAccountsState,
  outcomeOfAccounts,
  progressOfAccounts,
  waitingAccount,
} from '../../src/workflows/accounts-state.js';

const ACCOUNTS = 1_000;
/** Temporal takes no more in one payload. */
const MOST_BYTES = 2 * 1024 * 1024;

const told = (what: string) =>
  Array.from({ length: 3 }, (_, i) => ({
    code: 'Refused',
    message: `${what} ${i}: ${'words '.repeat(200)}`,
  }));
const state = () => {
  const made = newAccountsState(0);
  made.accounts = Array.from({ length: ACCOUNTS }, (_, i) =>
    waitingAccount(String(549755885175 + i), 'dataflow/acme-ads'),
  );
  return made;
};
const identity = { id: 'a-run', startedAtMs: 0, completedAtMs: 1, window: null };
let refused = 0;
const record = (): FlowRun => {
  const { totals } = newAccountsState(0);
  const deliveries = ['one', 'two', 'three'].map((target) => ({
    target,
    partitions: { due: 1, delivered: 0, failed: 1 },
    rows: 0,
    failedRows: 0,
    errors: told(`refused ${refused++}`),
  }));
  const much = { ...totals, errors: told('an error'), notices: told('a notice'), deliveries };
  return flowRunRecord('partial success', much, identity);
};

test('errors and notices of a thousand ad accounts stay small, and the record says how many it does not list', () => {
  const all = state();
  for (const account of all.accounts) addSuccess(all, account, record());
  expect(Buffer.byteLength(JSON.stringify(all))).toBeLessThan(MOST_BYTES);
  expect(Buffer.byteLength(JSON.stringify(progressOfAccounts(all)))).toBeLessThan(MOST_BYTES);
  expect(outcomeOfAccounts(all)).toBe('partial success');
  const { errors } = flowRunRecord('partial success', all.totals, identity).statusSummary;
  expect(errors[0]!.message).toMatch(/^ad account 549755885175: an error 0/);
  expect(errors.at(-1)).toEqual({
    code: 'MoreErrors',
    message: 'at least 30 more errors of this run are not listed',
  });
});

test('all that failed still make the run a failed one', () => {
  const all = state();
  const status: RunStatus = 'failed';
  for (const account of all.accounts) addEnd(all, account, status, ...told('an error'));
  expect(outcomeOfAccounts(all)).toBe('failed');
  expect(Buffer.byteLength(JSON.stringify(all))).toBeLessThan(MOST_BYTES);
});
