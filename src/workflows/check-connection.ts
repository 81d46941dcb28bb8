// Whether a token reads an ad account, and if it does not, what is missing.
import { questions } from './activities.js';
import { ask } from './ask.js';
import type { CheckConnection } from './contract.js';
import { failureOf } from './failures.js';
import { whenAllowed } from './waiting.js';
import { pinned } from './versioning.js';

/** @param input `{ connection: { adAccountId?, credential? } }` */
export async function checkConnection(input: unknown): ReturnType<CheckConnection> {
  const summary = 'ask for the ad account and the user';
  let spent = 0;
  return whenAllowed(async () => {
    try {
      return await ask(questions().checkConnection, summary, { input, spent });
    } catch (error) {
      spent += failureOf(error).apiCalls.total;
      throw error;
    }
  });
}

pinned(checkConnection satisfies CheckConnection);
