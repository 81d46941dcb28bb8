// Whether the store equals what the simulator shows: cell by cell where numbers may still change, by a fingerprint of each
// date where they may not: what was right once and is final stays as it was.
import type { RowGenerator } from '../../../simulator/generator.js';
import { addDays } from '../../../src/dataflow/dates.js';
import { factsOf } from '../../../src/dataflow/object-types.js';
import { query } from '../store-reader.js';
import { storedLines, trueLines, type Question } from '../truth.js';

/** Older cells are final, however late in the day they were asked for. */
const MAY_CHANGE_DAYS = 40;

export interface Compared extends Omit<Question, 'from' | 'to' | 'now'> {
  schema: string;
  /** The first date that the dataflow has ever wanted. */
  from: string;
}

export class Exactness {
  /** By table, then by date. */
  private readonly right = new Map<string, Map<string, string>>();

  constructor(
    private readonly store: string,
    private readonly generator: RowGenerator,
  ) {}

  /**
   * @param whole every date is compared cell by cell
   * @returns what differs, in words; nothing if the store is right
   */
  async differences(compared: Compared, today: string, now: number, whole = false): Promise<string[]> {
    const { schema, objectType } = compared;
    const table = `${schema}.${factsOf(objectType).analyticsTable}`;
    const known = this.right.get(table);
    const changing = addDays(today, -MAY_CHANGE_DAYS);
    const from = whole || !known || changing < compared.from ? compared.from : changing;
    const question = { ...compared, from, to: today, now };
    const stored = await storedLines(this.store, schema, question);
    const truth = trueLines(this.generator, question);
    const prints = await this.fingerprints(table);
    this.right.set(table, prints);
    const [inStore, inTruth] = [new Set(stored), new Set(truth)];
    return [
      ...stored.filter((line) => !inTruth.has(line)).map((line) => `${table} has ${line}`),
      ...truth.filter((line) => !inStore.has(line)).map((line) => `${table} lacks ${line}`),
      ...(stored.length === inStore.size ? [] : [`${table} has rows twice`]),
      ...[...prints]
        .filter(([date, print]) => date < from && known?.get(date) !== print)
        .map(([date]) => `${table} changed on ${date}, which was final`),
      ...[...(known?.keys() ?? [])]
        .filter((date) => date < from && !prints.has(date))
        .map((date) => `${table} lost ${date}, which was final`),
    ];
  }

  private async fingerprints(table: string): Promise<Map<string, string>> {
    const rows = await query(
      this.store,
      `SELECT date::TEXT AS date, sum(hash(t))::TEXT AS print FROM (SELECT * EXCLUDE (_loaded_at) FROM ${table}) t GROUP BY 1`,
    );
    return new Map(rows.map(({ date, print }) => [String(date), String(print)]));
  }
}
