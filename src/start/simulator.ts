// The simulators of Pinterest's API and of Adobe Experience Platform, one program: for runs without credentials for them.
import { join } from 'node:path';
import { storeName } from '../store/open-store.js';
import { startChild } from './child.js';
import { nameOf } from './data-folder.js';
import { freePort } from './ports.js';
import { shareProgram, type Shared } from './shared-program.js';
import { StartError } from './start-error.js';

const PROGRAM = join(import.meta.dirname, '../../simulator/main.js');

interface Simulator {
  pid: number;
  /** Of Pinterest's API. */
  url: string;
  /** Of Experience Platform and its identity service. */
  platformUrl: string;
  adAccountIds: readonly string[];
}

/** Reports take a few seconds, as time goes, not as often as one looks: so a demo is over soon. */
const REPORTS = { SIMULATOR_REPORT_POLLS: '1', SIMULATOR_REPORT_READY_AFTER_MS: '5000' };

/** Ports that the environment asks for are taken if they are free. */
const simulatorEnvironment = async (): Promise<NodeJS.ProcessEnv> => {
  const environment: NodeJS.ProcessEnv = { ...REPORTS, ...process.env };
  for (const name of ['SIMULATOR_PORT', 'SIMULATOR_EXPERIENCE_PLATFORM_PORT'])
    environment[name] = String(await freePort(Number(environment[name])));
  return environment;
};

const beginSimulator = async (folder: string, adAccountIds: readonly string[]): Promise<Simulator> => {
  const log = join(folder, 'logs/simulator.log');
  const named = adAccountIds.length > 0 ? ['--ad-account-id', adAccountIds.join(',')] : [];
  const args = [PROGRAM, ...named];
  const child = startChild(process.execPath, args, { log, env: await simulatorEnvironment(), isHeard: true });
  try {
    const { url, experiencePlatformUrl: platformUrl } = JSON.parse(await child.firstLine()) as {
      url: string;
      experiencePlatformUrl: string;
    };
    return { pid: child.pid, url, platformUrl, adAccountIds };
  } catch (error) {
    await child.stop();
    throw new StartError(`The simulator did not start; its log, ${log}, ends with:\n${child.tail()}`, {
      cause: error,
    });
  }
};

const listed = ({ adAccountIds }: Simulator): string => adAccountIds.join(', ') || 'its own';

/** One for all runs on a store: a report can be had only where it was asked for. */
export const startSimulator = (
  folder: string,
  storeUrl: string,
  adAccountIds: readonly string[],
): Promise<Shared<Simulator>> =>
  shareProgram<Simulator>({
    note: join(folder, `${nameOf(storeUrl)}.simulator.json`),
    begin: () => beginSimulator(folder, adAccountIds),
    isUp: ({ url }) =>
      fetch(url).then(
        () => true,
        () => false,
      ),
    misfit: (running) =>
      adAccountIds.every((id) => running.adAccountIds.includes(id))
        ? undefined
        : `The store ${storeName(storeUrl)} is in use with a simulator of other ad accounts (${listed(running)}) than this start needs (${adAccountIds.join(', ')}).`,
  });
