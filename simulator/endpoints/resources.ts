// What the columns mean, and whether a day's numbers are closed.
import type { RequestHandler } from 'express';
import { z } from 'zod';
import { ANALYTICS_COLUMNS, REPORT_COLUMNS } from '../../openapi/reporting-columns.js';
import type { Context } from '../context.js';
import { dayAt, dayOf } from '../truth/calendar.js';
import { date, parseQuery } from '../wire/parameters.js';

const ReadyQuery = z.strictObject({ date });
/** A day closes a day later, its conversions another day later. */
export const getMetricsReadyState =
  ({ settings }: Context): RequestHandler =>
  (request, response) => {
    const age = dayAt(settings.now()) - dayOf(parseQuery(ReadyQuery, request).date);
    response.json({ conversion_metrics_ready: age >= 2, non_conversion_metrics_ready: age >= 1 });
  };

const MetricsQuery = z.strictObject({ report_type: z.enum(['SYNC', 'ASYNC']).optional() });
const COLUMNS = {
  SYNC: ANALYTICS_COLUMNS,
  ASYNC: REPORT_COLUMNS,
  BOTH: [...new Set([...ANALYTICS_COLUMNS, ...REPORT_COLUMNS])],
};

const displayNameOf = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll('_', ' ')
    .replace(/^./, (letter) => letter.toUpperCase());

export const getDeliveryMetrics: RequestHandler = (request, response) => {
  const { report_type = 'BOTH' } = parseQuery(MetricsQuery, request);
  const items = COLUMNS[report_type].map((name) => ({
    category: 'ADS',
    name,
    display_name: displayNameOf(name),
    definition: `${displayNameOf(name)}, as the simulator makes it up.`,
  }));
  response.json({ items });
};
