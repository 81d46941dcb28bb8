// The views that Fivetran's package dbt_pinterest reads as its sources: its names over this dataflow's tables. A column that nothing
// is known of is there and empty; `dataflow/fivetran.ts` says which of those that are added up.
import { isKnownColumn, keyColumns, storeName } from '../../dataflow/columns.js';
import { FIVETRAN_NAMES, REPORT_COLUMNS } from '../../dataflow/fivetran.js';
import {
  factsOf,
  isListed,
  LEVELS,
  OBJECT_TYPES,
  tableOf,
  type ObjectType,
} from '../../dataflow/object-types.js';
import { quote } from '../../engine/sql-text.js';
import { AD_ACCOUNTS } from '../tables.js';
import { timestamp } from './details.js';
import { column, type Standing, type View, type ViewColumn } from './view.js';

type Unknown = 'TEXT' | 'TIMESTAMP' | 'BIGINT' | 'BOOLEAN' | 'DOUBLE PRECISION';

const unknown = (type: Unknown, ...names: string[]): ViewColumn[] =>
  names.map((name) => column(name, `NULL::${type}`));
const own = (...names: string[]): ViewColumn[] => names.map((name) => column(name, `r.${name}`));
const times = (...names: string[]): ViewColumn[] => names.map((name) => column(name, timestamp(name)));
const synced = column('_fivetran_synced', 'r._loaded_at');
const advertiser = column('advertiser_id', 'r.ad_account_id');

const HISTORIES: Readonly<Record<ObjectType, readonly ViewColumn[]>> = {
  ad_accounts: [
    ...own('id', 'name', 'country', 'currency', 'permissions'),
    ...unknown('TIMESTAMP', 'created_time', 'updated_time'),
    ...unknown('TEXT', 'owner_user_id', 'owner_username'),
  ],
  campaigns: [
    ...own('id', 'name', 'status', 'objective_type', 'lifetime_spend_cap'),
    advertiser,
    ...times('created_time', 'start_time', 'end_time'),
    ...unknown('BIGINT', 'budget_spend_cap', 'default_ad_group_budget_in_micro_currency'),
    ...unknown(
      'BOOLEAN',
      'is_automated_campaign',
      'is_campaign_budget_optimization',
      'is_flexible_daily_budgets',
    ),
  ],
  ad_groups: [
    ...own('id', 'name', 'status', 'summary_status', 'ad_account_id', 'campaign_id'),
    ...times('created_time', 'start_time', 'end_time'),
    ...unknown('TEXT', 'pacing_delivery_type', 'placement_group'),
  ],
  ads: [
    ...own(
      'id',
      'name',
      'status',
      'ad_account_id',
      'ad_group_id',
      'pin_id',
      'creative_type',
      'destination_url',
      'review_status',
    ),
    ...times('created_time', 'updated_time'),
    ...unknown('TEXT', 'android_deep_link', 'click_tracking_url', 'ios_deep_link', 'view_tracking_url'),
    ...unknown('BOOLEAN', 'is_pin_deleted', 'is_removable'),
  ],
};

const historyView = (objectType: ObjectType, { table }: Standing): View => ({
  name: `${FIVETRAN_NAMES[objectType]}_history`,
  columns: [...HISTORIES[objectType], synced],
  from: `${table(isListed(objectType) ? objectType : AD_ACCOUNTS.name)} r`,
});

/** The name and the state of a row's object, which the package wants of these levels. */
const NAMED: ReadonlySet<ObjectType> = new Set(['campaigns', 'ad_groups']);

const reportView = (objectType: ObjectType, { table, columns }: Standing): View => {
  const numbers = tableOf({ objectType });
  const held = columns.get(numbers) ?? [];
  const name = FIVETRAN_NAMES[objectType];
  const id = storeName(factsOf(objectType).idColumn);
  const parents = factsOf(objectType).parents.map(storeName);
  const ids = keyColumns(objectType).map(storeName);
  const keys = [
    advertiser,
    ...own(...parents),
    ...(isListed(objectType) ? [column(`${name}_id`, `r.${id}`)] : []),
    ...(NAMED.has(objectType)
      ? [column(`${name}_name`, 'object.name'), column(`${name}_status`, 'object.status')]
      : []),
    // To truncate a date by itself would give it PostgreSQL's time zone.
    column('date', 'r.date::TIMESTAMP'),
  ];
  const metrics = [
    ...REPORT_COLUMNS.map(storeName),
    ...held.filter((each) => isKnownColumn(each.toUpperCase()) && !ids.includes(each)),
  ].filter((each, i, all) => all.indexOf(each) === i && !keys.some((key) => key.name === each));
  const object = NAMED.has(objectType)
    ? ` LEFT JOIN ${table(objectType)} object ON object.ad_account_id = r.ad_account_id AND object.id = r.${id}`
    : '';
  return {
    name: `${name}_report`,
    columns: [
      ...keys,
      ...metrics.map((each) =>
        column(each, held.includes(each) ? `r.${quote(each)}` : 'NULL::DOUBLE PRECISION'),
      ),
      synced,
    ],
    from: `${table(numbers)} r${object}`,
  };
};

export const fivetranViews = (standing: Standing): View[] => [
  ...LEVELS.filter((level) => standing.columns.has(tableOf({ objectType: level }))).map((level) =>
    reportView(level, standing),
  ),
  ...[...OBJECT_TYPES, 'ad_accounts' as const].map((objectType) => historyView(objectType, standing)),
];
