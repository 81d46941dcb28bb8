// docs/data.md as an analyst uses it: its queries answer as they stand, its specs are taken, and no column is left out of it.
import { readFileSync } from 'node:fs';
import { dateOf } from '../../src/dataflow/dates.js';
import { parseAnySpec } from '../../src/dataflow/parse-spec.js';
import { newDatabase } from '../support/databases.js';
import { ACCOUNT, Harness } from '../support/harness.js';
import { query, type Row } from '../support/store-reader.js';

const DOCS = readFileSync('docs/data.md', 'utf8');
const blocks = (language: string): string[] =>
  [...DOCS.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, text]) => text!);
/** By the question that stands above each. */
const QUESTIONS = [...DOCS.matchAll(/^\*\*(.*\?)\*\*.*\n\n```sql\n([^`]*)^```/gm)].map(
  ([, question, sql]) => [question!, sql!] as const,
);
const SPECS = blocks('json').map((text) => JSON.parse(text) as { name: string; source: object });

test.each(SPECS)('the spec $name is taken', (spec) => {
  expect(parseAnySpec(spec, { today: '2026-11-28' })).toMatchObject({ name: spec.name });
});

test('ten questions, each with its query', () => {
  expect(QUESTIONS).toHaveLength(10);
  expect(blocks('sql')).toHaveLength(10);
});

const stores = { DuckDB: () => Promise.resolve(null), PostgreSQL: newDatabase };
describe.each(['DuckDB', 'PostgreSQL'] as const)('%s', (kind) => {
  let harness: Harness;
  let store: string;
  beforeAll(async () => {
    const database = await stores[kind]();
    harness = await Harness.start({
      simulator: { adAccounts: [{ id: ACCOUNT, campaigns: 4, adGroups: 6, ads: 12 }] },
      ...(database && { environment: { STORE_URL: database } }),
    });
    store = database ?? harness.storePath;
    // The one that the questions are asked of, of as many days as the longest of them looks at.
    const [spec] = SPECS;
    await harness.run({ ...spec, source: { ...spec!.source, backfillDays: 60 } });
  });
  afterAll(() => harness.close());

  const isEmpty = (value: unknown): boolean => value === null || Number.isNaN(value);

  test.each(QUESTIONS)('%s', async (_, sql) => {
    const rows = await query(store, sql);
    expect(rows.length).toBeGreaterThan(0);
    for (const name of Object.keys(rows[0]!)) {
      // Nothing was restated in a first run.
      if (name === 'oldest_restated_days') continue;
      expect([name, rows.every((row) => isEmpty(row[name]))]).toEqual([name, false]);
    }
  });

  const number = async (sql: string): Promise<number> =>
    Number(Object.values((await query(store, sql))[0]!)[0]);

  test('what they answer is what the tables hold', async () => {
    expect(await query(store, 'SELECT status FROM acme_ads.runs')).toEqual([{ status: 'success' }]);
    const answers = new Map<string, Row[]>();
    for (const [question, sql] of QUESTIONS) answers.set(question, await query(store, sql));
    const sumOf = (begins: string, column: string): number => {
      const [, rows] = [...answers].find(([question]) => question.startsWith(begins))!;
      return rows.reduce((sum, row) => sum + Number(row[column]), 0);
    };
    const table = 'FROM acme_ads.campaign_analytics';
    expect(sumOf('What did each campaign cost', 'spend')).toBeCloseTo(
      await number(`SELECT sum(spend_in_micro_dollar) / 1e6 ${table} WHERE date > current_date - 30`),
      4,
    );
    expect(sumOf('How much do saved Pins', 'earned_clicks')).toBe(
      await number(`SELECT sum(clickthrough_2) ${table}`),
    );
    expect(sumOf('How far do Pinterest', 'api_calls')).toBe(harness.calls());
    const [books] = [...answers].find(([question]) => question.startsWith('Up to which day'))![1];
    // 30 days of restatement, 2 to settle; the run was made today.
    const finalTo = new Date(books!['final_to'] as string | Date);
    expect(Math.round((Date.parse(dateOf(Date.now())) - finalTo.getTime()) / 86_400_000)).toBe(32);
  });

  test('every table, view and column is named', async () => {
    const columns = await query(
      store,
      `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'acme_ads'`,
    );
    expect(columns.length).toBeGreaterThan(300);
    const named = new Set([...DOCS.matchAll(/`([\w]+)`/g)].map(([, word]) => word));
    // Views of breakdowns are named as all of them together.
    const words = columns.flatMap((row) => [String(row['table_name']), String(row['column_name'])]);
    const missing = words.filter((word) => !named.has(word) && !word.endsWith('_targeting_daily'));
    expect([...new Set(missing)]).toEqual([]);
  });
});
