// For each dataset of a dataflow and each date of its window, how many ad accounts hold it in which state.
import type { Granularity } from '../../dataflow/chunk.js';
import type { DateOnly, DateRange } from '../../dataflow/dates.js';
import { DATE_STATES, type DateState } from '../../dataflow/date-state.js';
import {
  datasetOf,
  OBJECT_TYPES,
  tableOf,
  type Dataset,
  type ObjectType,
} from '../../dataflow/object-types.js';
import { periodOf, rollingWindow } from '../../dataflow/window.js';
import { epochDay, fromDay } from '../sql/rows.js';
import { WANTED } from '../tables.js';
import { tableIn, textOrNull, type DataflowSchema } from './schema.js';

/** The ad account first. */
const FROM_ABOVE: readonly ObjectType[] = ['ad_accounts', ...OBJECT_TYPES];

export interface DateFreshness {
  date: DateOnly;
  /** What the date stands for: itself, the week or month that begins on it, the window that ends on it. */
  period: DateRange;
  finalOn: DateOnly;
  /** How many ad accounts are in each state. */
  accounts: Readonly<Record<DateState, number>>;
}

/** What is said of the whole list: the highest object type first, of each its own numbers before those by breakdowns. */
export interface DatasetFreshness {
  dataset: Dataset;
  table: string;
  granularity: Granularity;
  restateDays: number;
  backfillDays: number;
  /** By date, without gaps; only the first days of weeks and months, and a TOTAL's last. */
  dates: DateFreshness[];
}

const readDatasets = async (schema: DataflowSchema): Promise<DatasetFreshness[]> => {
  const rows = await schema.session.all(
    `SELECT object_type, breakdown, max(granularity) AS granularity, max(restate_days) AS restate_days,
       max(backfill_days) AS backfill_days
     FROM ${tableIn(schema, WANTED.name)} GROUP BY object_type, breakdown ORDER BY breakdown`,
  );
  const found = rows.map((row): DatasetFreshness => {
    const dataset = datasetOf({
      objectType: row['object_type'] as ObjectType,
      breakdown: textOrNull(row['breakdown']) ?? undefined,
    });
    return {
      dataset,
      table: tableOf(dataset),
      granularity: row['granularity'] as Granularity,
      restateDays: Number(row['restate_days']),
      backfillDays: Number(row['backfill_days']),
      dates: [],
    };
  });
  const ownFirst = found.toSorted(
    (one, other) =>
      Number(one.dataset.breakdown !== undefined) - Number(other.dataset.breakdown !== undefined),
  );
  return FROM_ABOVE.flatMap((level) => ownFirst.filter(({ dataset }) => dataset.objectType === level));
};

export const readFreshness = async (schema: DataflowSchema): Promise<DatasetFreshness[]> => {
  const datasets = await readDatasets(schema);
  const byKey = new Map(datasets.map((one) => [`${one.table}/${one.dataset.breakdown ?? ''}`, one]));
  const counts = DATE_STATES.map((state, i) => `count(*) FILTER (WHERE state = '${state}') AS s${i}`).join(
    ', ',
  );
  const rows = await schema.session.all(
    `SELECT table_name, breakdown, ${epochDay('date')} AS day, max(${epochDay('final_on')}) AS final_on, ${counts}
     FROM ${tableIn(schema, 'freshness')} GROUP BY table_name, breakdown, date ORDER BY date`,
  );
  for (const row of rows) {
    const counted = DATE_STATES.map((state, i) => [state, Number(row[`s${i}`])]);
    const dataset = byKey.get(`${String(row['table_name'])}/${textOrNull(row['breakdown']) ?? ''}`);
    const date = fromDay(row['day']);
    dataset?.dates.push({
      date,
      period: periodOf(date, dataset.granularity, rollingWindow(date, dataset.backfillDays)),
      finalOn: fromDay(row['final_on']),
      accounts: Object.fromEntries(counted) as Record<DateState, number>,
    });
  }
  return datasets;
};

/** The highest of some object types whose own numbers are wanted: none of a breakdown. */
export const highest = (
  freshness: readonly DatasetFreshness[],
  objectTypes: readonly ObjectType[] = FROM_ABOVE,
): DatasetFreshness | undefined =>
  freshness.find(
    ({ dataset, dates }) =>
      objectTypes.includes(dataset.objectType) && dataset.breakdown === undefined && dates.length > 0,
  );
