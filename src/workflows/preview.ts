// The newest rows that a spec would bring, without anything being written.
import { ApplicationFailure, sleep } from '@temporalio/workflow';
import type { FailureKind } from '../dataflow/failures.js';
import { questions } from './activities.js';
import { ask } from './ask.js';
import type { Preview } from './contract.js';
import { whenAllowed } from './waiting.js';
import { pinned } from './versioning.js';

/** Looks at a report come after 2 s, 4 s, … : some ten minutes in all. */
const FIRST_LOOK_MS = 2_000;
const LOOKS = 8;

/** @param input a dataflow spec of one ad account */
export async function preview(input: unknown): ReturnType<Preview> {
  const { preview, previewReport } = questions();
  let answer = await whenAllowed(() => ask(preview, 'a page of catalogue, the newest numbers', { input }));
  for (let look = 0; 'pending' in answer; look++) {
    if (look === LOOKS) {
      const message = 'Pinterest did not finish the report in ten minutes. Ask again later.';
      throw ApplicationFailure.nonRetryable(message, 'ReportLost' satisfies FailureKind);
    }
    await sleep(FIRST_LOOK_MS * 2 ** look, { summary: 'Pinterest is making the report' });
    const report = answer.pending;
    const summary = 'look whether the report is ready';
    answer = await whenAllowed(() => ask(previewReport, summary, { input, report }));
  }
  return answer;
}

pinned(preview satisfies Preview);
