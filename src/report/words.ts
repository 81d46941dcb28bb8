// Numbers, dates and times as a person reads them.
import { dateOf, dayNumber, type DateOnly, type DateRange } from '../dataflow/dates.js';
import type { KeyFigure } from '../dataflow/key-figures.js';

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
const percents = new Intl.NumberFormat('en', { style: 'percent', maximumSignificantDigits: 3 });
const months = new Intl.DateTimeFormat('en', { month: 'short', timeZone: 'UTC' });

/** What stands for a value that is not there. */
export const NOTHING = '–';

/** `1.23M` */
export const compact = (value: number): string => short.format(value);
export const percent = (value: number): string => percents.format(value);

/** Two decimals for money that is small enough to need them. */
export const amount = (value: number | null, { money }: Pick<KeyFigure, 'money'>): string => {
  if (value === null) return NOTHING;
  return money && Math.abs(value) < 100_000
    ? value.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
    : (Number.isInteger(value) || Math.abs(value) >= 1_000 ? whole : fine).format(value);
};

/** Short beside a chart: `12.3K` from 10,000 on. */
export const roughly = (value: number, of: KeyFigure): string =>
  value >= 10_000 ? compact(value) : amount(value, of);

/** A date as charts take it: its midnight in UTC. */
export const atMidnight = (date: DateOnly): Date => new Date(dayNumber(date) * 86_400_000);

/** `Sep`, as the axes of charts have it. */
export const month = (date: DateOnly): string => months.format(atMidnight(date));

/** `28 Nov` */
const dayOfYear = (date: DateOnly): string => `${Number(date.slice(8))}\u00a0${month(date)}`;

/** `28 Nov 2026`, on one line. */
export const day = (date: DateOnly): string => `${dayOfYear(date)}\u00a0${date.slice(0, 4)}`;
/** `28 Nov 2026, 06:39 UTC` */
export const time = (epochMs: number): string =>
  `${day(dateOf(epochMs))}, ${new Date(epochMs).toISOString().slice(11, 16)} UTC`;

/** `1 May – 28 Nov 2026`; both years if they differ. */
export const range = ({ from, to }: DateRange): string => {
  if (from === to) return day(from);
  return `${from.slice(0, 4) === to.slice(0, 4) ? dayOfYear(from) : day(from)} – ${day(to)}`;
};

/** `2 h 5 min`, `12 s`: of something that lasted so long. */
export const duration = (ms: number): string => {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.round(hours / 24)} days`;
};

/** `AGE_BUCKET` → `age bucket`. */
export const inWords = (name: string): string => name.toLowerCase().replaceAll('_', ' ');

/** `a, b and c` */
export const list = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
