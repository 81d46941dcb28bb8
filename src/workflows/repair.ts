// Reads again the cells that were noted as incomplete, and nothing else: a run's convergence under the dataflow's claim.
import { workflowInfo } from '@temporalio/workflow';
import type { Compared } from '../activities/reconcile/compared.js';
import { reconciling, store } from './activities.js';
import { loadOne } from './load-one.js';
import type { RunState } from './run-state.js';
import { type Waits, whileStoreIsLocked } from './waiting.js';

const ANOTHER_RUN_POLL_MS = 15_000;
const ANOTHER_RUN_LONGEST_POLL_MS = 300_000;

/** Claims the dataflow, once no other run holds it. */
const claim = async (compared: Compared, state: RunState, waits: Waits): Promise<void> => {
  const runId = workflowInfo().firstExecutionRunId;
  const summary = 'claim the dataflow';
  for (let pauseMs = ANOTHER_RUN_POLL_MS; ; pauseMs = Math.min(2 * pauseMs, ANOTHER_RUN_LONGEST_POLL_MS)) {
    state.prepared = await whileStoreIsLocked(waits, () =>
      reconciling().claimRepair.executeWithOptions({ summary }, [{ compared, runId }]),
    );
    const { heldBy } = state.prepared;
    if (heldBy === undefined) return;
    await waits.wait(Date.now() + pauseMs, `the workflow ${heldBy} runs this dataflow`);
  }
};

/**
 * @returns whether all of them were read
 * @throws ApplicationFailure if it cannot go on
 */
export const repairNoted = async (compared: Compared, state: RunState, waits: Waits): Promise<boolean> => {
  await claim(compared, state, waits);
  while (!state.stopped) {
    const { failed, toSplit, reportsLoaded } = state;
    const plan = await whileStoreIsLocked(waits, () =>
      store().planChunks.executeWithOptions({ summary: 'what differs and was not read again yet' }, [
        { run: state.prepared!.run, failed, toSplit, reportsLoaded },
      ]),
    );
    state.toSplit = [];
    state.failed.push(...plan.uncuttable);
    if (plan.chunks.length === 0)
      return !plan.errors.some(({ code }) => code === 'NotCurrent' || code === 'OutOfReach');
    for (const chunk of plan.chunks) if (!state.stopped) await loadOne(state, waits, chunk);
  }
  return false;
};
