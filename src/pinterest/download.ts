// The download of a report from storage: no permit, no token, no API call. Pinterest's answer names the address, so it is
// followed only to where storage can be, and what is read there is never quoted.
import type { Readable } from 'node:stream';
import type { Retried } from '../dataflow/failures.js';
import { addressesOf, hostOf, isPublicAddress } from '../http/addresses.js';
import type { Rate } from '../http/pace.js';
import { InternalAddress, isSuccess, send, type HttpResponse } from '../http/send.js';
import { errorOfFailure, PinterestError } from './errors.js';

export interface DownloadSettings {
  /** `https://api.pinterest.com/v5`, without a slash at the end. Where it is says what a download's address may be. */
  apiUrl: string;
  /** How long a response may stay silent, before it starts or while it lasts. */
  idleTimeoutMs: number;
  /** What a body brings at least; left out: `LEAST_RATE`. */
  leastRate?: Rate;
}

/** Redirects that are followed. */
const MOST_HOPS = 5;
/** Signed addresses of storage have some 2,000 characters. */
const LONGEST_ADDRESS = 16_000;

/** Another poll may bring another address; the same one will not get better. */
const unusable = (what: string, why: string): PinterestError =>
  new PinterestError('ContractViolation', `The download address of ${what} ${why}`, { retried: 'once' });

/** The next poll of the same report brings another address; a report that cannot be had at all is asked for again. */
const lost = (what: string, host: string, why: string, retried: Retried): PinterestError =>
  new PinterestError(
    'ReportLost',
    `The download of ${what} from ${host} failed: ${why}. This is where Pinterest keeps its reports, not its API: ` +
      'a firewall or a proxy may have to let it through.',
    { retried },
  );

/** The API itself is on this machine or in its network, as a simulator is. */
const isInternal = async (host: string): Promise<boolean> => {
  const addresses = await addressesOf(host).catch(() => []);
  return addresses.some(({ address }) => !isPublicAddress(address));
};

/** @throws PinterestError `ContractViolation` */
const checkAddress = (address: string, what: string, apiUrl: string): void => {
  if (address.length > LONGEST_ADDRESS) throw unusable(what, `is longer than ${LONGEST_ADDRESS} characters`);
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) throw unusable(what, 'is not a web address');
  if (apiUrl.startsWith('https:') && !/^https:/i.test(address))
    throw unusable(what, `is at ${hostOf(address)} without https, which Pinterest's API has`);
};

/**
 * Downloads a report.
 * @param address as Pinterest gave it
 * @throws PinterestError `ContractViolation` for an address that must not be followed, `ReportLost` if storage does not
 * give it, `Transient` if the body breaks off
 */
export const download = async (
  address: string,
  what: string,
  { apiUrl, idleTimeoutMs, leastRate }: DownloadSettings,
  signal?: AbortSignal,
): Promise<Readable> => {
  let at = address;
  for (let hops = 0; hops <= MOST_HOPS; hops++) {
    checkAddress(at, what, apiUrl);
    const { host } = new URL(at);
    let response: HttpResponse | undefined;
    try {
      const onlyPublic = !(await isInternal(hostOf(apiUrl)));
      const request = { method: 'GET', url: at, onlyPublic, idleTimeoutMs, leastRate, signal } as const;
      response = await send(request, (why) =>
        response ? errorOfFailure(why, what, host) : lost(what, host, why ?? 'no answer', 'a few times'),
      );
    } catch (error) {
      if (!(error instanceof InternalAddress)) throw error;
      throw unusable(what, `leads to ${host}, which is no public address; it is not followed`);
    }
    if (isSuccess(response)) return response.body;
    response.body.destroy();
    const { status } = response;
    const location = status >= 300 && status < 400 ? response.header('location') : undefined;
    // Storage answers 403 or 404 for an address whose five minutes are over: the next poll brings a fresh one.
    if (location === undefined)
      throw lost(what, host, `HTTP ${status}`, status >= 500 ? 'a few times' : 'once');
    if (!URL.canParse(location, at)) throw unusable(what, `is redirected by ${host} to no web address`);
    at = new URL(location, at).href;
  }
  throw unusable(what, `is redirected more than ${MOST_HOPS} times`);
};
