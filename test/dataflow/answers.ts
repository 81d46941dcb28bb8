// A store in memory that commits answers as the real one does: rows and coverage in one step, by the same rules.
import type { Chunk } from '../../src/dataflow/chunk.js';
import {
  advance,
  ALL,
  type CoverageRow,
  type CoverageStamp,
  type ScopeRange,
} from '../../src/dataflow/coverage.js';
import type { DateRange } from '../../src/dataflow/dates.js';
import type { Need } from '../../src/dataflow/gaps.js';
import { contains } from '../../src/dataflow/ranges.js';
import { settleReplacement, type Replacement } from '../../src/dataflow/replace.js';
import { cellName, TODAY } from './needs.js';

export interface Answer {
  chunk: Chunk;
  /** What the attempt that fetched it knew and wanted; its coverage is the store's, read inside the lock. */
  need: Need;
  stamp: CoverageStamp;
  /** Every object that has a row in it. */
  ids: readonly string[];
  /** Of these, cells whose row was rejected. */
  rejected?: readonly { id: string; period: DateRange }[];
  today?: string;
}

export class MemoryStore {
  coverage: CoverageRow[] = [];
  /** By cell: when the answer was asked for that the cell's row came with. */
  readonly rows = new Map<string, number>();

  commit({ chunk, need, stamp, ids, rejected = [], today = TODAY }: Answer): Replacement {
    const settled = settleReplacement(chunk, { ...need, coverage: this.coverage }, stamp.askedForMs, today);
    const inside = (ranges: readonly ScopeRange[], id: string, period: DateRange): boolean =>
      ranges.some((range) => (range.scope === ALL || range.scope === id) && contains(range, period));
    const replaced = (id: string, period: DateRange): boolean =>
      inside(settled.include, id, period) && !inside(settled.exclude, id, period);

    for (const period of need.periods) {
      for (const key of [...this.rows.keys()]) {
        const id = key.split(' ')[0]!;
        if (key === cellName(id, period) && replaced(id, period)) this.rows.delete(key);
      }
      for (const id of ids) {
        if (replaced(id, period)) this.rows.set(cellName(id, period), stamp.askedForMs);
      }
    }
    const incomplete = rejected
      .filter(({ id, period }) => inside(settled.include, id, period))
      .map(({ id, period }) => ({ scope: id, ...period }));
    this.coverage = advance(this.coverage, settled.include, incomplete, stamp, need.criteria);
    return settled;
  }
}
