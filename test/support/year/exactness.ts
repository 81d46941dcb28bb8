// Whether the store equals what the simulator shows: cell by cell where numbers may still change, by a fingerprint of each
// date where they may not: what was right once and is final stays as it was.
import type { RowGenerator } from '../../../simulator/generator.js';
import { addDays, dateOf } from '../../../src/dataflow/dates.js';
import { factsOf } from '../../../src/dataflow/object-types.js';
import { query } from '../store-reader.js';
import { storedLines, trueLines, type Question } from '../truth.js';

/** Older cells are final, however late in the day they were asked for. */
const MAY_CHANGE_DAYS = 40;

export interface Compared extends Omit<Question, 'to' | 'now'> {
  schema: string;
  columns: readonly string[];
}

export class Exactness {
  /** By table, then by date. */
  private readonly right = new Map<string, Map<string, string>>();

  constructor(
    private readonly store: string,
    private readonly generator: RowGenerator,
  ) {}

  /**
   * @param compared `from` is the first date that was ever wanted; with `whole`, the first that is wanted now
   * @param whole every date is compared cell by cell, and earlier ones are no longer looked at
   * @returns what differs, in words; nothing if the store is right
   */
  async differences(compared: Compared, now: number, whole = false): Promise<string[]> {
    const { schema, objectType, columns } = compared;
    const today = dateOf(now);
    const table = `${schema}.${factsOf(objectType).analyticsTable}`;
    const known = whole ? undefined : this.right.get(table);
    const changing = addDays(today, -MAY_CHANGE_DAYS);
    const from = !known || changing < compared.from ? compared.from : changing;
    const question = { ...compared, from, to: today, now };
    const stored = await storedLines(this.store, schema, question);
    const truth = trueLines(this.generator, question);
    const prints = await this.fingerprints(table, columns);
    this.right.set(table, prints);
    const [inStore, inTruth] = [new Set(stored), new Set(truth)];
    return [
      ...stored.filter((line) => !inTruth.has(line)).map((line) => `${table} has ${line}`),
      ...truth.filter((line) => !inStore.has(line)).map((line) => `${table} lacks ${line}`),
      ...(stored.length === inStore.size ? [] : [`${table} has rows twice`]),
      ...[...prints]
        .filter(([date, print]) => date < from && known && known.get(date) !== print)
        .map(([date]) => `${table} changed on ${date}, which was final`),
      ...[...(known?.keys() ?? [])]
        .filter((date) => date < from && !prints.has(date))
        .map((date) => `${table} lost ${date}, which was final`),
    ];
  }

  private async fingerprints(table: string, columns: readonly string[]): Promise<Map<string, string>> {
    const names = columns.map((column) => `"${column.toLowerCase()}"`).join(', ');
    const rows = await query(
      this.store,
      `SELECT date::TEXT AS date, sum(hash(t))::TEXT AS print
       FROM (SELECT COLUMNS('_id$'), date, ${names} FROM ${table}) t GROUP BY 1`,
    );
    return new Map(rows.map(({ date, print }) => [String(date), String(print)]));
  }
}
