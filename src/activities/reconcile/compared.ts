// What the steps of a reconciliation share: what is compared, and what the store knows of it.
import type { DateRange } from '../../dataflow/dates.js';
import type { Need } from '../../dataflow/gaps.js';
import { datasetsOf } from '../../dataflow/need.js';
import type { Dataset } from '../../dataflow/object-types.js';
import type { ReconcileSettings } from '../../dataflow/reconcile/questions.js';
import { dateOf } from '../../dataflow/dates.js';
import type { DataflowSpec } from '../../dataflow/spec.js';
import type { DataflowAccount } from '../../store/store.js';
import type { Dependencies } from '../dependencies.js';
import { needFromStore, scheduledAtMs } from '../run.js';

/** Travels through the workflow to each step. */
export interface Compared {
  account: DataflowAccount;
  credential: string;
  window: DateRange;
  /** As in Pinterest's API. */
  columns: string[];
}

/** The spec of the dataflow's last run, over the dates that are compared. */
export const comparedSpec = async (
  { store }: Dependencies,
  { account, window }: Pick<Compared, 'account' | 'window'>,
): Promise<DataflowSpec> => {
  const claim = await store.claims.of(account);
  return { ...claim!.spec, window };
};

export const settingsOf = (spec: DataflowSpec, columns: readonly string[]): ReconcileSettings => ({
  profile: spec.source.api,
  today: dateOf(scheduledAtMs()),
  columns,
});

/** Of each dataset that Pinterest has totals of. */
export const needsOf = async (
  dependencies: Dependencies,
  account: DataflowAccount,
  spec: DataflowSpec,
): Promise<Need[]> => {
  const needs: Need[] = [];
  for (const dataset of datasetsOf(spec).filter(({ breakdown }) => breakdown === undefined))
    needs.push(await needOfDataset(dependencies, account, spec, dataset));
  return needs;
};

export const needOfDataset = async (
  dependencies: Dependencies,
  account: DataflowAccount,
  spec: DataflowSpec,
  dataset: Dataset,
): Promise<Need> => (await needFromStore(dependencies, account, spec, dataset, scheduledAtMs())).need;
