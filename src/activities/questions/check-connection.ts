// Whether a token reads an ad account, and if it does not, what is missing: two calls, three at most, whatever happens.
import type { Expiry } from '../../credentials/credentials.js';
import { parseCheck } from '../../dataflow/parse-question.js';
import { fetchAdAccount, fetchAdAccountsPage, type AdAccount } from '../../pinterest/accounts.js';
import { fetchCataloguePage } from '../../pinterest/catalogue.js';
import type { Caller } from '../../pinterest/transport.js';
import { fetchUser, type User } from '../../pinterest/user.js';
import type { Dependencies } from '../dependencies.js';
import { counts } from '../interceptors/count-calls.js';
import {
  asking,
  GET_A_TOKEN,
  roleMissing,
  ROLES_THAT_SUFFICE,
  telling,
  type Asked,
  type Problem,
} from './answer.js';
import { withinCalls } from './few-calls.js';

export interface ConnectionCheck {
  /** There are no problems. */
  ok: boolean;
  /** The name of the credential that was asked with. */
  credential: string;
  /** Null if the token may not say so (scope user_accounts:read, which no dataflow needs), or no call was left to ask. */
  user: User | null;
  /** Null if none was asked for, or it cannot be read. */
  adAccount: AdAccount | null;
  /** ISO times; null if they are not known: a token that was set in the environment does not say. */
  credentialExpires: Expiry | null;
  problems: Problem[];
  apiCalls: number;
}

const READING_ROLES = new Set(['OWNER', 'ADMIN', 'ANALYST', 'CAMPAIGN_MANAGER']);

type AccountCheck = { adAccount: AdAccount | null; problem?: Problem | undefined };

/** Whoever has a budget of a few calls can rely on it. */
const MOST_CALLS = 3;
/** Failures are told at once: calls are few. */
const ONE_TRY = 1;

/** The ad account's roles say whether its numbers may be read; if Pinterest tells none, a list of it does. */
const mayRead = async (
  { transport }: Dependencies,
  caller: Caller,
  asked: Asked,
  { id, permissions }: AdAccount,
): Promise<Problem | undefined> => {
  if (permissions.length > 0)
    return permissions.some((role) => READING_ROLES.has(role.toUpperCase()))
      ? undefined
      : roleMissing(id, permissions);
  const list = () => fetchCataloguePage(transport, caller, id, 'campaigns', { bookmark: null });
  const read = await telling(asked, list, ONE_TRY);
  return 'problem' in read ? read.problem : undefined;
};

/** A token of which no ad account is asked for has to read one at least. */
const readsAny = async ({ transport }: Dependencies, caller: Caller, asked: Asked): Promise<AccountCheck> => {
  const listed = await telling(asked, () => fetchAdAccountsPage(transport, caller, null), ONE_TRY);
  if ('problem' in listed) return { adAccount: null, problem: listed.problem };
  if (listed.answer.items.length > 0) return { adAccount: null };
  const message = `The token's user has no role on any ad account. It needs to be ${ROLES_THAT_SUFFICE} of one; an admin of the ad account gives the role in Business Manager (business.pinterest.com).`;
  return { adAccount: null, problem: { code: 'RoleMissing', message } };
};

/** A refusal that does not say what is missing: the list of ad accounts needs the same scope, and no role. */
const roleOrScope = async (
  { transport }: Dependencies,
  caller: Caller,
  { credential }: Asked,
  problem: Problem,
): Promise<Problem> => {
  if (problem.code !== 'RoleMissing') return problem;
  const listed = await telling({ credential }, () => fetchAdAccountsPage(transport, caller, null), ONE_TRY);
  return 'problem' in listed && listed.problem.code === 'ScopeMissing' ? listed.problem : problem;
};

const checkAdAccount = async (
  dependencies: Dependencies,
  caller: Caller,
  asked: Asked,
): Promise<AccountCheck> => {
  const { adAccountId } = asked;
  if (adAccountId === undefined) return readsAny(dependencies, caller, asked);
  const fetch = () => fetchAdAccount(dependencies.transport, caller, adAccountId);
  const read = await telling(asked, fetch, ONE_TRY);
  if ('problem' in read) {
    const problem = await roleOrScope(dependencies, caller, asked, read.problem);
    return { adAccount: null, problem };
  }
  return { adAccount: read.answer, problem: await mayRead(dependencies, caller, asked, read.answer) };
};

/** Whoever the token is of: no problem if it does not say, or if no call is left. */
const userOf = ({ transport }: Dependencies, caller: Caller): Promise<User | null> =>
  fetchUser(transport, caller).catch(() => null);

/** A token that knows its user and no ads is the one of Pinterest's developer page. */
const named = (problem: Problem, user: User | null, credential: string): Problem =>
  problem.code === 'ScopeMissing' && user
    ? {
        ...problem,
        message:
          `The token of the credential ${JSON.stringify(credential)} is a limited one, as Pinterest's developer page makes it: ` +
          `it may read pins, boards and user accounts only (it is ${user.username}'s), and no ads. ${GET_A_TOKEN}`,
      }
    : problem;

/** Problems after which the token's user cannot be asked for either. */
const SILENT = new Set<Problem['code']>(['CredentialMissing', 'CredentialExpired', 'Unreachable']);

/** @param spent calls that left before, if it came too early then */
export const checkConnection =
  (dependencies: Dependencies) =>
  async ({ input, spent = 0 }: { input: unknown; spent?: number }): Promise<ConnectionCheck> => {
    const asked = parseCheck(input).connection;
    const { credential } = asked;
    const apiCalls = (): number => spent + counts().apiCalls.total;
    const checked = await asking(
      dependencies,
      asked,
      async (itself) => {
        const caller = withinCalls(itself, () => MOST_CALLS - apiCalls());
        const { adAccount, problem } = await checkAdAccount(dependencies, caller, asked);
        if (problem && SILENT.has(problem.code)) return { adAccount, user: null, problem };
        const user = await userOf(dependencies, caller);
        return { adAccount, user, problem: problem && named(problem, user, credential) };
      },
      // Both calls at hand, so that no wait comes between them.
      2,
    );
    const { adAccount, user, problem } =
      'answer' in checked ? checked.answer : { adAccount: null, user: null, problem: checked.problem };
    return {
      ok: !problem,
      credential,
      user,
      adAccount,
      credentialExpires: (await dependencies.credentials.expiry(credential)) ?? null,
      problems: problem ? [problem] : [],
      apiCalls: apiCalls(),
    };
  };
