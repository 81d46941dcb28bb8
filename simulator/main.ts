/** The command: starts the simulator, says where it is in one line of JSON, and stays until it is told to stop. */
import process from 'node:process';
import { Command, InvalidArgumentError, Option } from 'commander';
import { startSimulator } from './server.js';
import type { AdAccountSettings, QuotaLimit, SimulatorOptions } from './settings.js';
import type { FaultRule } from './wire/faults.js';

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
const faults = (text: string): FaultRule[] => {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidArgumentError('Not JSON.');
  }
};

const command = new Command('simulator')
  .description("A local simulator of Pinterest's Ads API v5, with an ad account full of made-up ads.")
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
  .addOption(new Option('--quota <limits>', 'like 1000/1d,60/1m').env('SIMULATOR_QUOTA').argParser(quota))
  .addOption(
    new Option('--faults <json>', 'a list of fault rules').env('SIMULATOR_FAULTS').argParser(faults),
  );

type Options = SimulatorOptions & Partial<Pick<AdAccountSettings, 'campaigns' | 'adGroups' | 'ads'>>;
const { campaigns, adGroups, ads, adAccountId, ...options } = command.parse().opts<Options>();
const ids = adAccountId?.split(',');
const account: Partial<AdAccountSettings> = {
  ...(campaigns !== undefined && { campaigns }),
  ...(adGroups !== undefined && { adGroups }),
  ...(ads !== undefined && { ads }),
};

const simulator = await startSimulator({
  ...options,
  ...(ids && { adAccountId: ids[0]! }),
  adAccounts: ids?.map((id) => ({ ...account, id })) ?? [account],
});
process.stdout.write(`${JSON.stringify({ url: simulator.url })}\n`);
const stop = (): void => void simulator.close();
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
