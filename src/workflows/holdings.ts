// What the store holds, for the client, which does not reach the store by itself.
import { holdings } from './activities.js';
import type { DescribeDataflow, DropDataflow, ListDataflows } from './contract.js';
import { asApplicationFailure } from './failures.js';
import { pinned } from './versioning.js';

const asked = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw asApplicationFailure(error);
  }
};

export async function describeDataflow(name: string, scheduled?: unknown): ReturnType<DescribeDataflow> {
  return asked(() => holdings().describeDataflow({ name, ...(scheduled !== undefined && { scheduled }) }));
}

export async function listDataflows(): ReturnType<ListDataflows> {
  return asked(() => holdings().listDataflows());
}

export async function dropDataflow(name: string): ReturnType<DropDataflow> {
  return asked(() => holdings().dropDataflow({ name }));
}

pinned(describeDataflow satisfies DescribeDataflow);
pinned(listDataflows satisfies ListDataflows);
pinned(dropDataflow satisfies DropDataflow);
