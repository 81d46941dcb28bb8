// The analytics endpoints: a bare array of rows in one answer.
import type { Request, RequestHandler } from 'express';
import { z } from 'zod';
import { ANALYTICS_COLUMNS } from '../../openapi/reporting-columns.js';
import type { Context } from '../context.js';
import { GRANULARITIES } from '../truth/calendar.js';
import type { Level, RowQuery } from '../truth/row.js';
import { checkRange, idsPerCall } from '../wire/guardrails.js';
import { ordersOf } from '../wire/inject-faults.js';
import { spoilRows } from '../wire/malformed.js';
import {
  attributionOf,
  commaSeparated,
  date,
  id,
  parseQuery,
  queryAttribution,
  repeated,
  timeZone,
} from '../wire/parameters.js';
import { badRequest, notFound } from '../wire/refusal.js';
import { rowTexts } from '../wire/row-text.js';
import { readableAccountOf } from './access.js';

/** What all analytics take, those by targeting too. */
export const reportingParameters = {
  start_date: date,
  end_date: date,
  columns: commaSeparated(ANALYTICS_COLUMNS),
  granularity: z.enum(GRANULARITIES),
  reporting_timezone: timeZone,
  ...queryAttribution,
};
const aggregated = { aggregate_report_rows: z.literal('false').optional() };

/** The ids that an endpoint needs, by the level of its rows. */
export const idParameters = {
  ad_accounts: {},
  campaigns: { campaign_ids: repeated(id.max(18), 250) },
  ad_groups: { ad_group_ids: repeated(id, 250) },
  ads: { ad_ids: repeated(id, 250) },
};

const QUERIES = {
  ad_accounts: z.strictObject(reportingParameters),
  campaigns: z.strictObject({ ...reportingParameters, ...aggregated, ...idParameters.campaigns }),
  ad_groups: z.strictObject({ ...reportingParameters, ...aggregated, ...idParameters.ad_groups }),
  ads: z.strictObject({
    ...reportingParameters,
    ad_ids: repeated(id, 250).optional(),
    campaign_ids: repeated(id.max(18), 250).optional(),
    pin_ids: repeated(id, 100).optional(),
  }),
};

type AskedIds = Partial<Record<'campaign_ids' | 'ad_group_ids' | 'ad_ids' | 'pin_ids', string[] | undefined>>;

/** The asked ids, of the level of the rows; undefined for the account itself. */
export const idsOf = (
  { generator, settings }: Context,
  accountId: string,
  level: Level,
  asked: AskedIds,
): ReadonlySet<string> | undefined => {
  if (level === 'ad_accounts') return undefined;
  const objects = generator.objects(accountId);
  const own = { campaigns: asked.campaign_ids, ad_groups: asked.ad_group_ids, ads: asked.ad_ids }[level];
  if (own === undefined) {
    const { campaign_ids, pin_ids } = asked;
    if (!campaign_ids || !pin_ids)
      throw badRequest('Either ad_ids or both campaign_ids and pin_ids are required');
    const ads = objects.ads.filter(
      (ad) => campaign_ids.includes(ad.campaign_id) && pin_ids.includes(ad.pin_id),
    );
    return new Set(ads.map((ad) => ad.id));
  }
  if (own.length > idsPerCall(settings)) throw badRequest(`At most ${idsPerCall(settings)} ids are allowed`);
  const known = new Set(objects[level].map((object) => object.id));
  const unknown = own.find((candidate) => !known.has(candidate));
  if (unknown !== undefined && settings.unknownIds === 'refuse') throw notFound(`Object ${unknown}`);
  return new Set(own);
};

type AnalyticsQuery = z.output<(typeof QUERIES)['ad_accounts']> & AskedIds;

export const rowQueryOf = (
  context: Context,
  request: Request,
  level: Level,
  query: AnalyticsQuery,
): RowQuery => {
  const account = readableAccountOf(context, request);
  checkRange('analytics', query, context.settings);
  const ids = idsOf(context, account.id, level, query);
  return {
    accountId: account.id,
    objectType: level,
    from: query.start_date,
    to: query.end_date,
    columns: query.columns,
    granularity: query.granularity,
    attribution: attributionOf(query),
    now: context.settings.now(),
    ...(ids && { ids }),
  };
};

export const getAnalytics =
  (context: Context, level: Level): RequestHandler =>
  (request, response) => {
    const query = rowQueryOf(context, request, level, parseQuery(QUERIES[level], request));
    const { seed, idsAsNumbers } = context.settings;
    const rows = rowTexts(context.generator.stream(query), {
      level,
      columns: query.columns,
      idsAsNumbers,
      seed,
    });
    const texts = Array.from(spoilRows(rows, ordersOf(response).spoilages), ({ text }) => text);
    response.type('json').send(`[${texts.join(',')}]`);
  };
