// How far back and how wide a request may reach. The limits are the server's: what lies exactly on one is let through.
import type { SimulatorSettings } from '../settings.js';
import { dayAt, dayOf, type Granularity } from '../truth/calendar.js';
import { badRequest } from './refusal.js';

interface Limits {
  /** Days before today. */
  back: number;
  /** Days from the start date to the end date. */
  range: number;
}

const HOUR: Limits = { back: 8, range: 3 };
const REPORTS: Limits = { back: 914, range: 186 };
const ANALYTICS: Record<SimulatorSettings['profile'], Limits & { ids: number }> = {
  current: { back: 90, range: 90, ids: 250 },
  'v5-2023': { back: 914, range: 186, ids: 100 },
};

export const idsPerCall = ({ profile }: SimulatorSettings): number => ANALYTICS[profile].ids;

export interface AskedRange {
  start_date: string;
  end_date: string;
  granularity: Granularity;
}

export const checkRange = (
  method: 'analytics' | 'reports',
  { start_date, end_date, granularity }: AskedRange,
  { profile, now }: SimulatorSettings,
): void => {
  const limits = granularity === 'HOUR' ? HOUR : method === 'reports' ? REPORTS : ANALYTICS[profile];
  const [start, end] = [dayOf(start_date), dayOf(end_date)];
  if (start > end) throw badRequest('start_date must not be after end_date');
  if (start < dayAt(now()) - limits.back)
    throw badRequest(`You can only get data from the last ${limits.back} days`);
  if (end - start > limits.range)
    throw badRequest(`The date range must not be longer than ${limits.range} days`);
};
