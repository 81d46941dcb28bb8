// Analytics broken down by targeting: the rows of plain analytics, split over the values of each type.
import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { Context } from '../context.js';
import type { RowGenerator } from '../generator.js';
import { hashText } from '../truth/hash.js';
import type { Level, RowQuery } from '../truth/row.js';
import { ordersOf } from '../wire/inject-faults.js';
import { spoilRows } from '../wire/malformed.js';
import { commaSeparated, parseQuery } from '../wire/parameters.js';
import { idParameters, reportingParameters, rowQueryOf } from './analytics.js';

const TYPES =
  `KEYWORD APPTYPE GENDER LOCATION PLACEMENT COUNTRY TARGETED_INTEREST PINNER_INTEREST AUDIENCE_INCLUDE
  GEO AGE_BUCKET REGION AGE_BUCKET_AND_GENDER`.split(/\s+/);
const VALUES: Record<string, string[]> = {
  GENDER: ['female', 'male', 'unknown'],
  AGE_BUCKET: ['18-24', '25-34', '35-44', '45-49', '50-54', '55-64', '65+'],
  APPTYPE: ['iphone', 'ipad', 'android_mobile', 'web'],
  PLACEMENT: ['SEARCH', 'BROWSE', 'OTHER'],
  COUNTRY: ['US', 'CA'],
  REGION: ['US-CA', 'US-NY', 'US-TX'],
};
const OTHER_VALUES = ['first', 'second'];

const targetingTypes = (max: number, ...more: string[]) => ({
  targeting_types: commaSeparated([...TYPES, ...more], max),
  attribution_types: commaSeparated(['INDIVIDUAL', 'HOUSEHOLD'], 2).optional(),
});
const QUERIES = {
  ad_accounts: z.strictObject({ ...reportingParameters, ...targetingTypes(15) }),
  campaigns: z.strictObject({
    ...reportingParameters,
    ...idParameters.campaigns,
    ...targetingTypes(14, 'CREATIVE_TYPE', 'AUDIENCE_MULTIPLIER'),
  }),
  ad_groups: z.strictObject({
    ...reportingParameters,
    ...idParameters.ad_groups,
    ...targetingTypes(14, 'CREATIVE_ENHANCEMENTS'),
  }),
  ads: z.strictObject({ ...reportingParameters, ...idParameters.ads, ...targetingTypes(14, 'QUIZ_RESULT') }),
};
const OWN_ID = {
  ad_accounts: 'AD_ACCOUNT_ID',
  campaigns: 'CAMPAIGN_ID',
  ad_groups: 'AD_GROUP_ID',
  ads: 'AD_ID',
};

/** The rows of plain analytics as those of one targeting type. */
export const breakDown = (generator: RowGenerator, query: RowQuery, type: string) => {
  const names = VALUES[type] ?? OTHER_VALUES;
  return generator.rows({ ...query, parts: names.length }).flatMap(({ parts = [], ...row }) =>
    parts.map((values, place) => ({
      ...row,
      level: query.objectType,
      targeting_type: type,
      targeting_value: names[place]!,
      values,
    })),
  );
};

/** The metrics of a row, its own id first: in some rows a number, in others a text. */
const metricsText = (
  row: ReturnType<typeof breakDown>[number],
  { seed, idsAsNumbers }: Context['settings'],
): string => {
  const { id, level, date, hour, values } = row;
  const own = OWN_ID[level];
  const text = JSON.stringify({
    [own]: id,
    ...(date && { DATE: date }),
    ...(hour !== undefined && { HOUR: hour }),
    ...values,
  });
  const asNumber = idsAsNumbers && hashText(id + (date ?? ''), seed) % 4 === 0;
  return asNumber ? text.replace(`"${own}":"${id}"`, `"${own}":${id}`) : text;
};

export const getTargetingAnalytics =
  (context: Context, level: Level): RequestHandler =>
  (request, response) => {
    const { settings, generator } = context;
    const query = parseQuery(QUERIES[level], request);
    const rows = rowQueryOf(context, request, level, query);
    const data = query.targeting_types.flatMap((type) => breakDown(generator, rows, type));
    const metrics = data.map((row) => ({ id: row.id, text: metricsText(row, settings) }));
    const spoilt = Array.from(spoilRows(metrics, ordersOf(response).spoilages), ({ text }, i) => {
      const { targeting_type, targeting_value } = data[i]!;
      return `${JSON.stringify({ targeting_type, targeting_value }).slice(0, -1)},"metrics":${text}}`;
    });
    response.type('json').send(`{"data":[${spoilt.join(',')}]}`);
  };
