// What there is to read: ad accounts, or an ad account's objects.
import { questions } from './activities.js';
import { ask } from './ask.js';
import type { Explore } from './contract.js';
import { whenAllowed } from './waiting.js';
import { pinned } from './versioning.js';

/** @param input `{ connection, type?, names?, statuses?, limit? }` */
export async function explore(input: unknown): ReturnType<Explore> {
  const summary = 'read pages until so many match';
  return whenAllowed(() => ask(questions().explore, summary, { input }));
}

pinned(explore satisfies Explore);
