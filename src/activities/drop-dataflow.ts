// Takes everything that the store holds of a dataflow out of it.
import { InvalidSpec } from '../dataflow/invalid-spec.js';
import type { Dependencies } from './dependencies.js';
import { isOpen } from './prepare-run.js';

/** Does nothing if the store has no such dataflow. */
export const dropDataflow =
  ({ store, temporal }: Pick<Dependencies, 'store' | 'temporal'>) =>
  async ({ name }: { name: string }): Promise<{ dropped: boolean }> => {
    if (!(await store.holdings.names()).includes(name)) return { dropped: false };
    for (const claim of await store.claims.all(name)) {
      if (!claim.open || !(await isOpen(temporal, claim))) continue;
      const message = `is being run by ${claim.workflowId}; cancel that run, or wait for its end, before its data is deleted`;
      throw new InvalidSpec([{ path: 'name', message }], { says: 'The data cannot be deleted' });
    }
    await store.schemas.drop(name);
    return { dropped: true };
  };
