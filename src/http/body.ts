// Response bodies: streams that cannot stay silent for ever, and small ones read up to a bound.
import { Transform, type Readable } from 'node:stream';

/** Makes the error of a connection that broke, out of the system's code or of words that say how. */
export type Broken = (why: string | undefined) => Error;

/** The body as a stream that ends with an error: when it breaks off, or nothing comes for `idleMs`. */
export const guarded = (source: Readable, idleMs: number, broken: Broken): Readable => {
  let timer: NodeJS.Timeout;
  const body = new Transform({
    transform(bytes, _encoding, done) {
      timer.refresh();
      done(null, bytes);
    },
    flush(done) {
      clearTimeout(timer);
      done();
    },
    destroy(error, done) {
      clearTimeout(timer);
      source.destroy();
      done(error);
    },
  });
  timer = setTimeout(() => body.destroy(broken(`no byte for ${idleMs / 1000} s`)), idleMs);
  source.on('error', (error: NodeJS.ErrnoException) => body.destroy(broken(error.code ?? 'cut off')));
  source.on('aborted', () => body.destroy(broken('cut off')));
  // It may break before its reader begins to listen, who hears of it all the same: without a listener it would be a crash.
  body.on('error', () => {});
  return source.pipe(body);
};

const decode = (pieces: readonly Buffer[]): string => new TextDecoder().decode(Buffer.concat(pieces));

/**
 * The whole of a small body as text.
 * @param tooLong makes the error of a body of more than `longestBytes`; no more of it is read
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

/** What an error page says at its beginning: it may have no end, and is not worth a long wait. */
export const beginningOf = async (page: Readable, longestMs: number): Promise<string> => {
  const pieces: Buffer[] = [];
  let bytes = 0;
  const timer = setTimeout(() => page.destroy(), longestMs);
  try {
    for await (const piece of page as AsyncIterable<Buffer>) {
      pieces.push(piece);
      if ((bytes += piece.length) >= ERROR_PAGE_BYTES) break;
    }
  } catch {
    // What came before it broke off has to do.
  } finally {
    clearTimeout(timer);
  }
  return decode(pieces);
};
