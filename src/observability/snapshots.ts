// What a worker reads anew for those who watch: others share its store and its budget, so its own memory would be wrong.
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
  places: CachedProbe<AccountSnapshot[]>;
}

const snapshotOf = ({ account, spec, held, lastRuns }: Holding, nowMs: number): AccountSnapshot => ({
  ...account,
  freshness: new Map(
    held.map((what) => [datasetKey(what.dataset), freshnessOf(spec, what.dataset, what, nowMs)]),
  ),
  lastRuns,
});

/**
 * Reads every dataflow's.
 * @param patienceMs how long to wait for a store that cannot be used now
 * @param unreadable hears once of each dataflow that cannot be read, or counted by this version; it is left out
 */
export const accountSnapshots = (
  store: Pick<Store, 'holdings'>,
  patienceMs: number,
  unreadable: Unreadable,
): (() => Promise<AccountSnapshot[]>) => {
  const told = new Set<string>();
  const tell: Unreadable = (dataflow, error) => {
    if (!told.has(dataflow)) unreadable(dataflow, error);
    told.add(dataflow);
  };
  return async () => {
    const places: AccountSnapshot[] = [];
    for (const holding of await store.holdings.read(patienceMs, tell)) {
      try {
        places.push(snapshotOf(holding, Date.now()));
      } catch (error) {
        tell(holding.account.dataflow, error as Error);
      }
      // Where coverage is kept by id, counting takes a while: others have their turn in between.
      await setImmediate();
    }
    return places;
  };
};
