// Response bodies: streams that can neither stay silent nor dawdle for ever, and small ones read up to a bound.
import { Readable } from 'node:stream';
import { LEAST_RATE, Pace, type Rate } from './pace.js';

/** Makes the error of a connection that broke, out of the system's code or of words that say how. */
export type Broken = (why: string | undefined) => Error;

export interface Patience {
  /** How long nothing may come. */
  idleMs: number;
  /** What comes at least; left out: `LEAST_RATE`. */
  rate?: Rate | undefined;
}

/**
 * The body as a stream that ends with an error if it breaks off, if nothing comes for `idleMs`, or too little all the
 * time. Only the time counts in which its reader waits for it.
 */
export const guarded = (source: Readable, { idleMs, rate }: Patience, broken: Broken): Readable => {
  const pace = new Pace(rate ?? LEAST_RATE);
  const pieces = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const take = async (): Promise<void> => {
    const askedMs = performance.now();
    const timer = setTimeout(() => body.destroy(broken(`no byte for ${idleMs / 1000} s`)), idleMs);
    try {
      const { done, value } = await pieces.next();
      if (body.destroyed) return;
      if (done) body.push(null);
      else if (pace.keeps(value.length, performance.now() - askedMs)) body.push(value);
      else body.destroy(broken(`slower than ${pace.describe()}`));
    } catch (error) {
      body.destroy(broken((error as NodeJS.ErrnoException).code ?? 'cut off'));
    } finally {
      clearTimeout(timer);
    }
  };
  const body = new Readable({
    read: () => void take(),
    destroy(error, done) {
      source.destroy();
      done(error);
    },
  });
  // Either may break before its reader begins to listen, who hears of it all the same: without a listener it would be a
  // crash.
  source.on('error', () => {});
  body.on('error', () => {});
  return body;
};

const decode = (pieces: readonly Buffer[]): string => new TextDecoder().decode(Buffer.concat(pieces));

/**
 * The whole of a small body as text.
 * @param longestBytes of the body as it is unpacked
 * @param tooLong makes the error of a longer body; no more of it is read
 */
export const wholeText = async (
  body: Readable,
  longestBytes: number,
  tooLong: () => Error,
): Promise<string> => {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    if ((bytes += piece.length) > longestBytes) throw tooLong();
    pieces.push(piece);
  }
  return decode(pieces);
};

/** Of the page that comes with an error, no more is read. */
const ERROR_PAGE_BYTES = 10_000;

/** What a body says at its beginning, by default as much as of an error page: it may have no end, and is not worth a long wait. */
export const beginningOf = async (
  page: Readable,
  longestMs: number,
  longestBytes = ERROR_PAGE_BYTES,
): Promise<string> => {
  const pieces: Buffer[] = [];
  let bytes = 0;
  const timer = setTimeout(() => page.destroy(), longestMs);
  try {
    for await (const piece of page as AsyncIterable<Buffer>) {
      pieces.push(piece);
      if ((bytes += piece.length) >= longestBytes) break;
    }
  } catch {
    // What came before it broke off has to do.
  } finally {
    clearTimeout(timer);
  }
  return decode(pieces);
};

/** A page for people, as proxies, firewalls and gateways answer; no API does. */
export const isPage = (body: string): boolean => body.trimStart().startsWith('<');

/**
 * The message for an answer that the service asked has not given.
 * @param what names the request for a person
 * @param whose answer was expected: "Pinterest"
 * @param said what came instead, secrets left out
 */
export const foreignAnswer = (what: string, whose: string, said: string): string =>
  `The answer to ${what} is not ${whose}'s: ${said}. A proxy or a gateway on the way may have given it.`;
