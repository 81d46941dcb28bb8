// The shapes of parameters as the contract gives them. What it does not know or allow is refused.
import type { Request } from 'express';
import { z } from 'zod';
import type { Attribution } from '../truth/read-day.js';
import { badRequest } from './refusal.js';
import { queryOf } from './request-log.js';

const WINDOW_DAYS = [0, 1, 7, 14, 30, 60] as const;

export const date = z.iso.date();
export const id = z.string().regex(/^\d+$/, 'must be digits');

/** Repeated keys, as in `ad_ids=1&ad_ids=2`. */
export const repeated = <T extends z.ZodType>(item: T, max: number) =>
  z.preprocess((value) => (value === undefined ? value : [value].flat()), z.array(item).min(1).max(max));

/** A name out of a list too long to be repeated in a refusal. */
export const column = (choices: readonly string[]) =>
  z.enum(choices, { error: ({ input }) => `${String(input)} is not known here` });

/** One key, as in `columns=A,B`. */
export const commaSeparated = (choices: readonly string[], max = Infinity) =>
  z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(column(choices)).min(1).max(max))
    .transform((names) => [...new Set(names)]);

export const queryNumber = (min: number, max: number) =>
  z.string().regex(/^\d+$/, 'must be a whole number').transform(Number).pipe(z.number().min(min).max(max));

const queryWindow = (byDefault: number) =>
  z.enum(WINDOW_DAYS.map(String)).transform(Number).default(byDefault);
const bodyWindow = (byDefault: (typeof WINDOW_DAYS)[number]) => z.literal(WINDOW_DAYS).default(byDefault);

const reportTime = z.enum(['TIME_OF_AD_ACTION', 'TIME_OF_CONVERSION']).default('TIME_OF_AD_ACTION');
export const timeZone = z.enum(['PINTEREST_TIME_ZONE', 'AD_ACCOUNT_TIME_ZONE']).optional();

export const queryAttribution = {
  click_window_days: queryWindow(30),
  engagement_window_days: queryWindow(30),
  view_window_days: queryWindow(1),
  conversion_report_time: reportTime,
};
export const bodyAttribution = {
  click_window_days: bodyWindow(30),
  engagement_window_days: bodyWindow(30),
  view_window_days: bodyWindow(1),
  conversion_report_time: reportTime,
};

export const attributionOf = (given: {
  click_window_days: number;
  engagement_window_days: number;
  view_window_days: number;
  conversion_report_time: Attribution['reportTime'];
}): Attribution => ({
  click: given.click_window_days,
  engagement: given.engagement_window_days,
  view: given.view_window_days,
  reportTime: given.conversion_report_time,
});

export const parse = <T extends z.ZodType>(schema: T, given: unknown): z.output<T> => {
  const { success, data, error } = schema.safeParse(given);
  if (success) return data;
  throw badRequest(
    `Invalid parameters: ${error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}`,
  );
};

export const parseQuery = <T extends z.ZodType>(schema: T, request: Request): z.output<T> => {
  const query = queryOf(request);
  const given = [...new Set(query.keys())].map((key) => {
    const values = query.getAll(key);
    return [key, values.length > 1 ? values : values[0]] as const;
  });
  return parse(schema, Object.fromEntries(given));
};
