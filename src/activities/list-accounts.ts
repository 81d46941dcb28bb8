// The first step of a run of several ad accounts: check the spec, say which ad accounts it means.
import { dateOf } from '../dataflow/dates.js';
import type { ApiCalls, RunError } from '../dataflow/flow-run.js';
import { tellProblems } from '../dataflow/list-problems.js';
import { parseAnySpec } from '../dataflow/parse-spec.js';
import { isOfOneAccount } from '../dataflow/spec.js';
import { fetchAdAccountIds } from '../pinterest/accounts.js';
import { PinterestError } from '../pinterest/errors.js';
import type { Dependencies } from './dependencies.js';
import { counts } from './interceptors/count-calls.js';
import { callerOf, scheduledAtMs } from './run.js';

export interface ListedAccounts {
  dataflow: string;
  adAccountIds: string[];
  apiCalls: ApiCalls;
  /** What was wrong with Pinterest's list of them; earlier versions told nothing. */
  errors?: RunError[];
  /** The server knows the search attributes of runs; earlier versions set none. */
  searchAttributes?: true;
}

export const listAccounts =
  (dependencies: Dependencies) =>
  async ({ spec: input }: { spec: unknown }): Promise<ListedAccounts> => {
    const spec = parseAnySpec(input, {
      credentials: await dependencies.credentials.names(),
      missingVariables: dependencies.targets.missing,
      today: dateOf(scheduledAtMs()),
    });
    const listed = (adAccountIds: string[], errors: RunError[] = []): ListedAccounts => ({
      dataflow: spec.name,
      adAccountIds,
      apiCalls: counts().apiCalls,
      errors,
      ...(dependencies.searchAttributes && { searchAttributes: true }),
    });
    if (isOfOneAccount(spec)) return listed([spec.connection.adAccountId]);
    const { adAccountIds, credential } = spec.connection;
    if (adAccountIds !== 'all') return listed(adAccountIds);
    const caller = callerOf(dependencies, { dataflow: spec.name, credential });
    try {
      const { ids, problems } = await fetchAdAccountIds(dependencies.transport, caller);
      const errors = tellProblems('ad accounts', problems);
      if (ids.length > 0) return listed(ids, errors);
      if (errors.length > 0)
        throw new PinterestError('ContractViolation', errors[0]!.message, { retried: 'once' });
    } finally {
      await caller.gate.end();
    }
    throw new PinterestError(
      'AccessDenied',
      `The token of the credential ${JSON.stringify(credential)} may read no ad account. Give its user a role on one ` +
        '(Business Access), or use another credential.',
    );
  };
