// The cross-check: what a whole type adds up to in the store, against the ad account's own totals.
import type { Questions } from '../../dataflow/reconcile/questions.js';
import { fetchAccountTotals } from '../../pinterest/analytics.js';
import type { Dependencies } from '../dependencies.js';
import { counts } from '../interceptors/count-calls.js';
import { callerOf } from '../run.js';
import { comparedSpec, type Compared } from './compared.js';

export interface ComparedAccount {
  /** In the order of the columns. */
  store: number[];
  pinterest: number[];
  apiCalls: number;
}

export interface CompareAccountInput {
  compared: Compared;
  account: NonNullable<Questions['account']>;
}

export const compareAccount =
  (dependencies: Dependencies) =>
  async ({ compared, account: asked }: CompareAccountInput): Promise<ComparedAccount> => {
    const { account, credential, columns } = compared;
    const { objectType, from, to } = asked;
    const { attribution } = (await comparedSpec(dependencies, compared)).source;
    const caller = callerOf(dependencies, { dataflow: account.dataflow, credential, class: 'backfill' });
    const { adAccountId } = account;
    const extraction = { adAccountId, from, to, columns, attribution };
    const pinterest = await fetchAccountTotals(dependencies.transport, caller, extraction);
    const store = await dependencies.store.reconciliations.sums(account, objectType, { from, to }, columns);
    return { store, pinterest, apiCalls: counts().apiCalls.total };
  };
