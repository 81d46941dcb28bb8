// Takes hold of a response before its body is written: to end it early, or to hold it back.
import type { Response } from 'express';

type Chunk = string | Uint8Array | undefined;

/** Calls `write` or `end` as they were before anything was put over them. */
const originals = (response: Response) => {
  const write = response.write.bind(response);
  const end = response.end.bind(response);
  return {
    write: (...args: unknown[]) => Reflect.apply(write, response, args),
    end: (...args: unknown[]) => Reflect.apply(end, response, args),
    restore: () => Object.assign(response, { write, end }),
  };
};

/**
 * At most `limit` bytes and at most half of the body go out. Then the connection breaks, or, if `clean`, the response
 * ends as if it were whole.
 */
export const endEarly = (response: Response, limit: number, clean: boolean): void => {
  const { write, end } = originals(response);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let ended = false;
  const take = (chunk: Chunk): void => {
    if (ended || chunk === undefined) return;
    chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    bytes += Buffer.byteLength(chunk);
    if (bytes > 2 * limit) conclude();
  };
  const conclude = (): void => {
    if (ended) return;
    ended = true;
    const kept = Buffer.concat(chunks).subarray(0, Math.min(limit, bytes >> 1));
    if (clean) {
      response.removeHeader('Content-Length');
      end(kept);
    } else write(kept, () => response.destroy());
  };
  Object.assign(response, {
    write: (chunk: Chunk) => {
      take(chunk);
      return true;
    },
    end: (chunk: Chunk) => {
      take(chunk);
      conclude();
      return response;
    },
  });
};

/** Sends the headers at once and the body `delayMs` later. */
export const holdBack = (response: Response, delayMs: number): void => {
  const { write, end, restore } = originals(response);
  const held: (() => unknown)[] = [];
  const hold = (action: () => unknown): void => {
    if (held.length === 0) {
      response.flushHeaders();
      setTimeout(release, delayMs);
    }
    held.push(action);
  };
  const release = (): void => {
    restore();
    for (const action of held) action();
    response.emit('drain');
  };
  Object.assign(response, {
    write: (...args: unknown[]) => {
      hold(() => write(...args));
      return false;
    },
    end: (...args: unknown[]) => {
      hold(() => end(...args));
      return response;
    },
  });
};
