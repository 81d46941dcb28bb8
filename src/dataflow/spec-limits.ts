// What no method of Pinterest's API can read: named with the limit, the value and the nearest valid one.
import type { Method } from './chunk.js';
import { methodReads } from './columns.js';
import { daysIn } from './dates.js';
import { furthestDate, limitsOf } from './guardrails.js';
import type { SpecProblem } from './invalid-spec.js';
import type { DataflowSpec } from './spec.js';
import { periodsIn } from './window.js';

export const isBrokenDown = ({ objects }: Pick<DataflowSpec['source'], 'objects'>): boolean =>
  objects.some(({ breakdowns = [] }) => breakdowns.length > 0);

/** A window that all methods of a spec's datasets reach. */
export const defaultBackfillDays = (
  source: Pick<DataflowSpec['source'], 'objects' | 'granularity' | 'api'>,
): number => {
  if (source.granularity === 'HOUR') return 8;
  const { daysBack } = limitsOf(source.api, 'analytics', source.granularity);
  return isBrokenDown(source) ? Math.min(186, daysBack) : 186;
};

/** Why no method reads the columns. */
const columnProblems = (columns: readonly string[], methods: readonly Method[]): SpecProblem[] => {
  if (methods.some((method) => methodReads(method, columns))) return [];
  const onlyAnalytics = !methods.includes('report');
  const [method, others] = onlyAnalytics ? (['analytics', 'reports'] as const) : (['report', ''] as const);
  const alone = columns.filter((column) => !methodReads(method, [column]));
  const message = onlyAnalytics
    ? `${alone.join(', ')} can be read from ${others} only, which break nothing down. Read breakdowns with a dataflow of ` +
      'their own, without it.'
    : `${alone.join(', ')} can be read from the analytics endpoints only, and other columns of this spec from ` +
      `reports only. Read them with two dataflows.`;
  return [{ path: `source.columns[${columns.indexOf(alone[0]!)}]`, message }];
};

export const limitProblems = (
  spec: Pick<DataflowSpec, 'source' | 'window'>,
  today: string,
): SpecProblem[] => {
  const { granularity, columns, api, backfillDays } = spec.source;
  const brokenDown = isBrokenDown(spec.source);
  // All datasets of a spec have one window: that of those which the fewest methods read.
  const possible: readonly Method[] = brokenDown ? ['analytics'] : ['analytics', 'report'];
  const unread = columnProblems(columns, possible);
  if (unread.length > 0) return unread;
  const methods = possible.filter((method) => methodReads(method, columns));
  const limits = methods.map((method) => limitsOf(api, method, granularity));
  const daysBack = Math.max(...limits.map((limit) => limit.daysBack));
  // A TOTAL is never cut, so its whole window must fit one call.
  const most =
    granularity === 'TOTAL'
      ? Math.min(daysBack, Math.max(...limits.map((limit) => limit.rangeDays)))
      : daysBack;
  const problems: SpecProblem[] = [];
  const reach = (days: number): string =>
    `Pinterest lets ${granularity} numbers${brokenDown ? ' by breakdowns' : ''} be read ${days} days back, today included (profile "${api}")`;
  if (backfillDays > most) {
    problems.push({
      path: 'source.backfillDays',
      message: `${backfillDays} is too many: ${reach(most)}. Use ${most} or less.`,
    });
  }
  const least = granularity === 'WEEK' ? 7 : granularity === 'MONTH' ? 31 : 1;
  if (backfillDays < least) {
    problems.push({
      path: 'source.backfillDays',
      message: `${backfillDays} is too few: it may hold no whole ${granularity}. Use ${least} or more.`,
    });
  }
  if (!spec.window) return problems;

  const { from, to } = spec.window;
  const earliest = furthestDate(today, daysBack);
  if (from > to) {
    problems.push({ path: 'window.from', message: `${from} is after window.to, ${to}` });
  } else if (to > today) {
    problems.push({ path: 'window.to', message: `${to} lies in the future; today is ${today} (UTC)` });
  } else if (from < earliest) {
    problems.push({
      path: 'window.from',
      message: `${from} is too far back: ${reach(daysBack)}. The earliest date is ${earliest}.`,
    });
  } else if (granularity === 'TOTAL' && daysIn(spec.window) > most) {
    problems.push({
      path: 'window',
      message: `${daysIn(spec.window)} dates are too many for a TOTAL, which is one call: at most ${most}`,
    });
  } else if (periodsIn(spec.window, granularity, today).length === 0) {
    problems.push({
      path: 'window',
      message: `holds no whole ${granularity === 'MONTH' ? 'month' : 'ISO week (Monday to Sunday)'}`,
    });
  }
  return problems;
};

/** Views of numbers by day need such numbers. */
export const viewProblems = ({ views, source }: Pick<DataflowSpec, 'views' | 'source'>): SpecProblem[] => {
  if (views === undefined || source.granularity === 'DAY' || source.granularity === 'HOUR') return [];
  const message =
    `"${views}" is by day, and numbers by ${source.granularity} would stand there as if they were of one; ` +
    'leave it out, or read by DAY';
  return [{ path: 'views', message }];
};
