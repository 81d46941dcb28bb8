// How a run that came to its end went.
import { rejectedPercent, type RunStatus } from '../dataflow/flow-run.js';
import { note, type RunState } from './run-state.js';

/** Whatever it asked for failed; if it wanted names, the catalogue that would say what to ask for. */
const readNothing = ({ catalogueFailed, stopped, totals }: RunState): boolean =>
  totals.chunks === 0 &&
  (stopped !== null || catalogueFailed === true || totals.errors.some(({ code }) => code === 'NotCurrent'));

/** If too many rows were rejected, notes so in the record. */
export const runOutcome = (state: RunState): RunStatus => {
  const { totals } = state;
  const { errorThresholdPercent } = state.prepared!;
  if (rejectedPercent(totals) > errorThresholdPercent) {
    note(state, {
      code: 'TooManyRejectedRows',
      message:
        `${totals.rejectedRows} of ${totals.inputRows} rows were rejected (${rejectedPercent(totals).toFixed(2)} %), more than ` +
        `errorThresholdPercent, ${errorThresholdPercent}. The good rows are in the store; rejected_rows has the others with reasons.`,
    });
    return 'failed';
  }
  if (readNothing(state)) return 'failed';
  return totals.errors.length > 0 ? 'partial success' : 'success';
};
