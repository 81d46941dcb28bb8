// Asynchronous reports: asked for, polled, and at last a short-lived URL in storage.
import type { RequestHandler } from 'express';
import { z } from 'zod';
import { REPORT_COLUMNS } from '../../openapi/reporting-columns.js';
import type { Context } from '../context.js';
import { GRANULARITIES } from '../truth/calendar.js';
import type { Level, RowQuery } from '../truth/row.js';
import { checkRange } from '../wire/guardrails.js';
import { ordersOf } from '../wire/inject-faults.js';
import {
  attributionOf,
  bodyAttribution,
  column,
  date,
  id,
  parse,
  parseQuery,
  timeZone,
} from '../wire/parameters.js';
import type { ReportStore } from '../reports.js';
import { readableAccountOf } from './access.js';

const LEVELS = {
  ADVERTISER: 'ad_accounts',
  CAMPAIGN: 'campaigns',
  AD_GROUP: 'ad_groups',
  PIN_PROMOTION: 'ads',
} as const satisfies Record<string, Level>;

const ids = z.array(id).min(1).max(500).optional();

/** What the contract allows beyond this is refused too: an answer that ignored a filter would be a wrong one. */
const ReportBody = z.strictObject({
  start_date: date,
  end_date: date,
  granularity: z.enum(GRANULARITIES),
  level: z.enum(['ADVERTISER', 'CAMPAIGN', 'AD_GROUP', 'PIN_PROMOTION']),
  columns: z.array(column(REPORT_COLUMNS)).transform((names) => [...new Set(names)]),
  ...bodyAttribution,
  attribution_types: z.array(z.enum(['INDIVIDUAL', 'HOUSEHOLD'])).optional(),
  campaign_ids: ids,
  ad_group_ids: ids,
  ad_ids: ids,
  combine_targeting_types: z.literal(false).optional(),
  report_format: z.literal('JSON').optional(),
  primary_sort: z.literal('BY_ID').optional(),
  reporting_timezone: timeZone,
});

/** The objects of the level that all id filters let through; undefined if there is no filter. */
const filteredIds = (
  { generator }: Context,
  accountId: string,
  level: Level,
  { campaign_ids, ad_group_ids, ad_ids }: z.output<typeof ReportBody>,
): ReadonlySet<string> | undefined => {
  if (level === 'ad_accounts' || !(campaign_ids ?? ad_group_ids ?? ad_ids)) return undefined;
  const through = generator
    .objects(accountId)
    .ads.filter(
      (ad) =>
        (campaign_ids?.includes(ad.campaign_id) ?? true) &&
        (ad_group_ids?.includes(ad.ad_group_id) ?? true) &&
        (ad_ids?.includes(ad.id) ?? true),
    );
  return new Set(
    through.map((ad) => ({ campaigns: ad.campaign_id, ad_groups: ad.ad_group_id, ads: ad.id })[level]),
  );
};

export const postReport =
  (context: Context, reports: ReportStore): RequestHandler =>
  (request, response) => {
    const account = readableAccountOf(context, request);
    const body = parse(ReportBody, request.body);
    checkRange('reports', body, context.settings);
    const level = LEVELS[body.level];
    const ids = filteredIds(context, account.id, level, body);
    const query: RowQuery = {
      accountId: account.id,
      objectType: level,
      from: body.start_date,
      to: body.end_date,
      columns: body.columns,
      granularity: body.granularity,
      attribution: attributionOf(body),
      now: context.settings.now(),
      ...(ids && { ids }),
    };
    const token = reports.create(query, ordersOf(response).fate);
    response.json({ report_status: 'IN_PROGRESS', token, message: null });
  };

const PollQuery = z.strictObject({ token: z.string() });

export const getReport =
  (context: Context, reports: ReportStore): RequestHandler =>
  (request, response) => {
    const account = readableAccountOf(context, request);
    const { token } = parseQuery(PollQuery, request);
    const { status, path } = reports.poll(token, account.id);
    const url = path === undefined ? null : `${request.protocol}://${request.headers.host}${path}`;
    response.json({ report_status: status, url, size: null });
  };
