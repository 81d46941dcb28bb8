// The JSON Schema that editors check a spec by says what the parser says, of everything that has the wrong shape.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { InvalidSpec } from '../../src/dataflow/invalid-spec.js';
import { parseAnySpec } from '../../src/dataflow/parse-spec.js';
import { specJsonSchema } from '../../src/dataflow/spec-json-schema.js';
import { minimal, TODAY } from './specs.js';
import { runs } from '../support/random.js';

const ajv = new Ajv2020({ strictTypes: false, formats: { date: /^\d{4}-\d\d-\d\d$/ } });
const schemaTakes = ajv.compile(specJsonSchema());

const parserTakes = (spec: unknown): boolean => {
  try {
    parseAnySpec(spec, { today: TODAY });
    return true;
  } catch (error) {
    if (error instanceof InvalidSpec) return false;
    throw error;
  }
};

/** Every key that there is. */
const FULL = {
  $schema: '../dist/dataflow.schema.json',
  name: 'acme-ads',
  connection: { adAccountId: '549755885175', credential: 'acme-eu' },
  source: {
    objects: [
      { type: 'campaigns', ids: ['626735565838', '1'], breakdowns: ['AGE_BUCKET', 'CREATIVE_TYPE'] },
      { type: 'ads', names: ['Spring *'] },
      { type: 'ad_groups', ids: 'all' },
      { type: 'ad_accounts', breakdowns: ['GENDER'] },
    ],
    granularity: 'DAY',
    columns: ['SPEND_IN_MICRO_DOLLAR', 'TOTAL_IMPRESSION'],
    attribution: {
      clickWindowDays: 30,
      engagementWindowDays: 7,
      viewWindowDays: 0,
      conversionReportTime: 'TIME_OF_CONVERSION',
    },
    backfillDays: 30,
    restateDays: 3,
    api: 'current',
  },
  window: { from: '2026-07-01', to: '2026-07-14' },
  errorThresholdPercent: 2.5,
  views: 'fivetran',
  targets: [
    {
      kind: 'experience-platform',
      sandbox: 'prod',
      dataset: 'acme',
      mapping: { '_acme.spend': 'spend_in_micro_dollar / 1000000' },
      errorThresholdPercent: 1,
      adopt: true,
    },
    { kind: 'experience-platform', sandbox: 'prod', dataset: 'media', shape: 'columns' },
    { kind: 'parquet', path: 'acme/ads', adopt: false },
  ],
};

type Json = Record<string, unknown>;
type Path = readonly (string | number)[];

const pathsOf = (value: unknown, path: Path = []): Path[] => [
  path,
  ...(typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inner]) =>
        pathsOf(inner, [...path, Array.isArray(value) ? Number(key) : key]),
      )
    : []),
];
const at = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Json)[key], value);
const kindOf = (value: unknown): string => (Array.isArray(value) ? 'list' : typeof value);

/** A copy with another value at a path; `undefined` takes the key, or the item, away. */
const changed = (path: Path, value: unknown): unknown => {
  if (path.length === 0) return value;
  const copy = structuredClone(FULL);
  const parent = at(copy, path.slice(0, -1));
  const key = path.at(-1)!;
  if (value !== undefined) (parent as Json)[key] = value;
  else if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete (parent as Json)[key];
  return copy;
};

const PATHS = pathsOf(FULL);
const below = fc.constantFrom(...PATHS.slice(1));
const objects = fc.constantFrom(...PATHS.filter((path) => kindOf(at(FULL, path)) === 'object'));

const arbitraryChange = fc.oneof(
  below.map((path) => changed(path, undefined)),
  objects.map((path) => changed([...path, 'surprise'], true)),
  fc
    .tuple(fc.constantFrom(...PATHS), fc.jsonValue({ maxDepth: 2 }))
    .filter(([path, value]) => value === null || kindOf(value) !== kindOf(at(FULL, path)))
    .map(([path, value]) => changed(path, value)),
);

test('a spec with every key there is, and the least one, are taken by both', () => {
  for (const spec of [FULL, minimal()]) {
    expect(parserTakes(spec)).toBe(true);
    expect([schemaTakes(spec), schemaTakes.errors]).toEqual([true, null]);
  }
});

test('a key too many, a key missing, another kind of value: both refuse it, or both take it', () => {
  fc.assert(
    fc.property(arbitraryChange, (spec) => {
      expect(schemaTakes(spec)).toBe(parserTakes(spec));
    }),
    runs(2_000),
  );
});

const connection = (keys: object): object => minimal({}, { connection: keys });
const object = (keys: object): object => minimal({ objects: [keys] });
test.each<[string, object, boolean]>([
  ['both spellings of a granularity', minimal({ granularity: 'MONTHLY', backfillDays: 62 }), true],
  ['several ad accounts', connection({ adAccountIds: ['1', '2'] }), true],
  ['all ad accounts', connection({ adAccountIds: 'all' }), true],
  ['one ad account and several', connection({ adAccountId: '1', adAccountIds: ['2'] }), false],
  ['no ad account', connection({ credential: 'default' }), false],
  ['an id of letters', object({ type: 'ads', ids: ['a1'] }), false],
  ['ids and names', object({ type: 'ads', ids: 'all', names: ['*'] }), false],
  ['objects of the ad account itself', object({ type: 'ad_accounts', ids: 'all' }), false],
  ['another word than all', object({ type: 'ads', ids: 'each' }), false],
  ['a breakdown of another level', object({ type: 'ads', ids: 'all', breakdowns: ['CREATIVE_TYPE'] }), false],
  ['a column nobody knows', minimal({ columns: ['SPEND'] }), false],
  ['an attribution window that Pinterest lacks', minimal({ attribution: { viewWindowDays: 2 } }), false],
  ['days that are no whole number', minimal({ backfillDays: 1.5 }), false],
  ['a name in capitals', minimal({}, { name: 'Acme' }), false],
  ['an unknown kind of target', minimal({}, { targets: [{ kind: 'csv', path: 'a' }] }), false],
])('%s', (_, spec, taken) => {
  expect(parserTakes(spec)).toBe(taken);
  expect(schemaTakes(spec)).toBe(taken);
});

test.each(readdirSync('examples'))(
  'examples/%s names the schema that the build writes, and fits it',
  (name) => {
    const file = resolve('examples', name);
    const spec = JSON.parse(readFileSync(file, 'utf8')) as { $schema: string };
    const named = JSON.parse(readFileSync(resolve(dirname(file), spec.$schema), 'utf8')) as object;
    expect(named).toEqual(specJsonSchema());
    expect(schemaTakes(spec)).toBe(true);
    expect(parserTakes(spec)).toBe(true);
  },
);
