// What a worker reads from the store and the budget for /metrics: other workers change them too, so that its own memory would
// be wrong.
import { setImmediate } from 'node:timers/promises';
import { datasetKey } from '../dataflow/object-types.js';
import type { RunStatus } from '../dataflow/flow-run.js';
import { freshnessOf, type Freshness } from '../dataflow/freshness.js';
import type { Holding, Unreadable } from '../store/holdings.js';
import type { DataflowAccount, Store } from '../store/store.js';
import type { CachedProbe } from './cached-probe.js';

/** A dataflow of one ad account. */
export interface AccountSnapshot extends DataflowAccount {
  /** By `datasetKey`. */
  freshness: ReadonlyMap<string, Freshness>;
  /** When the last run of each status ended, epoch ms. */
  lastRuns: ReadonlyMap<RunStatus, number>;
}

export interface BudgetSnapshot {
  /** Calls that may leave now, under all limits of the app. */
  callsLeft: number;
  /** Requests for calls that wait in line. */
  waiting: number;
}

export interface Snapshots {
  /** The Pinterest app. */
  app: string;
  budget: CachedProbe<BudgetSnapshot>;
  accounts: CachedProbe<AccountSnapshot[]>;
  /** When refresh tokens end, epoch ms, by credential. */
  credentials: CachedProbe<ReadonlyMap<string, number>>;
}

const snapshotOf = ({ account, spec, held, lastRuns }: Holding, nowMs: number): AccountSnapshot => ({
  ...account,
  freshness: new Map(
    held.map((what) => [datasetKey(what.dataset), freshnessOf(spec, what.dataset, what, nowMs)]),
  ),
  lastRuns,
});

/**
 * Reads one snapshot of each dataflow and ad account.
 * @param patienceMs how long to wait for a store that cannot be used now, ms
 * @param unreadable called once for each dataflow that cannot be read or counted by this version; it is left out
 */
export const accountSnapshots = (
  store: Pick<Store, 'holdings'>,
  patienceMs: number,
  unreadable: Unreadable,
): (() => Promise<AccountSnapshot[]>) => {
  const named = new Set<string>();
  const once: Unreadable = (dataflow, error) => {
    if (!named.has(dataflow)) unreadable(dataflow, error);
    named.add(dataflow);
  };
  return async () => {
    const accounts: AccountSnapshot[] = [];
    for (const holding of await store.holdings.read(patienceMs, once)) {
      try {
        accounts.push(snapshotOf(holding, Date.now()));
      } catch (error) {
        once(holding.account.dataflow, error as Error);
      }
      // Counting takes a while if coverage is kept by id: other work has its turn in between.
      await setImmediate();
    }
    return accounts;
  };
};
