// How far a run is, in one line.
import type { DataflowProgress } from '../workflows/contract.js';
import { count, plural } from '../number-words.js';

/** Short enough for the line to fit 80 columns most of the time. */
const BAR = 10;

const bar = (done: number, all: number): string => {
  const filled = all === 0 ? 0 : Math.round((BAR * done) / all);
  return `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)}`;
};

/** `loading ████░░░░ 2 of 3 chunks · 12,345 rows · 11 API calls (989 left)` */
export const progressFacts = (progress: DataflowProgress, callsLeft: number | undefined): string => {
  const { chunks, apiCalls, reports, waiting, paused, phase } = progress;
  const doing = reports ? `${phase}, Pinterest makes ${plural(reports.count, 'report')}` : phase;
  const all = chunks.done + chunks.running + chunks.planned;
  const rows = Object.values(progress.rows).reduce((sum, some) => sum + some, 0);
  return [
    paused ? 'paused' : waiting ? `waiting until ${waiting.until.slice(11, 19)} UTC (${waiting.why})` : doing,
    ...(all > 0 ? [`${bar(chunks.done, all)} ${chunks.done} of ${plural(all, 'chunk')}`] : []),
    plural(rows, 'row'),
    ...(progress.rejectedRows > 0 ? [`${plural(progress.rejectedRows, 'row')} rejected`] : []),
    `${plural(apiCalls.total, 'API call')}${callsLeft === undefined ? '' : ` (${count(callsLeft)} left)`}`,
  ].join(' · ');
};
