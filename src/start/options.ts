// The command line of `npm start`.
import { Command } from 'commander';
import { readSpec } from './read-spec.js';

export interface StartOptions {
  /** The spec's file, as given. */
  file: string;
  spec: unknown;
  /** Leave everything up after the run, until Ctrl-C. */
  stay: boolean;
}

const DEFAULT_SPEC = 'examples/backfill.json';

const ENVIRONMENT = `
Environment:
  PINTEREST_ACCESS_TOKEN  the token to read with (scope ads:read); if no token is set, a simulator
                          of Pinterest's API with made-up numbers is started and used instead
  EXPERIENCE_PLATFORM_CLIENT_ID, …_CLIENT_SECRET, …_ORG, …_SCOPES
                          for targets of the kind experience-platform; if no client is set, a simulator
                          of Experience Platform is started and delivered to instead
  STORE_URL               where rows go (default duckdb:data/pinterest-ads.duckdb)
  PINTEREST_QUOTA         API calls that may leave, e.g. 1000/1d (the default) or 1000/1d,60/1m
  TEMPORAL_ADDRESS        a Temporal server that runs already; if not set, one is started, with its
                          state beside the store
  PINTEREST_API_URL, LOG_LEVEL, HTTPS_PROXY, TEMPORAL_NAMESPACE, … : see the README

Examples:
  npm start                            186 days of a simulated ad account
  npm start -- examples/experience-platform.json
                                       …and on into a simulated Adobe Experience Platform
  npm start -- my-dataflow.json        your dataflow
  npm start -- my-dataflow.json --stay …and keep Web UI and worker up until Ctrl-C`;

/** The command line that these options come from. */
export const commandOf = ({ file, stay }: Pick<StartOptions, 'file' | 'stay'>): string => {
  const args = [...(file === DEFAULT_SPEC ? [] : [file]), ...(stay ? ['--stay'] : [])];
  return ['npm start', ...(args.length > 0 ? ['--', ...args] : [])].join(' ');
};

export const readOptions = (
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = process.env,
): StartOptions => {
  const command = new Command('npm start --')
    .description(
      'Brings Pinterest Ads analytics into the store by one run of a dataflow, and shows how it goes.',
    )
    .argument('[spec]', 'the dataflow spec, a JSON file', DEFAULT_SPEC)
    .option('--stay', 'leave Temporal, its Web UI and the worker up until Ctrl-C', false)
    .addHelpText('after', ENVIRONMENT)
    .parse(argv, { from: 'user' });
  const [file] = command.processedArgs as [string];
  const { stay } = command.opts<{ stay: boolean }>();
  // `npm start --stay`, without `--` before it: npm takes the option for its own and hands it on like this.
  return { file, spec: readSpec(file), stay: stay || environment['npm_config_stay'] === 'true' };
};
