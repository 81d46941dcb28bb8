// The ad account and its catalogue, if they are due: a short wait for the quota is worth it, a long one postpones them.
import { ruleOf } from '../dataflow/failures.js';
import { pinterest } from './activities.js';
import { ask } from './ask.js';
import { endOfRun, failureOf, isRefusal, type Refusal } from './failures.js';
import { whileStoreIsLocked, type Waits } from './waiting.js';
import { note, spend, type RunState } from './run-state.js';

/** A wait this short is worth it: with the catalogue, cells may be read by fewer calls than by reports. */
const PATIENCE_MS = 300_000;

/**
 * If it has to wait long for the quota, returns the refusal: a report that names no ids need not wait along.
 * @param onlyTurnedUp reads again only what has rows of ids that the catalogue lacks
 * @throws ApplicationFailure if the whole run cannot go on
 */
export const readCatalogue = async (
  state: RunState,
  waits: Waits,
  onlyTurnedUp: boolean,
): Promise<Refusal | null> => {
  try {
    const prepared = state.prepared!;
    const summary = onlyTurnedUp
      ? 'look up ids that are new'
      : 'ad account and catalogue, where they are due';
    const { apiCalls, errors = [] } = await whileStoreIsLocked(waits, () =>
      ask(pinterest.refreshCatalogue, summary, { run: prepared.run, onlyTurnedUp }, prepared),
    );
    spend(state, apiCalls);
    for (const problem of errors) note(state, problem);
  } catch (error) {
    const failure = failureOf(error);
    spend(state, failure.apiCalls);
    const { kind, code, message, unreachable } = failure;
    if (isRefusal(failure)) {
      if (failure.retryAtMs - Date.now() > PATIENCE_MS) return failure;
      await waits.waitForQuota(failure);
      return readCatalogue(state, waits, onlyTurnedUp);
    }
    if (ruleOf(kind).fault !== 'pinterest' || unreachable) throw endOfRun(failure);
    note(state, { code, message });
    state.catalogueFailed = true;
  }
  state.catalogueRead = true;
  return null;
};
