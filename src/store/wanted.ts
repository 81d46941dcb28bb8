// What a dataflow wants of each dataset, as its last plan had it: what the view `freshness` compares coverage with.
import type { Need } from '../dataflow/gaps.js';
import { tableOf } from '../dataflow/object-types.js';
import type { DataflowAccount } from './dataflow-account.js';
import { insert } from './sql/rows.js';
import type { Database, Value } from './sql/session.js';
import { WANTED } from './tables.js';

const rowOf = (adAccountId: string, need: Need, backfillDays: number): Value[] => [
  adAccountId,
  need.objectType,
  need.breakdown ?? null,
  tableOf(need),
  // Of a catalogue that has not been read, the view knows no more.
  need.selection === 'all' ? null : (need.objects ?? []).map(({ id }) => id).join(','),
  need.criteria.granularity,
  String(backfillDays),
  String(need.criteria.restateDays),
  need.criteria.columns.join(','),
  need.criteria.attribution,
];

export class WantedCells {
  constructor(private readonly database: Database) {}

  /** Writes only what differs from the last plan. */
  keep(
    { dataflow, adAccountId }: DataflowAccount,
    needs: readonly Need[],
    backfillDays: number,
  ): Promise<void> {
    const rows = needs.map((need) => rowOf(adAccountId, need, backfillDays));
    return this.database.use((session) =>
      session.transaction(async () => {
        await session.lock(`${dataflow}/wanted`);
        const table = session.table(dataflow, WANTED.name);
        const names = WANTED.columns.map(({ name }) => `${name}::TEXT AS ${name}`).join(', ');
        const held = await session.all(`SELECT ${names} FROM ${table} WHERE ad_account_id = $1`, [
          adAccountId,
        ]);
        const before = held.map((row) => WANTED.columns.map(({ name }) => row[name]));
        const sorted = (list: readonly unknown[][]): string =>
          list
            .map((row) => JSON.stringify(row))
            .sort()
            .join();
        if (sorted(before) === sorted(rows)) return;
        await session.run(`DELETE FROM ${table} WHERE ad_account_id = $1`, [adAccountId]);
        await insert(session, table, WANTED.columns, rows);
      }),
    );
  }
}
