// What a worker reads anew for those who watch: others share its store and its budget, so its own memory would be wrong.
import type { ObjectType } from '../dataflow/chunk.js';
import type { RunStatus } from '../dataflow/flow-run.js';
import { freshnessOf, type Freshness } from '../dataflow/freshness.js';
import type { Holding, Place } from '../store/store.js';
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

export const sightOf = ({ place, spec, held, lastRuns }: Holding, nowMs: number): PlaceSight => ({
  ...place,
  freshness: new Map([...held].map(([type, what]) => [type, freshnessOf(spec, type, what, nowMs)])),
  lastRuns,
});
