// How a run that came to its end went.
import { rejectedPercent, type RunStatus } from '../dataflow/flow-run.js';
import { note, type RunState } from './run-state.js';

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
  if (state.stopped && totals.chunks === 0) return 'failed';
  return totals.errors.length > 0 ? 'partial success' : 'success';
};
