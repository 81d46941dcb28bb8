// One line that says how far a run is.
import type { QuotaLimit } from '../quota/limits.js';
import type { DataflowProgress } from '../workflows/progress.js';
import { count, duration, plural } from './words.js';

const BAR = 20;

const bar = (done: number, all: number): string => {
  const filled = all === 0 ? 0 : Math.round((BAR * done) / all);
  return `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)}`;
};

/** The tightest limit, in words: "986 of 1,000 left". */
const quotaLeft = (calls: number, limits: readonly QuotaLimit[]): string => {
  const longest = limits.reduce((a, b) => (b.windowMs > a.windowMs ? b : a));
  return `${count(Math.max(0, longest.calls - calls))} of ${count(longest.calls)} left`;
};

/** `loading ████░░░░ 2 of 3 chunks · 12,345 rows · 11 API calls (989 of 1,000 left) · 0:07` */
export const progressLine = (
  progress: DataflowProgress,
  limits: readonly QuotaLimit[],
  elapsedMs: number,
): string => {
  const { chunks, apiCalls, waiting, paused, phase } = progress;
  const all = chunks.done + chunks.running + chunks.planned;
  const rows = Object.values(progress.rows).reduce((sum, some) => sum + some, 0);
  return [
    paused ? 'paused' : waiting ? `waiting until ${waiting.until.slice(11, 19)} UTC (${waiting.why})` : phase,
    ...(all > 0 ? [`${bar(chunks.done, all)} ${chunks.done} of ${plural(all, 'chunk')}`] : []),
    plural(rows, 'row'),
    ...(progress.rejectedRows > 0 ? [`${plural(progress.rejectedRows, 'row')} rejected`] : []),
    `${plural(apiCalls.total, 'API call')} (${quotaLeft(apiCalls.total, limits)})`,
    duration(elapsedMs),
  ].join(' · ');
};
