// The environment → typed settings, every problem reported at once. Secrets may also come by `…_FILE`.
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { z } from 'zod';
import { readToken, type TokenSource } from './credentials/credentials.js';
import { parseQuota, type QuotaLimit } from './quota/limits.js';

export interface HostPort {
  /** An IP address. */
  host: string;
  port: number;
}

export interface Settings {
  /** Credential name → where its access token is. */
  tokens: ReadonlyMap<string, TokenSource>;
  /** The Pinterest app whose budget all credentials of this worker share. */
  app: string;
  quota: readonly QuotaLimit[];
  apiUrl: string;
  storeUrl: string;
  logLevel: string;
  /** Where the end of each run is told; nowhere where left out. */
  alerts?: { url: string; secret: string } | undefined;
  /** Where the worker answers /metrics, /health and /ready; nowhere where left out. */
  metricsAddress?: HostPort | undefined;
  /** Where Temporal's SDK answers /metrics with its own. */
  temporalMetricsAddress?: HostPort | undefined;
  /** This worker's version, for Temporal's Worker Versioning; no versioning where left out. */
  deployment?: { name: string; buildId: string | undefined } | undefined;
}

export const DEFAULT_API_URL = 'https://api.pinterest.com/v5';
export const DEFAULT_STORE_URL = 'duckdb:data/pinterest-ads.duckdb';
const TOKEN = 'PINTEREST_ACCESS_TOKEN';

export class InvalidSettings extends Error {
  override readonly name = 'InvalidSettings';

  constructor(problems: readonly string[]) {
    super(`The environment is not usable:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** `PINTEREST_ACCESS_TOKEN` is the credential `default`, `PINTEREST_ACCESS_TOKEN_ACME_EU` is `acme-eu`. */
const readTokens = (environment: Environment, problems: string[]): Map<string, TokenSource> => {
  const tokens = new Map<string, TokenSource>();
  for (const [variable, value] of Object.entries(environment)) {
    if (!value || !(variable === TOKEN || variable.startsWith(`${TOKEN}_`))) continue;
    const fromFile = variable.endsWith('_FILE');
    const name = variable.slice(TOKEN.length, fromFile ? -'_FILE'.length : undefined);
    const credential = name === '' ? 'default' : name.slice(1).toLowerCase().replaceAll('_', '-');
    const source: TokenSource = fromFile ? { file: value } : { token: value };
    try {
      readToken(source);
      tokens.set(credential, source);
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      problems.push(`${variable}: ${code ? `cannot read ${value} (${code})` : message}`);
    }
  }
  return tokens;
};

/** A value that may hold a secret, so it may also stand in a file. */
const readPrivate = (variable: string, environment: Environment, problems: string[]): string | undefined => {
  const file = environment[`${variable}_FILE`];
  if (environment[variable] || !file) return environment[variable];
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    problems.push(`${variable}_FILE: cannot read ${file} (${(error as { code?: string }).code})`);
    return undefined;
  }
};

const storeUrlOf = (environment: Environment, problems: string[]): string =>
  readPrivate('STORE_URL', environment, problems) || DEFAULT_STORE_URL;

/**
 * The store alone, for programs that need no more.
 * @throws InvalidSettings
 */
export const readStoreUrl = (environment: Environment = process.env): string => {
  const problems: string[] = [];
  const url = storeUrlOf(environment, problems);
  if (problems.length > 0) throw new InvalidSettings(problems);
  return url;
};

/** `0.0.0.0:9464`, `localhost:9464` or `[::1]:9464`. */
const readAddress = (
  variable: string,
  environment: Environment,
  problems: string[],
): HostPort | undefined => {
  const value = environment[variable];
  if (!value) return undefined;
  const [, bracketed, plain, digits] = /^(?:\[(.+)\]|([^:]+)):(\d{1,5})$/.exec(value) ?? [];
  const host = (bracketed ?? plain)?.replace(/^localhost$/, '127.0.0.1') ?? '';
  const port = Number(digits);
  if (isIP(host) && port > 0 && port <= 65_535) return { host, port };
  problems.push(`${variable}: ${JSON.stringify(value)} is not an IP address and a port, e.g. 0.0.0.0:9464`);
  return undefined;
};

const httpUrl = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''));

const readAlerts = (environment: Environment, problems: string[]): Settings['alerts'] => {
  const known = problems.length;
  const url = readPrivate('ALERT_WEBHOOK_URL', environment, problems);
  const secret = readPrivate('ALERT_WEBHOOK_SECRET', environment, problems);
  // The address is not quoted: it may hold a secret.
  if (url && !httpUrl.safeParse(url).success)
    problems.push('ALERT_WEBHOOK_URL: is not an http(s) address, e.g. https://alerts.example.com/pinterest');
  if (url && !secret && problems.length === known)
    problems.push('ALERT_WEBHOOK_SECRET: is missing; alerts are signed with it');
  return url && secret ? { url, secret } : undefined;
};

const readDeployment = (environment: Environment, problems: string[]): Settings['deployment'] => {
  const name = environment['WORKER_DEPLOYMENT_NAME'];
  const buildId = environment['WORKER_BUILD_ID'] || undefined;
  if (name && !/^[a-z0-9][\w-]*$/i.test(name))
    problems.push(
      `WORKER_DEPLOYMENT_NAME: ${JSON.stringify(name)} may hold letters, digits, - and _, e.g. pinterest-ads`,
    );
  if (buildId && !/^[a-z0-9][\w.+-]*$/i.test(buildId))
    problems.push(
      `WORKER_BUILD_ID: ${JSON.stringify(buildId)} may hold letters, digits, ., +, - and _, e.g. 1.4.0`,
    );
  if (buildId && !name)
    problems.push('WORKER_DEPLOYMENT_NAME: is missing; WORKER_BUILD_ID names a version of a deployment');
  return name ? { name, buildId } : undefined;
};

/** @throws InvalidSettings with every problem found */
export const readSettings = (environment: Environment = process.env): Settings => {
  const problems: string[] = [];
  const tokens = readTokens(environment, problems);

  let quota: QuotaLimit[] = [];
  try {
    quota = parseQuota(environment['PINTEREST_QUOTA'] || '1000/1d');
  } catch (error) {
    problems.push(`PINTEREST_QUOTA: ${(error as Error).message}`);
  }
  const url = httpUrl.safeParse(environment['PINTEREST_API_URL'] || DEFAULT_API_URL);
  if (!url.success) {
    problems.push(
      `PINTEREST_API_URL: ${JSON.stringify(environment['PINTEREST_API_URL'])} is not an http(s) address, e.g. ${DEFAULT_API_URL}`,
    );
  }
  const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];
  const logLevel = (environment['LOG_LEVEL'] || 'info').toLowerCase();
  if (!levels.includes(logLevel))
    problems.push(`LOG_LEVEL: ${JSON.stringify(logLevel)} is not one of ${levels.join(', ')}`);
  const storeUrl = storeUrlOf(environment, problems);
  const alerts = readAlerts(environment, problems);
  const metricsAddress = readAddress('METRICS_ADDRESS', environment, problems);
  const temporalMetricsAddress = readAddress('TEMPORAL_METRICS_ADDRESS', environment, problems);
  if (metricsAddress && metricsAddress.port === temporalMetricsAddress?.port)
    problems.push(`TEMPORAL_METRICS_ADDRESS: port ${metricsAddress.port} is METRICS_ADDRESS's already`);
  const deployment = readDeployment(environment, problems);
  if (problems.length > 0) throw new InvalidSettings(problems);
  return {
    tokens,
    app: environment['PINTEREST_APP'] || 'default',
    quota,
    apiUrl: url.data!,
    storeUrl,
    logLevel,
    alerts,
    metricsAddress,
    temporalMetricsAddress,
    deployment,
  };
};
