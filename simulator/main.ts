// The command: starts both simulators, says where they are in one line of JSON, and stays until it is told to stop.
import process from 'node:process';
import { Command, InvalidArgumentError, Option } from 'commander';
import { startExperiencePlatform } from './experience-platform/server.js';
import type { FaultRule as ExperiencePlatformFault } from './experience-platform/wire/faults.js';
import { startSimulator } from './server.js';
import type { AdAccountSettings, QuotaLimit, SimulatorOptions } from './settings.js';

const WINDOW_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const wholeNumber = (text: string): number => {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Not a whole number.');
  return Number(text);
};
const instant = (text: string): (() => number) => {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new InvalidArgumentError('Not a date or time.');
  const lead = ms - Date.now();
  return () => Date.now() + lead;
};
const quota = (text: string): QuotaLimit[] =>
  text.split(',').map((limit) => {
    const [, calls, count = '1', unit] = /^(\d+)\/(\d*)([smhd])$/.exec(limit) ?? [];
    if (unit === undefined) throw new InvalidArgumentError('Not like 1000/1d or 30/10s,300/1m.');
    return { calls: Number(calls), windowMs: Number(count || 1) * WINDOW_MS[unit]! };
  });
const json = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidArgumentError('Not JSON.');
  }
};

const command = new Command('simulator')
  .description(
    "Local simulators of Pinterest's Ads API v5, with an ad account full of made-up ads, and of Adobe Experience Platform.",
  )
  .addOption(
    new Option('--port <number>', '0 takes a free port').env('SIMULATOR_PORT').argParser(wholeNumber),
  )
  .addOption(new Option('--host <address>', 'to listen on').env('SIMULATOR_HOST'))
  .addOption(new Option('--seed <number>', 'of all numbers').env('SIMULATOR_SEED').argParser(wholeNumber))
  .addOption(
    new Option('--ad-account-id <id>', 'the ad account, or several by commas').env('SIMULATOR_AD_ACCOUNT_ID'),
  )
  .addOption(new Option('--campaigns <number>').env('SIMULATOR_CAMPAIGNS').argParser(wholeNumber))
  .addOption(new Option('--ad-groups <number>').env('SIMULATOR_AD_GROUPS').argParser(wholeNumber))
  .addOption(new Option('--ads <number>').env('SIMULATOR_ADS').argParser(wholeNumber))
  .addOption(new Option('--token <token>', 'the bearer token to accept').env('SIMULATOR_TOKEN'))
  .addOption(
    new Option('--profile <name>', 'which guardrails hold')
      .env('SIMULATOR_PROFILE')
      .choices(['current', 'v5-2023']),
  )
  .addOption(new Option('--now <time>', 'start the calendar here').env('SIMULATOR_NOW').argParser(instant))
  .addOption(new Option('--latency-ms <ms>').env('SIMULATOR_LATENCY_MS').argParser(wholeNumber))
  .addOption(
    new Option('--report-polls-until-ready <number>').env('SIMULATOR_REPORT_POLLS').argParser(wholeNumber),
  )
  .addOption(
    new Option('--report-ready-after-ms <ms>').env('SIMULATOR_REPORT_READY_AFTER_MS').argParser(wholeNumber),
  )
  .addOption(new Option('--quota <limits>', 'like 1000/1d,60/1m').env('SIMULATOR_QUOTA').argParser(quota))
  .addOption(new Option('--faults <json>', 'a list of fault rules').env('SIMULATOR_FAULTS').argParser(json))
  .addOption(
    new Option('--experience-platform-port <number>', '0 takes a free port')
      .env('SIMULATOR_EXPERIENCE_PLATFORM_PORT')
      .argParser(wholeNumber),
  )
  .addOption(
    new Option('--experience-platform-faults <json>', 'a list of fault rules')
      .env('SIMULATOR_EXPERIENCE_PLATFORM_FAULTS')
      .argParser(json),
  );

type Options = SimulatorOptions &
  Partial<Pick<AdAccountSettings, 'campaigns' | 'adGroups' | 'ads'>> & {
    experiencePlatformPort?: number;
    experiencePlatformFaults?: ExperiencePlatformFault[];
  };
const {
  campaigns,
  adGroups,
  ads,
  adAccountId,
  experiencePlatformPort: port,
  experiencePlatformFaults: faults,
  ...options
} = command.parse().opts<Options>();
const ids = adAccountId?.split(',');
const account: Partial<AdAccountSettings> = {
  ...(campaigns !== undefined && { campaigns }),
  ...(adGroups !== undefined && { adGroups }),
  ...(ads !== undefined && { ads }),
};

/** A port that cannot be had is one sentence, not a stack. */
const orSay =
  (variable: string) =>
  (error: NodeJS.ErrnoException & { address?: string; port?: number }): never => {
    if (error.syscall !== 'listen') throw error;
    const { address, port, code } = error;
    return command.error(
      `Cannot listen on ${address}:${port} (${code}). Set ${variable} to a port that is free, or to 0 for any.`,
    );
  };

const pinterest = await startSimulator({
  ...options,
  ...(ids && { adAccountId: ids[0]! }),
  adAccounts: ids?.map((id) => ({ ...account, id })) ?? [account],
}).catch(orSay('SIMULATOR_PORT'));
const experiencePlatform = await startExperiencePlatform({
  ...(options.host !== undefined && { host: options.host }),
  ...(options.seed !== undefined && { seed: options.seed }),
  ...(options.latencyMs !== undefined && { latencyMs: options.latencyMs }),
  ...(port !== undefined && { port }),
  ...(faults && { faults }),
}).catch(orSay('SIMULATOR_EXPERIENCE_PLATFORM_PORT'));
const urls = { url: pinterest.url, experiencePlatformUrl: experiencePlatform.url };
process.stdout.write(`${JSON.stringify(urls)}\n`);
const stop = (): void => void Promise.all([pinterest.close(), experiencePlatform.close()]);
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
