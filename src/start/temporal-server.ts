// A Temporal dev server with its Web UI; its state lives in a file, so that workflows outlast it.
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { makeFolder } from '../store/folder.js';
import { directIfLocal } from '../temporal.js';
import { startChild } from './child.js';
import { freePort } from './ports.js';
import { StartError } from './start-error.js';
import { temporalBinary } from './temporal-binary.js';

export interface TemporalServer {
  pid: number;
  address: string;
  uiUrl: string;
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

const ANSWER_MS = 5_000;
/** Only a hang takes so long, on a busy machine too. */
const START_TIMEOUT_MS = 120_000;

/** Whether a Temporal server answers at `address`. */
export const answers = async (address: string, timeoutMs: number): Promise<boolean> => {
  try {
    const connection = await Connection.connect(directIfLocal({ address, connectTimeout: timeoutMs }));
    await connection.close();
    return true;
  } catch {
    return false;
  }
};

/** Whether something answers HTTP on a port of this machine. */
const listens = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/`).then(
    () => true,
    () => false,
  );

/** A port that was free has gone to another program meanwhile. */
class PortTaken extends StartError {}

const startOnPorts = async (options: ServerOptions, preferredPort: number): Promise<TemporalServer> => {
  const { stateFile, log, namespaces = [], dynamicConfig = [] } = options;
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
  // On the first of its ports another server may answer, which took it meanwhile.
  while (!((await listens(httpPort)) && (await answers(address, ANSWER_MS)))) {
    if (child.hasEnded() || Date.now() > deadline) {
      const why = child.hasEnded() ? 'did not start' : `did not answer within ${START_TIMEOUT_MS / 1_000} s`;
      await child.stop();
      const Failure = child.said().includes('address already in use') ? PortTaken : StartError;
      throw new Failure(`The Temporal server ${why}; its log, ${log}, ends with:\n${child.tail()}`);
    }
    await sleep(100);
  }
  return { pid: child.pid, address, uiUrl: `http://127.0.0.1:${uiPort}`, stop: () => child.stop() };
};

/** @throws StartError if it does not start, also on ports other than the preferred ones */
export const startTemporalServer = (options: ServerOptions): Promise<TemporalServer> => {
  const { preferredPort = 0 } = options;
  return startOnPorts(options, preferredPort).catch((error: unknown) => {
    if (error instanceof PortTaken) return startOnPorts(options, 0);
    throw error;
  });
};
