// A Temporal dev server with its Web UI; its state lives in a file, so that workflows outlast it.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { makeFolder } from '../store/folder.js';
import { startChild } from './child.js';
import { freePort } from './ports.js';
import { temporalBinary } from './temporal-binary.js';

export interface TemporalServer {
  address: string;
  uiUrl: string;
  /** Does nothing for a server that was running already. */
  stop(): Promise<void>;
}

export interface ServerOptions {
  /** Where its state is kept; in memory if left out. */
  stateFile?: string;
  log: string;
  /** 0 for any free port. */
  preferredPort?: number;
  /** Namespaces besides `default`. */
  namespaces?: readonly string[];
  /** Of Temporal's dynamic configuration: `limit.historyCount.suggestContinueAsNew=50`. */
  dynamicConfig?: readonly string[];
}

const START_TIMEOUT_MS = 30_000;

/** Whether a Temporal server answers at `address`. */
const answers = async (address: string, timeoutMs: number): Promise<boolean> => {
  try {
    const connection = await Connection.connect({ address, connectTimeout: timeoutMs });
    await connection.close();
    return true;
  } catch {
    return false;
  }
};

/** A server left over from a start that was killed holds the state file: it is used, and left running. */
const leftover = async (note: string): Promise<TemporalServer | undefined> => {
  if (!existsSync(note)) return undefined;
  const { address, uiUrl } = JSON.parse(readFileSync(note, 'utf8')) as Omit<TemporalServer, 'stop'>;
  return (await answers(address, 1_000)) ? { address, uiUrl, stop: () => Promise.resolve() } : undefined;
};

export const startTemporalServer = async (options: ServerOptions): Promise<TemporalServer> => {
  const { stateFile, log, preferredPort = 0, namespaces = [], dynamicConfig = [] } = options;
  const note = stateFile && `${stateFile}.server.json`;
  const running = note && (await leftover(note));
  if (running) return running;

  const binary = await temporalBinary();
  const port = await freePort(preferredPort);
  const httpPort = await freePort();
  const uiPort = await freePort(preferredPort > 0 ? preferredPort + 1_000 : 0);
  if (stateFile) makeFolder(dirname(stateFile));
  const child = startChild(
    binary,
    [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--ui-port', String(uiPort)],
      ...['--http-port', String(httpPort)],
      ...['--log-level', 'warn', ...(stateFile ? ['--db-filename', stateFile] : [])],
      ...namespaces.flatMap((name) => ['--namespace', name]),
      ...dynamicConfig.flatMap((setting) => ['--dynamic-config-value', setting]),
    ],
    { log },
  );
  const address = `127.0.0.1:${port}`;
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(address, 500))) {
    if (child.hasEnded() || Date.now() > deadline) {
      await child.stop();
      throw new Error(`The Temporal server did not start; its log, ${log}, ends with:\n${child.tail()}`);
    }
    await sleep(100);
  }
  const uiUrl = `http://127.0.0.1:${uiPort}`;
  if (note) writeFileSync(note, JSON.stringify({ address, uiUrl }));
  return {
    address,
    uiUrl,
    stop: async () => {
      await child.stop();
      if (note) rmSync(note, { force: true });
    },
  };
};
