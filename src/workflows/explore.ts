// What there is to read: ad accounts, or an ad account's objects.
import { questions } from './activities.js';
import type { Explore } from './contract.js';
import { whenAllowed } from './waiting.js';
import { pinned } from './versioning.js';

/** @param input `{ connection, type?, names?, statuses?, limit? }` */
export async function explore(input: unknown): ReturnType<Explore> {
  const summary = 'read pages until so many match';
  return whenAllowed(() => questions().explore.executeWithOptions({ summary }, [{ input }]));
}

pinned(explore satisfies Explore);
