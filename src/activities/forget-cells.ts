// Forgets cells: the next run reads them again; rows stay until they are replaced.
import { Context } from '@temporalio/activity';
import { didYouMean } from '../dataflow/did-you-mean.js';
import { forget } from '../dataflow/forget.js';
import { InvalidSpec, shown } from '../dataflow/invalid-spec.js';
import { parseForget } from '../dataflow/parse-question.js';
import type { Dependencies } from './dependencies.js';

export interface Forgotten {
  /** Cells that were held and are stale now. */
  cells: number;
}

const refused = (path: string, message: string): InvalidSpec =>
  new InvalidSpec([{ path, message }], { says: 'forget cannot run with this input' });

export const forgetCells =
  ({ store }: Pick<Dependencies, 'store'>) =>
  async ({ input }: { input: unknown }): Promise<Forgotten> => {
    const {
      name,
      adAccountId,
      objectType,
      breakdown,
      ids = null,
      from = null,
      to = null,
    } = parseForget(input);
    if (from !== null && to !== null && from > to) throw refused('to', `${to} lies before from, ${from}`);
    const names = await store.holdings.names();
    if (!names.includes(name))
      throw refused('name', `no dataflow ${shown(name)} is in this store.${didYouMean(name, names)}`);
    const held = await store.cells.held(name);
    const accounts = [...new Set(held.map((one) => one.adAccountId))];
    if (adAccountId !== undefined && !accounts.includes(adAccountId))
      throw refused(
        'adAccountId',
        `${name} holds nothing of ${adAccountId}; it holds ${accounts.join(', ')}`,
      );
    // The same in each attempt: what an earlier one has forgotten is counted again.
    const atMs = Context.current().info.scheduledTimestampMs;
    let cells = 0;
    for (const { adAccountId: id, dataset } of held) {
      if (adAccountId !== undefined && id !== adAccountId) continue;
      if (objectType !== undefined && dataset.objectType !== objectType) continue;
      if (breakdown !== undefined && dataset.breakdown !== breakdown) continue;
      const account = { dataflow: name, adAccountId: id };
      const objects = await store.catalogue.objects(account, dataset.objectType);
      cells += await store.cells.forget(account, dataset, (coverage) =>
        forget(coverage, objects, { ids, from, to }, atMs),
      );
    }
    return { cells };
  };
