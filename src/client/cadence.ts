// How often a dataflow runs: as a person says it, as Temporal's schedules take it, and back.
import type { ScheduleSpec, ScheduleSpecDescription } from '@temporalio/client';
import { didYouMean } from '../dataflow/did-you-mean.js';
import { InvalidSpec, shown } from '../dataflow/invalid-spec.js';

export interface Cadence {
  /** `6h`, `1d`, `90m`, `2w`; `1d` if nothing else is said. */
  every?: string;
  /** `HH:MM`: of each day; for others, where the count begins (UTC). */
  at?: string;
  /** Instead of both: five fields, `0 6 * * 1-5`. */
  cron?: string;
  /** For `at` of each day, and for `cron`: `Europe/Berlin`; UTC if left out. */
  timezone?: string;
}

const MINUTE_MS = 60_000;
const UNITS_MS = { m: MINUTE_MS, h: 60 * MINUTE_MS, d: 1_440 * MINUTE_MS, w: 10_080 * MINUTE_MS } as const;
const DAY_MS = UNITS_MS.d;

/** Starts of many dataflows are spread over so long; over a part of what lies between two, if that is shorter. */
const JITTER_MS = 10 * MINUTE_MS;
const JITTER_PART = 1 / 6;

const refused = (field: string, message: string): InvalidSpec =>
  new InvalidSpec([{ path: `schedule.${field}`, message }], { says: 'The schedule cannot be made' });

const intervalMs = (every: string): number => {
  const [, count, unit] = /^([1-9]\d{0,4})([mhdw])$/.exec(every) ?? [];
  if (count === undefined)
    throw refused('every', `${shown(every)} is no interval: a number and m, h, d or w, e.g. "6h" or "1d"`);
  return Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS];
};

const timeOf = (at: string): { hour: number; minute: number } => {
  const [, hour, minute] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(at) ?? [];
  if (hour === undefined) throw refused('at', `${shown(at)} is no time of day, e.g. "06:30"`);
  return { hour: Number(hour), minute: Number(minute) };
};

const knowsTimezone = (timezone: string): boolean => {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: timezone }));
  } catch {
    return false;
  }
};

const FIELDS = ['every', 'at', 'cron', 'timezone'] as const satisfies readonly (keyof Cadence)[];

/** What comes from JavaScript may be anything. */
const mustBeACadence = (cadence: object): void => {
  for (const [field, value] of Object.entries(cadence)) {
    if (!(FIELDS as readonly string[]).includes(field))
      throw refused(
        field,
        `is no field of a schedule; it has ${FIELDS.join(', ')}.${didYouMean(field, FIELDS)}`,
      );
    if (value !== undefined && typeof value !== 'string') throw refused(field, 'must be a string');
  }
};

/** @throws InvalidSpec that names the field */
export const scheduleSpecOf = (cadence: Cadence): ScheduleSpec => {
  mustBeACadence(cadence);
  const { cron, at, timezone } = cadence;
  if (timezone !== undefined && !knowsTimezone(timezone))
    throw refused('timezone', `${shown(timezone)} is no time zone, e.g. "Europe/Berlin"`);
  const zone = timezone === undefined ? {} : { timezone };
  if (cron !== undefined) {
    if (cadence.every !== undefined || at !== undefined)
      throw refused('cron', 'stands beside "every" or "at"; keep one of them');
    // What is told of it later: Temporal keeps the comment.
    return { cronExpressions: [`${cron.replaceAll('#', '')} # cron ${cron}`], jitter: JITTER_MS, ...zone };
  }
  const every = cadence.every ?? '1d';
  const everyMs = intervalMs(every);
  const jitter = Math.min(JITTER_MS, everyMs * JITTER_PART);
  if (at !== undefined && everyMs === DAY_MS) {
    const comment = `every day at ${at}${timezone ? ` (${timezone})` : ''}`;
    return { calendars: [{ ...timeOf(at), comment }], jitter, ...zone };
  }
  if (timezone !== undefined)
    throw refused(
      'timezone',
      'goes with "cron", or with "at" of every "1d"; other intervals are counted in UTC',
    );
  const { hour, minute } = at === undefined ? { hour: 0, minute: 0 } : timeOf(at);
  const offset = ((hour * 60 + minute) * MINUTE_MS) % everyMs;
  return { intervals: [{ every: everyMs, offset }], jitter };
};

const duration = (ms: number): string => {
  for (const [unit, length] of Object.entries(UNITS_MS).reverse())
    if (unit !== 'w' && ms % length === 0) return `${ms / length}${unit}`;
  return `${Math.round(ms / 1_000)}s`;
};

const clock = (ms: number): string => new Date(ms).toISOString().slice(11, 16);

/** For a person: `every 6h`, `every day at 06:00 (Europe/Berlin)`, `cron 0 6 * * 1`. */
export const cadenceOf = ({ intervals = [], calendars = [] }: Partial<ScheduleSpecDescription>): string => {
  const told = [
    ...intervals.map(({ every, offset }) => {
      const from = every >= DAY_MS && offset ? ` at ${clock(offset)}` : '';
      return `every ${duration(every)}${from}`;
    }),
    ...calendars.map(({ comment }) => comment || 'by calendar'),
  ];
  return told.join(', ') || 'never';
};
