// The schema of a dataflow: its tables made, given the columns they lack, and brought up to this version.
import type { DataflowSpec } from '../dataflow/spec.js';
import { OBJECT_TYPES, tableOf } from '../dataflow/object-types.js';
import { bringUpToDate } from './migrations.js';
import { makeTables } from './sql/make-tables.js';
import { dropViewsBesides, makeViews, makeViewsBesides } from './sql/make-views.js';
import type { Database } from './sql/session.js';
import { analyticsTable, type TableShape } from './tables.js';

export class Schemas {
  constructor(private readonly database: Database) {}

  /**
   * Makes a dataflow's schema and every table of it but those of analytics. Safe to repeat.
   * @throws StoreUnavailable if a newer version of this program has written there
   */
  make(dataflow: string): Promise<void> {
    return this.database.use((session) => bringUpToDate(session, dataflow));
  }

  /** Takes a dataflow's schema away, with all that is in it. */
  drop(dataflow: string): Promise<void> {
    return this.database.use(async (session) => {
      await dropViewsBesides(session, dataflow, 'fivetran');
      await session.run(`DROP SCHEMA IF EXISTS ${session.schema(dataflow)} CASCADE`);
    });
  }

  /** Whether a dataflow's analytics tables have been made. */
  hasAnalytics(dataflow: string): Promise<boolean> {
    const tables = OBJECT_TYPES.map((objectType) => tableOf({ objectType }));
    return this.database.use(
      async (session) => (await session.columns(dataflow, tables)).size === tables.length,
    );
  }

  /**
   * Makes the analytics tables, columns that are new, and the views that show them. Safe to repeat.
   * @param views those for another program, in a schema of their own
   */
  makeAnalytics(
    dataflow: string,
    shapes: readonly TableShape[],
    views?: DataflowSpec['views'],
  ): Promise<void> {
    return this.database.use(async (session) => {
      await makeTables(session, dataflow, shapes.map(analyticsTable));
      await session.transaction(async () => {
        await session.lock(`${dataflow}/tables`);
        await makeViews(session, dataflow);
        if (views) await makeViewsBesides(session, dataflow, views);
      });
    });
  }
}
