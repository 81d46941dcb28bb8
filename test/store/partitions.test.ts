// What every store says of its partitions, and the rows that leave it: the content of a week and nothing else makes its hash.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { prepareTables } from '../../src/activities/prepare-run.js';
import { change } from '../support/store-reader.js';
import { ACCOUNT, specOf } from './answers.js';
import { onEachStore } from './stores.js';

const COLUMNS = ['SPEND_IN_MICRO_DOLLAR', 'CTR', 'CAMPAIGN_NAME'];
const MONDAY = '2026-05-25';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'partitions-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** As any program reads a file. */
const read = async (sql: string) => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  return (await connection.runAndReadAll(sql)).getRowObjectsJson();
};

onEachStore((current) => {
  beforeEach(() => prepareTables(current().store, specOf(COLUMNS)));

  const insert = (...rows: string[]) =>
    change(
      current().source,
      `INSERT INTO acme_ads.campaign_analytics
         (ad_account_id, campaign_id, date, spend_in_micro_dollar, ctr, campaign_name, _loaded_at)
       VALUES ${rows.map((row) => `('${ACCOUNT.adAccountId}', ${row}, TIMESTAMP '2026-06-01 12:00:00')`).join(', ')}`,
    );
  const contents = () => current().store.partitions.contents(ACCOUNT);
  const hashes = async () => (await contents()).map(({ hash }) => hash);
  const table = async () => {
    const tables = await current().store.partitions.tables(ACCOUNT.dataflow);
    return tables.find(({ table: name }) => name === 'campaign_analytics')!;
  };

  test('weeks begin on Mondays, and other ad accounts have their own', async () => {
    await insert(
      `'1', DATE '2026-05-24', 1, NULL, NULL`,
      `'1', DATE '2026-05-25', 1, NULL, NULL`,
      `'1', DATE '2026-05-31', 1, NULL, NULL`,
    );
    await change(
      current().source,
      `UPDATE acme_ads.campaign_analytics SET ad_account_id = '7' WHERE date = DATE '2026-05-31'`,
    );
    const own = (await contents()).sort((a, b) => (a.week < b.week ? -1 : 1));
    expect(own).toMatchObject([
      { table: 'campaign_analytics', week: '2026-05-18', rows: 1 },
      { table: 'campaign_analytics', week: '2026-05-25', rows: 1 },
    ]);
  });

  test('neither the order of rows nor when they were asked for changes a hash', async () => {
    const rows = [`'1', DATE '2026-05-25', 0.1, 1e300, 'a'`, `'2', DATE '2026-05-26', -0.5, NULL, ''`];
    await insert(...rows);
    const before = await hashes();
    await change(current().source, 'DELETE FROM acme_ads.campaign_analytics');
    await insert(...rows.reverse());
    await change(
      current().source,
      `UPDATE acme_ads.campaign_analytics SET _loaded_at = TIMESTAMP '2026-07-01 00:00:00'`,
    );
    expect(await hashes()).toEqual(before);
  });

  test.each([
    [
      'a value',
      `UPDATE acme_ads.campaign_analytics SET spend_in_micro_dollar = 9007199254740994 WHERE campaign_id = '1'`,
    ],
    [
      'the last digit of a value',
      `UPDATE acme_ads.campaign_analytics SET ctr = 0.30000000000000004 WHERE campaign_id = '1'`,
    ],
    ['a value that went', `UPDATE acme_ads.campaign_analytics SET ctr = NULL WHERE campaign_id = '1'`],
    [
      'an empty text in place of none',
      `UPDATE acme_ads.campaign_analytics SET campaign_name = '' WHERE campaign_id = '2'`,
    ],
    [
      'values that changed places',
      `UPDATE acme_ads.campaign_analytics SET campaign_id = CASE campaign_id WHEN '1' THEN '2' ELSE '1' END`,
    ],
    ['a row that went', `DELETE FROM acme_ads.campaign_analytics WHERE campaign_id = '2'`],
    [
      'a row twice',
      `INSERT INTO acme_ads.campaign_analytics SELECT * FROM acme_ads.campaign_analytics WHERE campaign_id = '1'`,
    ],
    [
      'another date of the week',
      `UPDATE acme_ads.campaign_analytics SET date = DATE '2026-05-28' WHERE campaign_id = '1'`,
    ],
  ])('%s changes it', async (_, sql) => {
    await insert(
      `'1', DATE '2026-05-25', 9007199254740992, 0.3, 'a,null]'`,
      `'2', DATE '2026-05-26', 2, 1, NULL`,
    );
    const before = await hashes();
    await change(current().source, sql);
    const after = await hashes();
    expect(after).toHaveLength(1);
    expect(after).not.toEqual(before);
  });

  test('a column that was added changes it once it has a value', async () => {
    await insert(`'1', DATE '2026-05-25', 1, 0.5, 'a'`, `'2', DATE '2026-05-26', 2, NULL, NULL`);
    const before = await hashes();
    await prepareTables(current().store, specOf([...COLUMNS, 'TOTAL_CONVERSIONS']));
    expect(await hashes()).toEqual(before);
    await change(
      current().source,
      `UPDATE acme_ads.campaign_analytics SET total_conversions = 0 WHERE campaign_id = '2'`,
    );
    expect(await hashes()).not.toEqual(before);
  });

  test('the rows of a week leave as they are, in a file, with what they hash to', async () => {
    await insert(
      `'610094584591000002', DATE '2026-05-25', 9007199254740993, 0.30000000000000004, 'a "b", c\\d'`,
      `'2', DATE '2026-05-26', -1e-7, NULL, ''`,
      `'3', DATE '2026-05-31', 1e300, 'NaN', 'ä'`,
      `'4', DATE '2026-06-01', 4, NULL, 'of another week'`,
    );
    const file = join(folder, 'rows.parquet');
    const written = await current().store.partitions.write(ACCOUNT, await table(), MONDAY, file);
    expect((await contents()).filter(({ week }) => week === MONDAY)).toEqual([written]);
    expect(written).toMatchObject({ rows: 3 });
    const shown = (from: string) =>
      `SELECT ad_account_id, campaign_id, CAST(date AS VARCHAR) AS date, spend_in_micro_dollar AS spend, CAST(ctr AS VARCHAR) AS ctr, campaign_name
       FROM ${from} ORDER BY campaign_id`;
    const account = { ad_account_id: ACCOUNT.adAccountId };
    expect(await read(shown(`read_parquet('${file}')`))).toEqual([
      { ...account, campaign_id: '2', date: '2026-05-26', spend: -1e-7, ctr: null, campaign_name: '' },
      { ...account, campaign_id: '3', date: '2026-05-31', spend: 1e300, ctr: 'nan', campaign_name: 'ä' },
      {
        ...account,
        ...{ campaign_id: '610094584591000002', date: '2026-05-25', spend: 9007199254740992 },
        ...{ ctr: '0.30000000000000004', campaign_name: 'a "b", c\\d' },
      },
    ]);
  });

  test('of a week without rows there is nothing', async () => {
    const { partitions } = current().store;
    expect(await contents()).toEqual([]);
    expect(await partitions.write(ACCOUNT, await table(), MONDAY, join(folder, 'rows.parquet'))).toBeNull();
  });
});
