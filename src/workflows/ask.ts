// Steps that may come too early, for the quota or for a report that is still being made: that is an answer, not a failure, and
// the workflow waits on a timer of its own.
import type { ActivityOptions } from '@temporalio/workflow';
import type { Patience, TooEarly } from '../activities/interceptors/map-failures.js';
import type { Prepared } from '../activities/prepare-run.js';
import { CameTooEarly } from './failures.js';

interface Step<Input, Output> {
  executeWithOptions(options: ActivityOptions, args: [Input]): Promise<Output>;
}

const answerOf = <Output>(answer: Output | TooEarly): Output => {
  if (typeof answer === 'object' && answer !== null && 'tooEarly' in answer)
    throw new CameTooEarly(answer.tooEarly);
  return answer;
};

/**
 * Runs a step.
 *
 * @param prepared of the run whose step it is, if it is one's: one that an earlier version prepared has the step fail, as it knows it.
 *   Replayed: of such a run nothing more is awaited than was
 * @throws CameTooEarly, which `failureOf` reads like a failure
 */
export const ask = <Input extends object, Output>(
  step: Step<Input, Output>,
  summary: string,
  input: Input,
  prepared: Pick<Prepared, 'patient'> = { patient: true },
): Promise<Output> => {
  if (!prepared.patient) return step.executeWithOptions({ summary }, [input]);
  const asked: Input & Patience = { ...input, mayBeTooEarly: true };
  return step.executeWithOptions({ summary }, [asked]).then(answerOf);
};
