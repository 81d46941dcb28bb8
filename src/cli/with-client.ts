// What commands have in common that ask Temporal: the client, the options that several of them have.
import { InvalidArgumentError, type Command } from 'commander';
import type { Cadence, DataflowClient } from '../client.js';

/** Where they find Temporal. */
export const TEMPORAL_HELP = `
Environment:
  TEMPORAL_ADDRESS   the Temporal server (default localhost:7233); also TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, …
A worker has to be up: npx pinterest-ads worker.`;

/** One call of the client. */
export const withClient = async <T>(work: (client: DataflowClient) => Promise<T>): Promise<T> => {
  // Loaded here: help and `authorize` need no Temporal.
  const { DataflowClient } = await import('../client.js');
  const client = await DataflowClient.connect();
  try {
    return await work(client);
  } finally {
    await client.close();
  }
};

export interface ConnectionOptions {
  account?: string;
  credential?: string;
}

export const withConnection = (command: Command): Command =>
  command
    .option('--account <id>', 'the ad account')
    .option(
      '--credential <name>',
      'the name of a credential of the worker, never a token (default: default)',
    );

export const connectionOf = ({ account, credential }: ConnectionOptions) => ({
  ...(account !== undefined && { adAccountId: account }),
  ...(credential !== undefined && { credential }),
});

/** `a, b` or several of the same option. */
export const listOf = (text: string, before: readonly string[] = []): string[] => [
  ...before,
  ...text.split(',').map((part) => part.trim()),
];

export const wholeNumber = (text: string): number => {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A whole number is needed.');
};

export const withCadence = (command: Command): Command =>
  command
    .option('--every <interval>', 'how often it runs: 1d, 6h, 90m (default: 1d)')
    .option('--at <HH:MM>', 'at which time of day')
    .option('--cron <expression>', "instead: five fields, '0 6 * * 1-5'")
    .option('--timezone <name>', 'of --at and --cron, e.g. Europe/Berlin (default: UTC)');

export const cadenceOf = ({ every, at, cron, timezone }: Cadence): Cadence | undefined => {
  const cadence = {
    ...(every !== undefined && { every }),
    ...(at !== undefined && { at }),
    ...(cron !== undefined && { cron }),
    ...(timezone !== undefined && { timezone }),
  };
  return Object.keys(cadence).length > 0 ? cadence : undefined;
};
