// The one place that decides what an HTTP outcome of Pinterest's API means.
import { KnownError, type FailureFacts, type Kinds } from '../dataflow/failures.js';
import { foreignAnswer, isPage } from '../http/body.js';
import type { HeaderLookup } from '../http/headers.js';
import { quoted } from '../http/redact.js';
import { isUnreachable } from '../http/send.js';
import { comeBackAfter } from './rate-limit.js';

/** The kinds of failure that an HTTP outcome may be. */
export type ErrorKind = Kinds<
  | 'AccessDenied'
  | 'CredentialExpired'
  | 'RateLimited'
  | 'Refused'
  | 'TooLarge'
  | 'Transient'
  | 'ContractViolation'
  | 'ReportLost'
>;

export interface ErrorFacts extends FailureFacts {
  status?: number;
  /** The body is somebody's page, and none of Pinterest's: a proxy or a gateway on the way may have answered. */
  foreign?: boolean;
}

export class PinterestError extends KnownError<ErrorKind> {
  override readonly name = 'PinterestError';

  constructor(
    kind: ErrorKind,
    message: string,
    override readonly facts: ErrorFacts = {},
  ) {
    super(kind, message, facts);
  }
}

const SCOPE_HELP =
  'The token needs the scope ads:read (a token made in the developer UI has only pins:read, boards:read and ' +
  'user_accounts:read: make one with the OAuth flow), and its user must own the ad account or hold the role Admin, ' +
  'Analyst or Campaign Manager on it (Business Access).';

/** Whether Pinterest's words speak of a scope that the token lacks: "Missing: ['ads:read']". */
export const NAMES_A_SCOPE = /\bscopes?\b|\bads:read\b/i;

/** The code in an error's body for what a token may not do. */
const NOT_AUTHORIZED = 3;

interface Words {
  code: number | undefined;
  message: string;
  foreign: boolean;
}

/** Pinterest's own words out of an error body, at most 300 characters. */
const wordsOf = (body: string, secrets: readonly string[]): Words => {
  try {
    const parsed = JSON.parse(body) as { code?: unknown; message?: unknown };
    return {
      code: typeof parsed.code === 'number' ? parsed.code : undefined,
      message: typeof parsed.message === 'string' ? quoted(parsed.message, secrets, 300) : '',
      foreign: false,
    };
  } catch {
    return { code: undefined, message: quoted(body, secrets, 100), foreign: body.trim() !== '' };
  }
};

export const notPinterests = (what: string, said: string): string => foreignAnswer(what, 'Pinterest', said);

/**
 * What a response outside 2xx means.
 * @param what names the request for a person: "analytics of 20 campaigns …"
 * @param secrets what the request carried: some proxies echo it in their response
 */
export const errorOfResponse = (
  status: number,
  headers: HeaderLookup,
  body: string,
  what: string,
  nowMs: number,
  secrets: readonly string[] = [],
): PinterestError => {
  const { code, message, foreign } = wordsOf(body, secrets);
  const said = `HTTP ${status}${code === undefined ? '' : `, code ${code}`}${message ? `: ${message}` : ''}`;
  const error = (kind: ErrorKind, text: string, facts: ErrorFacts = {}): PinterestError =>
    new PinterestError(kind, text, { status, ...(foreign && { foreign }), ...facts });

  const wait = /retry after (\d+) seconds?/i.exec(message);
  if (status === 429 || (status === 400 && wait)) {
    const { atMs, said: source } = comeBackAfter(headers, nowMs, wait ? Number(wait[1]) : undefined);
    return error(
      'RateLimited',
      `Pinterest holds back ${what} until ${new Date(atMs).toISOString()}, by ${source} (${said})`,
      { retryAtMs: atMs },
    );
  }
  // A new token with the same scopes would not help.
  const lacksScope = status === 401 && code === NOT_AUTHORIZED && NAMES_A_SCOPE.test(message);
  if (status === 401 && !lacksScope) {
    return error(
      'CredentialExpired',
      `Pinterest refused the access token for ${what} (${said}). Get a new token and set it.`,
      { said },
    );
  }
  // Pinterest's denials are JSON: a firewall or a gateway denies this one, and not for what the token lacks.
  if (status === 403 && isPage(body)) return error('ContractViolation', notPinterests(what, said));
  if (status === 403 || lacksScope)
    return error('AccessDenied', `Pinterest denied ${what} (${said}). ${SCOPE_HELP}`, { said });
  if (status === 407) {
    return error(
      'Transient',
      `The proxy on the way to Pinterest wants to know who asks for ${what} (HTTP 407). Put name and password into HTTPS_PROXY: http://name:password@proxy:port`,
      { unreachable: true },
    );
  }
  if (status === 413 || status === 414)
    return error('TooLarge', `Pinterest finds ${what} too large (${said})`);
  if (status === 408 || status >= 500 || (status === 400 && code === 12)) {
    return error('Transient', `Pinterest failed on ${what} (${said})`);
  }
  if (status >= 300 && status < 400) {
    return error(
      'ContractViolation',
      `Pinterest redirected ${what} (${said}); a token is never sent along a redirect`,
    );
  }
  return error('Refused', `Pinterest refused ${what} (${said})`, { said });
};

/**
 * What a request without a response means, or a body that broke off.
 * @param code the system's, or words that say how it broke
 */
export const errorOfFailure = (code: string | undefined, what: string, host: string): PinterestError => {
  const unreachable = isUnreachable(code);
  return new PinterestError(
    'Transient',
    unreachable
      ? `Cannot reach Pinterest's API at ${host} for ${what} (${code}). Check the network, PINTEREST_API_URL and HTTPS_PROXY.`
      : `The connection to ${host} broke on ${what} (${code ?? 'no answer'})`,
    unreachable ? { unreachable } : {},
  );
};
