// SQL for "this row is a cell of these ranges"; a temporary table holds the ranges of single ids.
import { ALL, type ScopeRange } from '../../dataflow/coverage.js';
import type { DateRange } from '../../dataflow/dates.js';
import type { Column } from '../tables.js';
import { insert } from './rows.js';
import type { Session } from './session.js';

const COLUMNS: readonly Column[] = [
  { name: 'scope', type: 'TEXT' },
  { name: 'from', type: 'DATE' },
  { name: 'to', type: 'DATE' },
];

/** SQL for "this date is in the range". */
export const between = (date: string, { from, to }: DateRange): string =>
  `${date} BETWEEN DATE '${from}' AND DATE '${to}'`;

export class CellRanges {
  private constructor(
    private readonly name: string,
    private readonly everyone: readonly ScopeRange[],
    private readonly some: boolean,
  ) {}

  /** @param name of the temporary table */
  static async of(
    session: Session,
    name: string,
    ranges: readonly ScopeRange[],
    total: boolean,
  ): Promise<CellRanges> {
    // A TOTAL's row stands at its window's last day; other windows of the store end on other days.
    const dated = total ? ranges.map((range) => ({ ...range, from: range.to })) : ranges;
    const byId = dated.filter(({ scope }) => scope !== ALL);
    if (byId.length > 0) {
      await session.createTemporary(name, COLUMNS);
      await insert(
        session,
        name,
        COLUMNS,
        byId.map(({ scope, from, to }) => [scope, from, to]),
      );
    }
    return new CellRanges(
      name,
      dated.filter(({ scope }) => scope === ALL),
      byId.length > 0,
    );
  }

  has(id: string, date: string): string {
    const tests = this.everyone.map((range) => between(date, range));
    if (this.some) {
      tests.push(
        `EXISTS (SELECT 1 FROM ${this.name} c WHERE c.scope = ${id} AND ${date} BETWEEN c."from" AND c."to")`,
      );
    }
    return tests.length === 0 ? 'false' : `(${tests.join(' OR ')})`;
  }
}
