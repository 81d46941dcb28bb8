// What only PostgreSQL brings: a server that comes and goes, roles and passwords, settings that change how values look.
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareTables } from '../../src/activities/prepare-run.js';
import { openStore, storeName } from '../../src/store/open-store.js';
import { writeReport } from '../../src/write-report.js';
import { postgresStore } from './stores.js';
import { StoreUnavailable } from '../../src/store/store.js';
import { criteriaOf, needWith } from '../dataflow/needs.js';
import { Postgres } from '../support/postgres.js';
import { query } from '../support/store-reader.js';
import { load, noon, ACCOUNT, specOf } from './answers.js';

const spec = specOf();
const row = (id: number, spend: number) => ({
  CAMPAIGN_ID: String(id),
  DATE: '2026-05-30',
  SPEND_IN_MICRO_DOLLAR: spend,
});

let server: Postgres;
let made = 0;
let database: string;
let url: string;
beforeAll(async () => {
  server = await Postgres.start();
});
beforeEach(async () => {
  database = `test_${made++}`;
  await query(server.url(), `CREATE DATABASE ${database}`);
  url = server.url(database);
});
afterAll(() => server.close());

/** The error that `work` ends with, with all that a log would show of it. */
const failureOf = async (work: () => unknown): Promise<{ error: StoreUnavailable; shown: string }> => {
  try {
    await work();
  } catch (error) {
    const { message, stack, cause } = error as Error;
    const shown = [message, stack, String(cause), JSON.stringify(error)].join('\n');
    return { error: error as StoreUnavailable, shown };
  }
  throw new Error('it did not fail');
};

describe('a server that comes and goes', () => {
  test('a restart between two calls is not noticed', async () => {
    const store = postgresStore(url);
    await prepareTables(store, spec);
    await Promise.all([1, 2, 3].map(() => store.cells.coverage(ACCOUNT, { objectType: 'campaigns' })));
    await server.down();
    await server.up();
    expect(await load(store, { spec, ids: 'all', rows: [row(1, 1)] })).toMatchObject({ rows: 1 });
  });

  test('while it is down a call waits a little, then says so as something that passes; up again, all goes on', async () => {
    const store = postgresStore(url, 300);
    await prepareTables(store, spec);
    await server.down();
    const { error } = await failureOf(() => store.cells.coverage(ACCOUNT, { objectType: 'campaigns' }));
    expect(error).toBeInstanceOf(StoreUnavailable);
    expect(error.locked).toBe(true);
    expect(error.message).toContain(`/${database}, cannot be used now`);
    await server.up();
    expect(await store.cells.coverage(ACCOUNT, { objectType: 'campaigns' })).toEqual([]);
  });

  test('an answer that is here already waits for the server, and is committed once', async () => {
    const store = postgresStore(url, 300);
    await prepareTables(store, spec);
    await server.down();
    const loading = load(store, { spec, ids: 'all', rows: [row(1, 1), row(2, 2)] });
    await new Promise((later) => setTimeout(later, 1_500));
    await server.up();
    expect(await loading).toMatchObject({ rows: 2 });
  });

  test('connections cut off in the middle of commits cost no row and double none', async () => {
    const store = postgresStore(url);
    await prepareTables(store, spec);
    const rows = Array.from({ length: 20_000 }, (_, i) => row(1_000 + i, i));
    let loading = true;
    const commits = Promise.all(
      [0, 1, 2, 3].map((late) =>
        load(store, { spec, ids: 'all', rows, askedForMs: noon + late, startedAtMs: noon - 1 }),
      ),
    ).finally(() => {
      loading = false;
    });
    let cut = 0;
    while (loading && cut < 12) {
      await new Promise((later) => setTimeout(later, 50));
      const others = await query(
        server.url(),
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${database}' AND state <> 'idle'`,
      );
      cut += others.length;
    }
    await commits;
    expect(cut).toBeGreaterThan(0);
    const [count] = await query(
      url,
      'SELECT count(*)::INTEGER AS rows, sum(spend_in_micro_dollar) AS spend FROM acme_ads.campaign_analytics',
    );
    expect(count).toEqual({ rows: 20_000, spend: (20_000 * 19_999) / 2 });
  });
});

test('a schema of another program is known by what a role may not look into, also if that is no table', async () => {
  const role = `stranger_${database}`;
  await query(
    url,
    `CREATE ROLE ${role} LOGIN PASSWORD 'x'; GRANT ALL ON DATABASE ${database} TO ${role};
     CREATE SCHEMA acme_ads; GRANT ALL ON SCHEMA acme_ads TO ${role};
     CREATE FUNCTION acme_ads.tax() RETURNS INTEGER LANGUAGE SQL AS 'SELECT 19'; CREATE SEQUENCE acme_ads.invoices`,
  );
  const store = openStore(server.tcpUrl(role, 'x', database));
  await expect(store.schemas.make('acme-ads')).rejects.toThrow(
    /another program: it holds invoices, tax, and not/,
  );
});

describe('who may come in', () => {
  const password = 'p@ss:w/o#rd?%';

  test('a role that owns one schema and may do nothing else is enough', async () => {
    await query(
      url,
      `CREATE ROLE loader_${database} LOGIN PASSWORD '${password}';
       REVOKE ALL ON DATABASE ${database} FROM PUBLIC;
       GRANT CONNECT, TEMPORARY ON DATABASE ${database} TO loader_${database};
       CREATE SCHEMA acme_ads AUTHORIZATION loader_${database}`,
    );
    const store = openStore(server.tcpUrl(`loader_${database}`, password, database));
    await prepareTables(store, spec);
    await prepareTables(store, specOf(['SPEND_IN_MICRO_DOLLAR', 'CTR']));
    await load(store, { spec, ids: 'all', rows: [row(1, 1)] });

    const { error, shown } = await failureOf(() => store.schemas.make('other-ads'));
    expect(error).toBeInstanceOf(StoreUnavailable);
    expect(error.locked).toBe(false);
    expect(error.message).toContain('permission denied');
    expect(error.message).toContain('docs/postgresql.md');
    expect(shown).not.toContain(password);
  });

  test.each([
    ['a wrong password', () => server.tcpUrl('postgres', password), /password authentication failed/],
    ['a database that is not there', () => server.url('nowhere'), /"nowhere" does not exist/],
    [
      'a host that has no name',
      () => `postgres://u:s3cret@no.such.host.invalid/x`,
      /no\.such\.host\.invalid/,
    ],
    [
      'TLS where the server has none',
      () => `${server.tcpUrl('postgres', password)}?sslmode=require`,
      /does not support SSL/,
    ],
  ])('%s is to be mended by a person, who hears what is wrong and no password', async (_, address, words) => {
    const { error, shown } = await failureOf(() => postgresStore(address(), 0).schemas.make('acme-ads'));
    expect(error).toBeInstanceOf(StoreUnavailable);
    expect(error.locked).toBe(false);
    expect(error.message).toMatch(words);
    for (const secret of [password, encodeURIComponent(password), 's3cret'])
      expect(shown).not.toContain(secret);
  });

  test.each([
    `postgres://user:s3/cret@host:54x/db`,
    `postgres://user:s3cret@host:99999/db`,
    `postgresql://user:s3cret@host/db?sslrootcert=/no/such/file`,
  ])('%s is refused at once, without its password', async (address) => {
    const { error, shown } = await failureOf(() => openStore(address));
    expect(error).toBeInstanceOf(StoreUnavailable);
    expect(error.locked).toBe(false);
    expect(shown).not.toMatch(/s3|cret/);
  });

  test('what is shown of a URL holds neither user nor password', () => {
    const shown = ['postgres://me:secret@db:5433/ads?sslmode=require', 'postgresql://db/ads?password=secret'];
    expect(shown.map(storeName)).toEqual(['db:5433/ads', 'db:5432/ads']);
  });
});

describe('a role that only reads', () => {
  /** A report of a loaded dataflow, as a role reads it that was given `rights`. */
  const reportOf = async (rights: (role: string) => string) => {
    const role = `analyst_${database}`;
    await prepareTables(postgresStore(url), spec);
    await load(postgresStore(url), { spec, ids: 'all', rows: [row(1, 1)] });
    const criteria = criteriaOf({ columns: ['SPEND_IN_MICRO_DOLLAR'] });
    await postgresStore(url).wanted.keep(ACCOUNT, [needWith({ objects: null, periods: [], criteria })], 914);
    await query(
      url,
      `REVOKE ALL ON DATABASE ${database} FROM PUBLIC; CREATE ROLE ${role} LOGIN PASSWORD 'x';
       GRANT CONNECT ON DATABASE ${database} TO ${role}; ${rights(role)}`,
    );
    const storeUrl = server.tcpUrl(role, 'x', database);
    const file = join(await mkdtemp(join(tmpdir(), 'report-')), 'report.html');
    await writeReport('acme-ads', { storeUrl, quota: [] }, file);
    return readFile(file, 'utf8');
  };
  const usage = (role: string): string => `GRANT USAGE ON SCHEMA acme_ads TO ${role};`;
  const all = (role: string): string => `GRANT SELECT ON ALL TABLES IN SCHEMA acme_ads TO ${role};`;

  test('makes a report with what the documentation grants it', async () => {
    const page = await reportOf((role) => usage(role) + all(role));
    expect(page).toContain('<h2 id="numbers-title">Numbers by day</h2>');
    expect(page).toContain('summed over all rows of');
  });

  test.each([
    ['nothing', () => '', /may not read freshness and \d+ more in the schema acme_ads/],
    ['no schema', all, /permission denied for schema acme_ads/],
    [
      'one table too few',
      (role: string) => `${usage(role)} ${all(role)} REVOKE ALL ON acme_ads.campaign_analytics FROM ${role}`,
      /may not read campaign_analytics/,
    ],
    [
      'not the version of the schema',
      (role: string) => `${usage(role)} ${all(role)} REVOKE ALL ON acme_ads.schema_version FROM ${role}`,
      /may not read schema_version/,
    ],
  ])('hears what it lacks if it was granted %s', async (_, rights, words) => {
    const { error } = await failureOf(() => reportOf(rights));
    expect(error).toBeInstanceOf(StoreUnavailable);
    expect(error.locked).toBe(false);
    expect(error.message).toMatch(words);
    expect(error.message).toMatch(/SELECT on all its tables.*docs\/postgresql\.md/);
  });
});

test('dates, times and numbers are right whatever the settings of role and database', async () => {
  const settings = [
    `DateStyle = 'SQL, DMY'`,
    `TimeZone = 'Pacific/Kiritimati'`,
    'extra_float_digits = 0',
    `default_transaction_isolation = 'repeatable read'`,
    `IntervalStyle = 'sql_standard'`,
    `search_path = ''`,
  ];
  for (const setting of settings) await query(server.url(), `ALTER DATABASE ${database} SET ${setting}`);
  const store = postgresStore(url);
  const other = postgresStore(url);
  await prepareTables(store, spec);
  // Two at once: what is read behind the lock must not be as old as the transaction.
  const rows = [row(1, 0.30000000000000004)];
  const results = await Promise.all(
    [store, other, store, other].map((each, late) =>
      load(each, { spec, ids: 'all', rows, askedForMs: noon + late, startedAtMs: noon - 1 }),
    ),
  );
  expect(results.map(({ rows }) => rows).sort((a, b) => a - b)).toEqual([0, 0, 0, 1]);
  const [coverage] = await store.cells.coverage(ACCOUNT, { objectType: 'campaigns' });
  expect(coverage).toMatchObject({ from: '2026-05-27', to: '2026-05-31' });
  expect(Math.abs(coverage!.askedForMs - noon)).toBeLessThanOrEqual(3);
  const [stored] = await query(
    url,
    `SELECT to_char(date, 'YYYY-MM-DD') AS date, to_char(_loaded_at, 'YYYY-MM-DD HH24:MI') AS loaded,
            spend_in_micro_dollar = 0.30000000000000004::FLOAT8 AS exact FROM acme_ads.campaign_analytics`,
  );
  expect(stored).toEqual({ date: '2026-05-30', loaded: '2026-05-31 12:00', exact: true });
});

test('a text with a NUL, which PostgreSQL cannot keep, costs no row', async () => {
  const ads = specOf(['AD_NAME'], { objectType: 'ads' });
  const store = postgresStore(url);
  await prepareTables(store, ads);
  await load(store, {
    spec: ads,
    ids: 'all',
    rows: [{ AD_ID: '1', DATE: '2026-05-30', AD_NAME: 'a\0b' }],
  });
  await store.catalogue.savePage(ACCOUNT, 'ads', [{ id: '1', name: 'a\0b' }], noon, null);
  expect(await query(url, 'SELECT ad_name AS name FROM acme_ads.ad_analytics')).toEqual([
    { name: 'a\uFFFDb' },
  ]);
  // A catalogue's value that its column cannot hold is left out, and counted by `misfitsOf`; the object stays.
  expect(await store.catalogue.objects(ACCOUNT, 'ads')).toMatchObject([{ id: '1', name: null }]);
});
