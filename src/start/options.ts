// The command line of `npm start`.
import { readFileSync } from 'node:fs';
import { Command } from 'commander';

export interface StartOptions {
  /** The spec's file, as given. */
  file: string;
  spec: unknown;
  stay: boolean;
}

/** One sentence that ends the program: exit code 1, no stack. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

const DEFAULT_SPEC = 'examples/backfill.json';

const ENVIRONMENT = `
Environment:
  PINTEREST_ACCESS_TOKEN  the token to read with (scope ads:read); where no token is set, a simulator
                          of Pinterest's API with made-up numbers is started and used instead
  STORE_URL               where rows go (default duckdb:data/pinterest-ads.duckdb)
  PINTEREST_QUOTA         API calls that may leave, e.g. 1000/1d (the default) or 1000/1d,60/1m
  TEMPORAL_ADDRESS        a Temporal server that runs already; where not set, one is started, with its
                          state beside the store
  PINTEREST_API_URL, LOG_LEVEL, HTTPS_PROXY, TEMPORAL_NAMESPACE, … : see the README

Examples:
  npm start                            186 days of a simulated ad account
  npm start -- my-dataflow.json        your dataflow
  npm start -- my-dataflow.json --stay …and keep Web UI and worker up until Ctrl-C`;

const readSpec = (file: string): unknown => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new StartError(
      `Cannot read the dataflow spec ${file} (${(error as { code?: string }).code}). Give the path of a JSON file.`,
    );
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new StartError(`The dataflow spec ${file} is not JSON: ${(error as Error).message}`);
  }
};

export const readOptions = (argv: readonly string[]): StartOptions => {
  const command = new Command('npm start --')
    .description(
      'Brings Pinterest Ads analytics into the store by one run of a dataflow, and shows how it goes.',
    )
    .argument('[spec]', 'the dataflow spec, a JSON file', DEFAULT_SPEC)
    .option('--stay', 'leave Temporal, its Web UI and the worker up until Ctrl-C', false)
    .addHelpText('after', ENVIRONMENT)
    .parse(argv, { from: 'user' });
  const [file] = command.processedArgs as [string];
  return { file, spec: readSpec(file), stay: command.opts<{ stay: boolean }>().stay };
};
