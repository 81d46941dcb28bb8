// The one place that decides what an HTTP outcome of Experience Platform, or of Adobe's identity service IMS, means.
import { KnownError, type FailureFacts, type Kinds } from '../../../dataflow/failures.js';
import { foreignAnswer, isPage } from '../../../http/body.js';
import { retryAfterOf, type HeaderLookup } from '../../../http/headers.js';
import { quoted } from '../../../http/redact.js';
import { isUnreachable } from '../../../http/send.js';

export type ErrorKind = Kinds<'TargetRefused' | 'TargetThrottled' | 'TargetUnavailable'>;

export interface ErrorFacts extends FailureFacts {
  status?: number;
}

export class PlatformError extends KnownError<ErrorKind> {
  override readonly name = 'PlatformError';

  constructor(
    kind: ErrorKind,
    message: string,
    override readonly facts: ErrorFacts = {},
  ) {
    super(kind, message, facts);
  }
}

/** Whose answer it is: what errors call it, the variable that has its address, and what no message may quote. */
export interface Service {
  name: string;
  variable: string;
  secret: string;
}

const LONGEST_WORDS = 300;
/** If a 429 does not say until when. */
const PAUSE_MS = 60_000;

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== ''
    ? value
    : typeof value === 'number'
      ? String(value)
      : undefined;

/** `http://ns.adobe.com/aep/errors/XDM-1521-400` → `XDM-1521-400`. */
const codeOfType = (type: unknown): string | undefined => /\/([A-Z]+-[\w-]+)$/.exec(text(type) ?? '')?.[1];

/** Each service has an error body of its own; a proxy on the way has none of them. */
const saidIn = (page: string): { code?: string | undefined; words: string } => {
  let body: Record<string, unknown>;
  try {
    body = Object(JSON.parse(page)) as Record<string, unknown>;
  } catch {
    return { words: page.slice(0, LONGEST_WORDS) };
  }
  const report = Object(body['report']) as Record<string, unknown>;
  const code =
    text(body['error_code']) ??
    text(body['errorCode']) ??
    codeOfType(body['type']) ??
    text(body['code']) ??
    text(body['error']);
  const words =
    text(report['detailed-message']) ??
    text(body['detail']) ??
    text(body['message']) ??
    text(body['errorMessage']) ??
    text(body['error_description']) ??
    text(body['title']) ??
    '';
  return { code, words };
};

/** What a person is to mend, by Adobe's code. */
const REMEDIES: Readonly<Record<string, string>> = {
  invalid_client: 'Check EXPERIENCE_PLATFORM_CLIENT_ID and EXPERIENCE_PLATFORM_CLIENT_SECRET.',
  invalid_scope:
    'Check EXPERIENCE_PLATFORM_SCOPES: the scopes that the Developer Console shows for the project.',
  '400003': 'Check EXPERIENCE_PLATFORM_ORG, the organization’s id that ends in @AdobeOrg.',
  '403000': 'Check EXPERIENCE_PLATFORM_CLIENT_ID.',
  '403003': 'Check EXPERIENCE_PLATFORM_CLIENT_ID: the project needs the Experience Platform API.',
  '403025': 'Check EXPERIENCE_PLATFORM_ORG: the client belongs to another organization.',
};
const REFUSED_TOKEN = 'IMS gave it just now: check EXPERIENCE_PLATFORM_IMS_URL and EXPERIENCE_PLATFORM_URL.';
const MISSING_PERMISSION =
  'Check that the sandbox in the spec exists, and that the role of the technical account has it, with View and Manage Schemas, and View and Manage Datasets.';

const remedyOf = (status: number, code: string | undefined): string => {
  const known = REMEDIES[code ?? ''];
  if (known) return ` ${known}`;
  if (status === 401) return ` ${REFUSED_TOKEN}`;
  return status === 403 ? ` ${MISSING_PERMISSION}` : '';
};

/**
 * What a response outside 2xx means.
 * @param what names the request for a person: "creating a batch"
 */
export const errorOfResponse = (
  service: Service,
  status: number,
  header: HeaderLookup,
  page: string,
  what: string,
  nowMs: number,
): PlatformError => {
  const { code, words } = saidIn(page);
  const own = (text: string): string => quoted(text, [service.secret], LONGEST_WORDS);
  const said = `HTTP ${status}${code ? `, ${own(code)}` : ''}${words ? `: ${own(words)}` : ''}`;
  const { name } = service;
  const error = (kind: ErrorKind, message: string, facts: ErrorFacts = {}): PlatformError =>
    new PlatformError(kind, message, { status, ...facts });
  const retryAfterMs = retryAfterOf(header, nowMs);
  if (status === 429 || (status === 503 && retryAfterMs !== undefined)) {
    const retryAtMs = Math.max(retryAfterMs ?? nowMs + PAUSE_MS, nowMs);
    const until = new Date(Math.min(retryAtMs, 8.64e15)).toISOString();
    return error('TargetThrottled', `${name} holds back ${what} until ${until} (${said})`, { retryAtMs });
  }
  if (status === 407) {
    const message = `The proxy on the way to ${name} wants to know who asks (HTTP 407). Put name and password into HTTPS_PROXY.`;
    return error('TargetUnavailable', message);
  }
  if (status === 408 || status === 409 || status >= 500)
    return error('TargetUnavailable', `${name} failed on ${what} (${said})`);
  if (status >= 300 && status < 400) {
    const message = `${name} redirected ${what} (HTTP ${status}); a token is never sent along a redirect. Check ${service.variable}.`;
    return error('TargetRefused', message);
  }
  if (status === 403 && isPage(page)) return error('TargetUnavailable', foreignAnswer(what, name, said));
  return error('TargetRefused', `${name} refused ${what} (${said}).${remedyOf(status, code)}`);
};

/**
 * What a request without a response means, or a body that broke off.
 * @param why the system's code, or words that say how it broke
 */
export const errorOfFailure = (
  { name, variable }: Service,
  why: string | undefined,
  what: string,
  host: string,
): PlatformError =>
  new PlatformError(
    'TargetUnavailable',
    isUnreachable(why)
      ? `Cannot reach ${name} at ${host} for ${what} (${why}). Check the network, ${variable} and HTTPS_PROXY.`
      : `The connection to ${name} at ${host} broke on ${what} (${why ?? 'no answer'})`,
  );

/** A 2xx whose body is not what the API promises. */
export const unusable = ({ name }: Service, what: string, why: string): PlatformError =>
  new PlatformError('TargetUnavailable', `${name}'s answer to ${what} ${why}`);
