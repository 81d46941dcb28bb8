// What a worker reads from its environment: every problem at once, secrets from files as editors leave them.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readToken } from '../src/credentials/token-source.js';
import { InvalidSettings, readSettings, readStoreUrl } from '../src/settings.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'settings-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const fileOf = async (content: string | Uint8Array): Promise<string> => {
  const path = join(folder, 'secret');
  await writeFile(path, content);
  return path;
};

const problemsOf = (environment: Record<string, string>): string[] => {
  try {
    readSettings(environment);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidSettings);
    return (error as InvalidSettings).message.split('\n').slice(1);
  }
  throw new Error('There is no problem');
};

test('an empty environment has its defaults, and an empty variable is as good as none', () => {
  const defaults = {
    tokens: new Map(),
    refreshTokens: new Map(),
    app: 'default',
    quota: [{ calls: 1000, windowMs: 86_400_000 }],
    apiUrl: 'https://api.pinterest.com/v5',
    storeUrl: 'duckdb:data/pinterest-ads.duckdb',
    logLevel: 'info',
    experiencePlatform: {
      missing: [
        'EXPERIENCE_PLATFORM_CLIENT_ID',
        'EXPERIENCE_PLATFORM_CLIENT_SECRET',
        'EXPERIENCE_PLATFORM_ORG',
        'EXPERIENCE_PLATFORM_SCOPES',
      ],
    },
  };
  expect(readSettings({})).toEqual(defaults);
  const empty = [
    'PINTEREST_ACCESS_TOKEN',
    'PINTEREST_APP',
    'PINTEREST_QUOTA',
    'PINTEREST_API_URL',
    'STORE_URL',
  ];
  expect(readSettings(Object.fromEntries(empty.map((name) => [name, ''])))).toEqual(defaults);
});

test('how a worker gets into Experience Platform: the secret also from a file, addresses without a slash at the end', async () => {
  const { experiencePlatform, parquetFolder } = readSettings({
    EXPERIENCE_PLATFORM_CLIENT_ID: 'id',
    EXPERIENCE_PLATFORM_CLIENT_SECRET_FILE: await fileOf('a-secret\n'),
    EXPERIENCE_PLATFORM_ORG: 'A@AdobeOrg',
    EXPERIENCE_PLATFORM_SCOPES: 'openid,AdobeID',
    EXPERIENCE_PLATFORM_URL: 'http://127.0.0.1:9/',
    PARQUET_FOLDER: '/data/lake',
  });
  expect(experiencePlatform).toEqual({
    missing: [],
    access: {
      clientId: 'id',
      clientSecret: 'a-secret',
      org: 'A@AdobeOrg',
      scopes: 'openid,AdobeID',
      url: 'http://127.0.0.1:9',
      imsUrl: 'https://ims-na1.adobelogin.com',
    },
  });
  expect(parquetFolder).toBe('/data/lake');
  const { missing } = readSettings({ EXPERIENCE_PLATFORM_ORG: 'A@AdobeOrg' }).experiencePlatform;
  expect(missing).toEqual([
    'EXPERIENCE_PLATFORM_CLIENT_ID',
    'EXPERIENCE_PLATFORM_CLIENT_SECRET',
    'EXPERIENCE_PLATFORM_SCOPES',
  ]);
  expect(() => readSettings({ EXPERIENCE_PLATFORM_IMS_URL: 'ims' })).toThrow(
    /EXPERIENCE_PLATFORM_IMS_URL: "ims" is not an http/,
  );
});

test('every problem is told at once, each by its variable, no secret among them', () => {
  expect(
    problemsOf({
      PINTEREST_ACCESS_TOKEN_EU: 'two words',
      PINTEREST_ACCESS_TOKEN_US_FILE: '/none/us',
      PINTEREST_QUOTA: '1000/1d,many',
      PINTEREST_API_URL: 'api.pinterest.com',
      STORE_URL_FILE: '/none/store',
      LOG_LEVEL: 'LOUD',
      ALERT_WEBHOOK_URL: 'ftp://key@host',
      ALERT_WEBHOOK_SECRET_FILE: '/none/secret',
      METRICS_ADDRESS: '0.0.0.0:9464',
      TEMPORAL_METRICS_ADDRESS: '127.0.0.1:9464',
      WORKER_BUILD_ID: '1.4.0',
    }),
  ).toEqual([
    '  PINTEREST_ACCESS_TOKEN_EU: holds no token (expected one line of printable characters)',
    '  PINTEREST_ACCESS_TOKEN_US_FILE: cannot read /none/us (ENOENT)',
    '  STORE_URL_FILE: cannot read /none/store (ENOENT)',
    '  PINTEREST_QUOTA: "many" is not a limit; write CALLS/WINDOW, e.g. 1000/1d, 30/10s or 1000/1d,60/1m',
    '  PINTEREST_API_URL: "api.pinterest.com" is not an http(s) address, e.g. https://api.pinterest.com/v5',
    '  LOG_LEVEL: "loud" is not one of trace, debug, info, warn, error, fatal, silent',
    '  ALERT_WEBHOOK_URL: is not an http(s) address, e.g. https://alerts.example.com/pinterest',
    '  ALERT_WEBHOOK_SECRET_FILE: cannot read /none/secret (ENOENT)',
    '  WORKER_DEPLOYMENT_NAME: is missing; WORKER_BUILD_ID names a version of a deployment',
    "  TEMPORAL_METRICS_ADDRESS: port 9464 is METRICS_ADDRESS's already",
  ]);
});

describe.each([
  ['a line end', 'the-secret\n'],
  ['a line end of Windows', 'the-secret\r\n'],
  ['a byte order mark', '\uFEFFthe-secret'],
  ['a byte order mark and a line end of Windows', '\uFEFFthe-secret\r\n'],
])('a secret in a file with %s', (_, content) => {
  test('is read without it', async () => {
    const file = await fileOf(content);
    const settings = readSettings({
      PINTEREST_ACCESS_TOKEN_FILE: file,
      STORE_URL_FILE: file,
      ALERT_WEBHOOK_URL: 'https://alerts.example.com/hook/',
      ALERT_WEBHOOK_SECRET_FILE: file,
    });
    expect(readToken(settings.tokens.get('default')!)).toBe('the-secret');
    expect(settings.storeUrl).toBe('the-secret');
    expect(settings.alerts).toEqual({ url: 'https://alerts.example.com/hook/', secret: 'the-secret' });
    expect(readStoreUrl({ STORE_URL_FILE: file })).toBe('the-secret');
  });
});

test('a key of Standard Webhooks is base64; any other text is a secret as it is', () => {
  const url = 'https://alerts.example.com';
  for (const secret of ['whsec_c2VjcmV0', 'naïve & long', 'whsec', 'c2VjcmV0'])
    expect(readSettings({ ALERT_WEBHOOK_URL: url, ALERT_WEBHOOK_SECRET: secret }).alerts).toEqual({
      url,
      secret,
    });
  for (const secret of ['whsec_', 'whsec_s-cret'])
    expect(problemsOf({ ALERT_WEBHOOK_URL: url, ALERT_WEBHOOK_SECRET: secret })).toEqual([
      '  ALERT_WEBHOOK_SECRET: what follows whsec_ is not base64',
    ]);
});

test('an empty file is no secret, and nothing takes its place', async () => {
  const file = await fileOf('\uFEFF\r\n');
  expect(problemsOf({ PINTEREST_ACCESS_TOKEN_FILE: file, STORE_URL_FILE: file })).toEqual([
    `  PINTEREST_ACCESS_TOKEN_FILE: ${file} is empty`,
    `  STORE_URL_FILE: ${file} is empty`,
  ]);
});

test('a variable stands above its file', async () => {
  const file = await fileOf('duckdb:elsewhere.duckdb');
  expect(readStoreUrl({ STORE_URL: 'duckdb:here.duckdb', STORE_URL_FILE: file })).toBe('duckdb:here.duckdb');
});

test('each credential has its own token, by the name that a spec gives', () => {
  const { tokens } = readSettings({
    PINTEREST_ACCESS_TOKEN: 'one',
    PINTEREST_ACCESS_TOKEN_ACME_EU: 'two',
    PINTEREST_ACCESS_TOKENS: 'not ours',
  });
  expect(tokens).toEqual(
    new Map([
      ['default', { token: 'one' }],
      ['acme-eu', { token: 'two' }],
    ]),
  );
});

test.each([
  [{}, undefined],
  [{ OTEL_TRACES_EXPORTER: 'otlp' }, true],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318' }, true],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://collector.example.com/v1/traces' }, true],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318', OTEL_TRACES_EXPORTER: 'none' }, undefined],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318', OTEL_SDK_DISABLED: 'TRUE' }, undefined],
])('with %j, whether traces are sent is %s', (environment, traces) => {
  expect(readSettings(environment as Record<string, string>).traces).toBe(traces);
});

test('what traces cannot be sent by is told', () => {
  expect(
    problemsOf({
      OTEL_TRACES_EXPORTER: 'zipkin',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'key@collector:4317',
    }).map((line) => line.trim()),
  ).toEqual([
    'OTEL_TRACES_EXPORTER: "zipkin" is not known here; otlp or none',
    'OTEL_EXPORTER_OTLP_ENDPOINT: is not an http(s) address, e.g. http://localhost:4318',
    'OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" is not known here; http/protobuf',
  ]);
});

describe('the app and the key of stored credentials', () => {
  const KEY = Buffer.alloc(32, 7).toString('base64');

  test('id and secret belong together, the secret also from a file; the key is 32 bytes in base64', async () => {
    const { oauthApp, credentialsKey } = readSettings({
      PINTEREST_APP_ID: '1234',
      PINTEREST_APP_SECRET_FILE: await fileOf('\uFEFFthe-secret\r\n'),
      CREDENTIALS_KEY: KEY,
    });
    expect(oauthApp).toEqual({ id: '1234', secret: 'the-secret' });
    expect(credentialsKey).toEqual(Buffer.alloc(32, 7));
    expect(readSettings({ PINTEREST_APP_ID: '', PINTEREST_APP_SECRET: '' }).oauthApp).toBeUndefined();
  });

  test('one without the other is told of by its name', () => {
    expect(problemsOf({ PINTEREST_APP_ID: '1234' })).toEqual([
      '  PINTEREST_APP_SECRET: is missing; PINTEREST_APP_ID needs it',
    ]);
    expect(problemsOf({ PINTEREST_APP_SECRET: 'the-secret' })).toEqual([
      '  PINTEREST_APP_ID: is missing; PINTEREST_APP_SECRET belongs to one',
    ]);
  });

  test.each([
    ['too short', Buffer.alloc(31).toString('base64')],
    ['too long', Buffer.alloc(33).toString('base64')],
    ['hexadecimal', Buffer.alloc(32, 7).toString('hex')],
    ['no base64', 'p'.repeat(42) + '!='],
  ])('a key that is %s is refused, and not quoted', (_, key) => {
    const problems = problemsOf({ CREDENTIALS_KEY: key });
    expect(problems).toEqual([
      '  CREDENTIALS_KEY: is not 32 bytes in base64; openssl rand -base64 32 makes one',
    ]);
  });
});
