// What answers to questions have in common: what a person can mend is told in them, and they are never longer than a
// message of Temporal's should be.
import { Context } from '@temporalio/activity';
import { bringItIn } from '../../dataflow/credential-names.js';
import { KnownError, type FailureKind } from '../../dataflow/failures.js';
import { NotConfigured, NoToken } from '../../credentials/no-token.js';
import { NAMES_A_SCOPE, PinterestError } from '../../pinterest/errors.js';
import type { Caller } from '../../pinterest/transport.js';
import type { Dependencies } from '../dependencies.js';
import { askerOf } from '../run.js';

export type ProblemCode =
  | 'CredentialMissing'
  | 'CredentialExpired'
  | 'ScopeMissing'
  | 'RoleMissing'
  | 'UnknownAdAccount'
  | 'Unreachable';

/** What a person can mend; the message says how. */
export interface Problem {
  code: ProblemCode;
  message: string;
}

/** How to get a token that reads ads. */
export const GET_A_TOKEN =
  'Get one with the scope ads:read by `npx pinterest-ads authorize`, or as docs/credentials.md says.';

/** Business Access: who holds one of these on an ad account may read its numbers. */
export const ROLES_THAT_SUFFICE = 'Owner, Admin, Analyst or Campaign Manager';

export const roleMissing = (adAccountId: string, has: readonly string[] = []): Problem => ({
  code: 'RoleMissing',
  message:
    `The token's user may not read the numbers of ad account ${adAccountId}` +
    `${has.length > 0 ? `: its roles there are ${has.join(', ')}` : ''}. It needs to be ${ROLES_THAT_SUFFICE}: an admin of ` +
    'the ad account gives the role in Business Manager (business.pinterest.com), under People or Partners, Assign ad accounts.',
});

const scopeMissing = (credential: string, said: string): Problem => ({
  code: 'ScopeMissing',
  message:
    `The token of the credential ${JSON.stringify(credential)} may not read ads: it lacks the scope ads:read (${said}). ` +
    `A token made on Pinterest's developer page has pins, boards and user accounts only. ${GET_A_TOKEN}`,
});

const credentialMissing = (credential: string, names: readonly string[]): Problem => ({
  code: 'CredentialMissing',
  message:
    `The worker has no token for the credential ${JSON.stringify(credential)} (it has ` +
    `${names.length > 0 ? names.map((name) => JSON.stringify(name)).join(', ') : 'none'}). ` +
    `${bringItIn(credential)}. ${GET_A_TOKEN}`,
});

/** Tries of an answer that Pinterest fails on for reasons that pass. */
const TRIES = 3;
/** Pinterest or the way there; a refusal may pass, and a body may be whole the next time. */
const UNANSWERED: ReadonlySet<FailureKind> = new Set<FailureKind>([
  'Transient',
  'ContractViolation',
  'TooLarge',
  'Refused',
  'ReportLost',
]);

/** What an error is to the person who asked; undefined for what passes by itself, or is a fault of ours. */
const problemOf = (error: unknown, credential: string, adAccountId?: string): Problem | undefined => {
  if (!(error instanceof KnownError)) return undefined;
  const { kind, message, facts } = error;
  if (error instanceof NotConfigured) return credentialMissing(credential, []);
  // It says itself how to get one.
  if (error instanceof NoToken) return { code: 'CredentialExpired', message };
  if (kind === 'CredentialExpired') return { code: kind, message: `${message} ${GET_A_TOKEN}` };
  const status = error instanceof PinterestError ? error.facts.status : undefined;
  if (kind === 'AccessDenied' && (status === 401 || status === 403)) {
    const said = facts.said ?? '';
    // No role is needed for what is of no ad account.
    return NAMES_A_SCOPE.test(said) || adAccountId === undefined
      ? scopeMissing(credential, said)
      : roleMissing(adAccountId);
  }
  if (kind === 'AccessDenied' || (kind === 'Refused' && status === 404))
    return { code: 'UnknownAdAccount', message };
  return UNANSWERED.has(kind) ? { code: 'Unreachable', message } : undefined;
};

export interface Asked {
  credential: string;
  adAccountId?: string | undefined;
}

export type Told<Answer> = { answer: Answer } | { problem: Problem };

/**
 * What a person can mend is told; anything else is thrown.
 * @param tries how often the activity asks at most, if Pinterest fails for reasons that pass
 */
export const telling = async <Answer>(
  { credential, adAccountId }: Asked,
  ask: () => Promise<Answer>,
  tries = TRIES,
): Promise<Told<Answer>> => {
  try {
    return { answer: await ask() };
  } catch (error) {
    const problem = problemOf(error, credential, adAccountId);
    const mayPass =
      problem?.code === 'Unreachable' &&
      error instanceof KnownError &&
      !error.facts.unreachable &&
      error.kind !== 'ReportLost';
    if (!problem) throw error;
    if (!mayPass || Context.current().info.attempt >= tries) return { problem };
    throw new KnownError('Transient', problem.message);
  }
};

/**
 * Asks Pinterest in the name of a credential, and gives back the permits that are left.
 * @param need calls that have to be at hand before the first may leave
 */
export const asking = async <Answer>(
  dependencies: Dependencies,
  asked: Asked,
  ask: (caller: Caller) => Promise<Answer>,
  need = 1,
): Promise<Told<Answer>> => {
  const { credential } = asked;
  const names = await dependencies.credentials.names();
  if (!names.includes(credential)) return { problem: credentialMissing(credential, names) };
  const caller = askerOf(dependencies, credential, need);
  try {
    return await telling(asked, () => ask(caller));
  } finally {
    await caller.gate.end();
  }
};

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** An answer is at most 256 KiB of JSON; something is kept for the small things around its list. */
const MOST_BYTES = 256 * 1024 - 4 * 1024;

/** A list of an answer: as many items as were asked for, and as fit. */
export class Fitting<Item> {
  readonly items: Item[] = [];
  private bytesLeft: number;

  /** @param besides what else the answer holds, if that is large */
  constructor(
    private readonly most: number,
    besides: unknown = null,
  ) {
    this.bytesLeft = MOST_BYTES - bytesOf(besides);
  }

  get isFull(): boolean {
    return this.items.length >= this.most;
  }

  /** False if there is no room for it. */
  add(item: Item): boolean {
    const bytes = bytesOf(item) + 1;
    if (this.isFull || bytes > this.bytesLeft) return false;
    this.bytesLeft -= bytes;
    this.items.push(item);
    return true;
  }
}
