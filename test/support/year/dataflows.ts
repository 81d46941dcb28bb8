// The five dataflows that share a budget: what each wants, and how what it wants changes with the years.
import type { RowGenerator } from '../../../simulator/generator.js';
import type { ObjectType } from '../../../src/dataflow/object-types.js';
import { specOf } from '../harness.js';

export const ACCOUNTS = ['549755885175', '549755885176', '549755885177'] as const;
export const BACKFILL_DAYS = 186;

const FEW = ['SPEND_IN_MICRO_DOLLAR', 'TOTAL_IMPRESSION', 'TOTAL_CONVERSIONS'];
const MORE = [...FEW, 'CTR', 'TOTAL_CLICKTHROUGH'];
/** So many days a dataflow's spec stays as it is. The first change comes early, and none in a week that is paused. */
const CHANGES_EVERY_DAYS = 45;
const FIRST_CHANGE = 20;

export interface Wanted {
  objectType: ObjectType;
  /** All if left out. */
  ids?: ReadonlySet<string>;
}

export interface YearsDataflow {
  name: string;
  accountId: string;
  wanted: Wanted[];
  columns: readonly string[];
  spec: unknown;
  /** Today it wants something else than yesterday. */
  changed: boolean;
}

/** @param day from 1 */
export const dataflowsOn = (day: number, generator: RowGenerator): YearsDataflow[] => {
  const [first, second, third] = ACCOUNTS;
  const all = (...types: ObjectType[]): Wanted[] => types.map((objectType) => ({ objectType }));
  const firstAds = generator
    .objects(second)
    .ads.slice(0, 7)
    .map(({ id }) => id);
  const since = day - FIRST_CHANGE + CHANGES_EVERY_DAYS;
  const age = Math.floor(since / CHANGES_EVERY_DAYS);
  const changed = since % CHANGES_EVERY_DAYS === 0;
  const flow = (name: string, accountId: string, wanted: Wanted[], columns = FEW) => ({
    name,
    accountId,
    wanted,
    columns,
    changed: false,
    spec: specOf(
      {
        objects: wanted.map(({ objectType: type, ids }) => ({ type, ids: ids ? [...ids] : 'all' })),
        columns,
        backfillDays: BACKFILL_DAYS,
      },
      { name, connection: { adAccountId: accountId } },
    ),
  });
  return [
    flow('everything', first, all('campaigns', 'ad_groups', 'ads')),
    flow('chosen-ads', second, [{ objectType: 'ads', ids: new Set(firstAds) }]),
    flow('groups', second, all('campaigns', 'ad_groups')),
    { ...flow('changing', third, all('campaigns', 'ads'), age % 2 === 0 ? FEW : MORE), changed },
    flow('campaigns', third, all('campaigns'), MORE),
  ];
};
