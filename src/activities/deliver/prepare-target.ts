// A target's set-up, before anything is sent: what is missing there is made, and what nobody here brought is not touched.
import { Context } from '@temporalio/activity';
import { KnownError } from '../../dataflow/failures.js';
import type { Dependencies } from '../dependencies.js';
import type { RunRef } from '../run.js';
import { targetOf } from './delivery.js';

/** Of each table, for what has to be tried on rows. */
const SAMPLE_ROWS = 100;

export interface PreparedTarget {
  /** For a person. */
  made: string[];
  /** No row stands there: if it was made anew, more is due than was planned before. */
  empty: boolean;
}

export const prepareTarget =
  (dependencies: Dependencies) =>
  async ({ run, target: index }: { run: RunRef; target: number }): Promise<PreparedTarget> => {
    const { store } = dependencies;
    const { dataflow, adAccountId } = run.place;
    const { spec, target } = await targetOf(dependencies, run, index);
    const tables = await store.partitions.tables(dataflow);
    const line = { account: run.place, runId: run.runId, target: target.name };
    const plan = {
      dataflow,
      adAccountId,
      tables,
      samples: (name: string) =>
        store.partitions.newest(
          run.place,
          tables.find(({ table }) => table === name)!,
          SAMPLE_ROWS,
        ),
      forgetDelivered: () => store.deliveries.forgetDelivered(line),
      signal: Context.current().cancellationSignal,
    };
    const { empty, made } = await store.deliveries.setUpAlone(dataflow, target.name, () =>
      target.prepare(plan),
    );
    // In this order: another ad account's run notes what it brings there before it brings it.
    if (!empty && !spec.adopt && (await store.deliveries.isEmpty(dataflow, target.name))) {
      throw new KnownError(
        'TargetRefused',
        `${target.name} holds rows that this dataflow did not bring: its own would stand beside them. Name an empty ` +
          `one, or say "adopt": true in the target if they are to stay.`,
      );
    }
    return { made: [...made], empty };
  };
