// The environment → typed settings, every problem reported at once. A new variable is a new line of `settings`.
import { isIP } from 'node:net';
import { z } from 'zod';
import {
  byCredential,
  consentPage,
  credentialsKey,
  neededApp,
  oauthApp,
  redirectUri,
} from './credentials/variables.js';
import { parsedBy, quoted, secret, settingsOf, variable, type Environment } from './environment.js';
import { parseQuota } from './quota/limits.js';
import { isPostgres } from './store/open-store.js';

export interface HostPort {
  /** An IP address. */
  host: string;
  port: number;
}

const DEFAULT_API_URL = 'https://api.pinterest.com/v5';
const DEFAULT_STORE_URL = 'duckdb:data/pinterest-ads.duckdb';

/** It may hold a secret itself. */
const webhookUrl = z.url({
  protocol: /^https?$/,
  error: 'is not an http(s) address, e.g. https://alerts.example.com/pinterest',
});

const webhookSecret = z
  .string()
  .regex(/^(?!whsec_)|^whsec_[A-Za-z0-9+/]+={0,2}$/, { error: 'what follows whsec_ is not base64' });

const EXPERIENCE_PLATFORM_URL = 'https://platform.adobe.io';
const IMS_URL = 'https://ims-na1.adobelogin.com';

const httpUrl = (example: string) =>
  z
    .url({ protocol: /^https?$/, error: quoted(`is not an http(s) address, e.g. ${example}`) })
    .transform((url) => url.replace(/\/+$/, ''))
    .prefault(example);

/** How a worker gets into Experience Platform: client credentials of a project in Adobe's Developer Console. */
export interface ExperiencePlatformAccess {
  clientId: string;
  clientSecret: string;
  /** `…@AdobeOrg`. */
  org: string;
  /** As the form of a token's request has them: with commas. */
  scopes: string;
  /** Without a slash at the end. */
  url: string;
  imsUrl: string;
}

/** With the variables that are missing; all four of them where nobody wants such a target. */
const experiencePlatform = settingsOf({
  clientId: variable('EXPERIENCE_PLATFORM_CLIENT_ID', z.string().optional()),
  clientSecret: secret('EXPERIENCE_PLATFORM_CLIENT_SECRET', z.string().optional()),
  org: variable('EXPERIENCE_PLATFORM_ORG', z.string().optional()),
  scopes: variable('EXPERIENCE_PLATFORM_SCOPES', z.string().optional()),
  url: variable('EXPERIENCE_PLATFORM_URL', httpUrl(EXPERIENCE_PLATFORM_URL)),
  imsUrl: variable('EXPERIENCE_PLATFORM_IMS_URL', httpUrl(IMS_URL)),
}).transform(({ clientId, clientSecret, org, scopes, ...urls }) => {
  const missing = [
    ...(clientId ? [] : ['EXPERIENCE_PLATFORM_CLIENT_ID']),
    ...(clientSecret ? [] : ['EXPERIENCE_PLATFORM_CLIENT_SECRET']),
    ...(org ? [] : ['EXPERIENCE_PLATFORM_ORG']),
    ...(scopes ? [] : ['EXPERIENCE_PLATFORM_SCOPES']),
  ];
  const access: ExperiencePlatformAccess | undefined =
    clientId && clientSecret && org && scopes ? { clientId, clientSecret, org, scopes, ...urls } : undefined;
  return { missing, access };
});

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const logLevel = z
  .string()
  .toLowerCase()
  .pipe(z.enum(LOG_LEVELS, { error: quoted(`is not one of ${LOG_LEVELS.join(', ')}`) }));

/** `0.0.0.0:9464`, `localhost:9464` or `[::1]:9464`. */
const hostPort = parsedBy((text): HostPort => {
  const [, bracketed, plain, digits] = /^(?:\[(.+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = (bracketed ?? plain)?.replace(/^localhost$/, '127.0.0.1') ?? '';
  const port = Number(digits);
  if (isIP(host) && port > 0 && port <= 65_535) return { host, port };
  throw new Error(`${JSON.stringify(text)} is not an IP address and a port, e.g. 0.0.0.0:9464`);
});

/** It may hold a secret itself. */
const collectorUrl = z.url({
  protocol: /^https?$/,
  error: 'is not an http(s) address, e.g. http://localhost:4318',
});
/** Text that is one of these. */
const oneOf = <const Texts extends readonly [string, ...string[]]>(...texts: Texts) =>
  z.enum(texts, { error: quoted(`is not known here; ${texts.join(' or ')}`) });

const deploymentName = z.string().regex(/^[a-z0-9][\w-]*$/i, {
  error: quoted('may hold letters, digits, - and _, e.g. pinterest-ads'),
});
const buildId = z
  .string()
  .regex(/^[a-z0-9][\w.+-]*$/i, { error: quoted('may hold letters, digits, ., +, - and _, e.g. 1.4.0') });

const storeUrl = secret('STORE_URL', z.string().default(DEFAULT_STORE_URL));

const quota = variable('PINTEREST_QUOTA', parsedBy(parseQuota).prefault('1000/1d'));

const apiUrl = variable('PINTEREST_API_URL', httpUrl(DEFAULT_API_URL));

/** Of where credentials are kept: what is missing there. */
const missingKey = (storeUrl: string, key: Buffer | undefined): string[] =>
  isPostgres(storeUrl) && !key
    ? [
        'CREDENTIALS_KEY: is missing; credentials in PostgreSQL are encrypted with it: openssl rand -base64 32',
      ]
    : [];

/** What somebody has already, by credential: each is used once, and renewed from then on. */
const refreshTokens = settingsOf({
  tokens: byCredential('PINTEREST_REFRESH_TOKEN'),
  app: oauthApp,
  key: credentialsKey,
  storeUrl,
}).transform(({ tokens, app, key, storeUrl }, context) => {
  if (tokens.size === 0) return tokens;
  if (!app)
    context.addIssue(
      'PINTEREST_APP_ID: is missing; what PINTEREST_REFRESH_TOKEN holds is renewed for an app',
    );
  for (const problem of missingKey(storeUrl, key)) context.addIssue(problem);
  return tokens;
});

const settings = settingsOf({
  tokens: byCredential('PINTEREST_ACCESS_TOKEN'),
  refreshTokens,
  oauthApp,
  credentialsKey,
  /** The Pinterest app whose budget all credentials of this worker share. */
  app: variable('PINTEREST_APP', z.string().default('default')),
  quota,
  apiUrl,
  storeUrl,
  logLevel: variable('LOG_LEVEL', logLevel.prefault('info')),
  experiencePlatform,
  /** The folder below which targets of kind `parquet` have theirs. */
  parquetFolder: variable('PARQUET_FOLDER', z.string().optional()),
  /** Where the end of each run is told, if anywhere. */
  alerts: settingsOf({
    url: secret('ALERT_WEBHOOK_URL', webhookUrl.optional()),
    secret: secret('ALERT_WEBHOOK_SECRET', webhookSecret.optional()),
  }).transform(({ url, secret }, context) => {
    if (url && !secret) context.addIssue('ALERT_WEBHOOK_SECRET: is missing; alerts are signed with it');
    return url && secret ? { url, secret } : undefined;
  }),
  /** Where the worker answers /metrics, /health and /ready, if anywhere. */
  metricsAddress: variable('METRICS_ADDRESS', hostPort.optional()),
  /** Where Temporal's SDK answers /metrics with its own numbers, if anywhere. */
  temporalMetricsAddress: variable('TEMPORAL_METRICS_ADDRESS', hostPort.optional()),
  /** Whether traces are sent; where to and how is read by OpenTelemetry itself, out of its other variables. */
  traces: settingsOf({
    exporter: variable('OTEL_TRACES_EXPORTER', oneOf('otlp', 'none').optional()),
    endpoint: variable('OTEL_EXPORTER_OTLP_ENDPOINT', collectorUrl.optional()),
    tracesEndpoint: variable('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', collectorUrl.optional()),
    protocol: variable('OTEL_EXPORTER_OTLP_PROTOCOL', oneOf('http/protobuf').optional()),
    tracesProtocol: variable('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', oneOf('http/protobuf').optional()),
    disabled: variable('OTEL_SDK_DISABLED', z.string().toLowerCase().optional()),
  }).transform(({ exporter, endpoint, tracesEndpoint, disabled }) => {
    const asked = exporter ? exporter === 'otlp' : Boolean(endpoint ?? tracesEndpoint);
    return asked && disabled !== 'true' ? true : undefined;
  }),
  /** This worker's version, for Temporal's Worker Versioning; no versioning if undefined. */
  deployment: settingsOf({
    name: variable('WORKER_DEPLOYMENT_NAME', deploymentName.optional()),
    buildId: variable('WORKER_BUILD_ID', buildId.optional()),
  }).transform(({ name, buildId }, context) => {
    if (buildId && !name)
      context.addIssue('WORKER_DEPLOYMENT_NAME: is missing; WORKER_BUILD_ID names a version of a deployment');
    return name ? { name, buildId } : undefined;
  }),
}).refine(
  ({ metricsAddress, temporalMetricsAddress }) =>
    metricsAddress?.port === undefined || metricsAddress.port !== temporalMetricsAddress?.port,
  {
    // Whatever else is wrong: an address that could not be read has no port.
    when: () => true,
    error: ({ input }) =>
      `TEMPORAL_METRICS_ADDRESS: port ${(input as { metricsAddress: HostPort }).metricsAddress.port} is METRICS_ADDRESS's already`,
  },
);

export type Settings = z.infer<typeof settings>;

/** What `authorize` needs. */
const authorizeSettings = settingsOf({
  app: neededApp,
  consentPage,
  redirectUri,
  apiUrl,
  storeUrl,
  credentialsKey: settingsOf({ key: credentialsKey, storeUrl }).transform(({ key, storeUrl }, context) => {
    for (const problem of missingKey(storeUrl, key)) context.addIssue(problem);
    return key;
  }),
});
export type AuthorizeSettings = z.infer<typeof authorizeSettings>;

/** What `report` needs. */
const reportSettings = settingsOf({ storeUrl, quota });
export type ReportSettings = z.infer<typeof reportSettings>;

export class InvalidSettings extends Error {
  override readonly name = 'InvalidSettings';

  constructor(problems: readonly string[]) {
    super(`The environment is not usable:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}

const readBy = <Value>(schema: z.ZodType<Value>, variables: Environment): Value => {
  const { success, data, error } = schema.safeParse(variables);
  // What several settings are read from is told of once.
  if (!success) throw new InvalidSettings([...new Set(error.issues.map(({ message }) => message))]);
  return data;
};

/** @throws InvalidSettings with every problem found */
export const readSettings = (variables: Environment = process.env): Settings => readBy(settings, variables);

/** @throws InvalidSettings with every problem found */
export const readAuthorizeSettings = (variables: Environment = process.env): AuthorizeSettings =>
  readBy(authorizeSettings, variables);

/** @throws InvalidSettings with every problem found */
export const readReportSettings = (variables: Environment = process.env): ReportSettings =>
  readBy(reportSettings, variables);

/**
 * The store alone, for programs that need no more.
 * @throws InvalidSettings
 */
export const readStoreUrl = (variables: Environment = process.env): string => readBy(storeUrl, variables);
