// What the views for Fivetran's dbt package (`"views": "fivetran"`) can be filled with, and what a dataflow leaves empty in them.
import type { RunError } from './flow-run.js';
import type { ObjectType } from './object-types.js';
import type { DataflowSpec } from './spec.js';

/** The columns of Pinterest's that each `…_report` of the package adds up. */
export const REPORT_COLUMNS = [
  'IMPRESSION_1',
  'IMPRESSION_2',
  'CLICKTHROUGH_1',
  'CLICKTHROUGH_2',
  'SPEND_IN_MICRO_DOLLAR',
  'TOTAL_CONVERSIONS',
  'TOTAL_CONVERSIONS_QUANTITY',
  'TOTAL_CONVERSIONS_VALUE_IN_MICRO_DOLLAR',
] as const;

/** What the package calls the levels. */
export const FIVETRAN_NAMES: Readonly<Record<ObjectType, string>> = {
  ad_accounts: 'advertiser',
  campaigns: 'campaign',
  ad_groups: 'ad_group',
  ads: 'pin_promotion',
};

/** The package takes what is empty for 0, so a run says what is. */
export const emptyInViews = ({ views, source }: DataflowSpec): RunError[] => {
  if (views !== 'fivetran') return [];
  const code = 'NotInViews';
  const absent = Object.entries(FIVETRAN_NAMES).filter(
    ([type]) => !source.objects.some((selection) => selection.type === type),
  );
  const unread = REPORT_COLUMNS.filter((column) => !source.columns.includes(column));
  return [
    ...absent.map(([type, name]) => ({
      code,
      message: `The view ${name}_report is empty: source.objects has no ${type}. Add it for the package's reports of that level.`,
    })),
    ...(unread.length === 0
      ? []
      : [
          {
            code,
            message:
              `The views have no values of ${unread.join(', ')}, which source.columns does not name: the package shows 0 for ` +
              'what is not known. Add the columns, or do not use those numbers.',
          },
        ]),
  ];
};
