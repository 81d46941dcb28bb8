// What a worker reads anew for those who watch: others share its store and its budget, so its own memory would be wrong.
import { setImmediate } from 'node:timers/promises';
import type { ObjectType } from '../dataflow/chunk.js';
import type { RunStatus } from '../dataflow/flow-run.js';
import { freshnessOf, type Freshness } from '../dataflow/freshness.js';
import type { Holding, Place, Store, Unreadable } from '../store/store.js';
import type { Reading } from './reading.js';

/** A dataflow of one ad account. */
export interface PlaceSight extends Place {
  freshness: ReadonlyMap<ObjectType, Freshness>;
  /** When the last run of each status ended, epoch ms. */
  lastRuns: ReadonlyMap<RunStatus, number>;
}

export interface BudgetSight {
  /** Calls that may leave now, under all limits of the app. */
  callsLeft: number;
  /** Requests for calls that wait in line. */
  waiting: number;
}

export interface Sights {
  /** The Pinterest app. */
  app: string;
  budget: Reading<BudgetSight>;
  places: Reading<PlaceSight[]>;
}

const sightOf = ({ place, spec, held, lastRuns }: Holding, nowMs: number): PlaceSight => ({
  ...place,
  freshness: new Map([...held].map(([type, what]) => [type, freshnessOf(spec, type, what, nowMs)])),
  lastRuns,
});

/**
 * Reads every dataflow's.
 * @param patienceMs how long to wait for a store that cannot be used now
 * @param unreadable hears once of each dataflow that cannot be read, or counted by this version; it is left out
 */
export const placesOf = (
  store: Pick<Store, 'holdings'>,
  patienceMs: number,
  unreadable: Unreadable,
): (() => Promise<PlaceSight[]>) => {
  const told = new Set<string>();
  const tell: Unreadable = (dataflow, error) => {
    if (!told.has(dataflow)) unreadable(dataflow, error);
    told.add(dataflow);
  };
  return async () => {
    const places: PlaceSight[] = [];
    for (const holding of await store.holdings(patienceMs, tell)) {
      try {
        places.push(sightOf(holding, Date.now()));
      } catch (error) {
        tell(holding.place.dataflow, error as Error);
      }
      // Where coverage is kept by id, counting takes a while: others have their turn in between.
      await setImmediate();
    }
    return places;
  };
};
