// Whether a token reads an ad account, and if it does not, what is missing.
import { questions } from './activities.js';
import { ask } from './ask.js';
import type { CheckConnection } from './contract.js';
import { whenAllowed } from './waiting.js';
import { pinned } from './versioning.js';

/** @param input `{ connection: { adAccountId?, credential? } }` */
export async function checkConnection(input: unknown): ReturnType<CheckConnection> {
  const summary = 'ask for the ad account and the user';
  return whenAllowed(() => ask(questions().checkConnection, summary, { input }));
}

pinned(checkConnection satisfies CheckConnection);
