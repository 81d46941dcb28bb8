// Free ports on this machine.
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

/** Outgoing connections take ports from 32,768 on: one of those could be gone before a server listens on it. */
const LOWEST = 20_000;
const HIGHEST = 32_767;
const TRIES = 20;

/** `preferred` if it is free, else any free port. */
export const freePort = async (preferred = 0): Promise<number> => {
  const others = Array.from({ length: TRIES }, () => randomInt(LOWEST, HIGHEST + 1));
  for (const port of preferred > 0 ? [preferred, ...others] : others) if (await isFree(port)) return port;
  throw new Error('No free port on 127.0.0.1');
};
