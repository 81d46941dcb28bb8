// What is held of every dataflow, read at one go: opening a DuckDB file anew for each would take longer than reading.
import type { ObjectType } from '../../dataflow/chunk.js';
import type { Held } from '../../dataflow/freshness.js';
import { objectTypesOf } from '../../dataflow/need.js';
import type { Holding, DataflowAccount, Unreadable } from '../store.js';
import { catalogueState, objects } from './catalogue.js';
import { readClaims } from './claims.js';
import { readCoverage } from './coverage.js';
import { readLastRuns } from './flow-runs.js';
import type { Session } from './session.js';

/** By these tables a schema is known as a dataflow's; another program's may be called one of them. */
const OURS = ['claims', 'coverage', 'catalogue_reads', 'flow_runs'];

/** The dataflows of a store. */
export const dataflows = async (session: Session): Promise<string[]> => {
  const rows = await session.all(
    `SELECT table_schema AS name FROM information_schema.tables
     WHERE table_catalog = current_database() AND table_name IN (${OURS.map((name) => `'${name}'`).join(', ')})
     GROUP BY table_schema HAVING count(*) = ${OURS.length} ORDER BY table_schema`,
  );
  return rows.map((row) => (row['name'] as string).replaceAll('_', '-'));
};

const readHeld = async (session: Session, place: DataflowAccount, objectType: ObjectType): Promise<Held> => {
  const { completedAtMs } = await catalogueState(session, place, objectType);
  return {
    objects: completedAtMs === null ? null : await objects(session, place, objectType),
    coverage: await readCoverage(session, place, objectType),
  };
};

const readPlaces = async (session: Session, dataflow: string): Promise<Holding[]> => {
  const holdings: Holding[] = [];
  for (const { adAccountId, spec } of await readClaims(session, dataflow)) {
    const place = { dataflow, adAccountId };
    const held = new Map<ObjectType, Held>();
    for (const objectType of objectTypesOf(spec))
      held.set(objectType, await readHeld(session, place, objectType));
    holdings.push({ place, spec, held, lastRuns: await readLastRuns(session, place) });
  }
  return holdings;
};

export const readHoldings = async (session: Session, unreadable: Unreadable): Promise<Holding[]> => {
  const holdings: Holding[] = [];
  for (const dataflow of await dataflows(session)) {
    try {
      holdings.push(...(await readPlaces(session, dataflow)));
    } catch (error) {
      // Where the connection is lost, none can be read, and that is what is told.
      await session.one('SELECT 1 AS alive');
      unreadable(dataflow, error as Error);
    }
  }
  return holdings;
};
