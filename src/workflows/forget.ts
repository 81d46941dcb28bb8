// Makes cells stale: the next run reads them again; rows stay until they are replaced.
import { holdings } from './activities.js';
import type { Forget } from './contract.js';
import { asApplicationFailure } from './failures.js';
import { pinned } from './versioning.js';

/** @param input `{ name, adAccountId?, objectType?, ids?, from?, to? }` */
export async function forget(input: unknown): ReturnType<Forget> {
  try {
    return await holdings().forgetCells.executeWithOptions({ summary: 'make cells stale' }, [{ input }]);
  } catch (error) {
    throw asApplicationFailure(error);
  }
}

pinned(forget satisfies Forget);
