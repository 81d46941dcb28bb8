/** What a spec may hold has bounds, which the message names; whatever is sent, a refusal is short and soon there. */
import { ALL_COLUMNS } from '../../src/dataflow/columns.js';
import { InvalidSpec } from '../../src/dataflow/invalid-spec.js';
import { parseAnySpec } from '../../src/dataflow/parse-spec.js';
import { minimal, parse, problemsOf, TODAY } from './specs.js';

const ids = (count: number, from = 1): string[] => Array.from({ length: count }, (_, i) => `${from + i}`);
const named = (...names: string[][]): object =>
  minimal({ objects: names.map((list) => ({ type: 'campaigns', names: list })) });
const identified = (...lists: string[][]): object =>
  minimal({ objects: lists.map((list) => ({ type: 'campaigns', ids: list })) });

test.each<[string, object, string, string]>([
  ['ids', identified(ids(50_001)), 'source.objects[0].ids', 'holds 50001 ids; at most 50000 are taken'],
  [
    'ids of all objects',
    identified(ids(30_000), ids(30_000, 40_000)),
    'source.objects',
    'hold 60000 ids together; at most 50000 are taken',
  ],
  ['names', named(ids(1_001)), 'source.objects[0].names', 'holds 1001 names; at most 1000 are taken'],
  [
    'names of all objects',
    named(ids(600), ids(600)),
    'source.objects',
    'hold 1200 names together; at most 1000 are taken',
  ],
  [
    'a name',
    named(['x'.repeat(251)]),
    'source.objects[0].names[0]',
    'must not be longer than 250 characters',
  ],
  [
    'patterns',
    named(ids(200).map((id) => `*${id.padEnd(200, 'x')}`)),
    'source.objects',
    'hold 40200 characters of names with * together; at most 25000 are taken',
  ],
  [
    'objects',
    identified(...ids(101).map((id) => [id])),
    'source.objects',
    'holds 101 objects; at most 100 are taken',
  ],
  [
    'columns',
    minimal({ columns: Array<string>(ALL_COLUMNS.length + 1).fill('CTR') }),
    'source.columns',
    `holds ${ALL_COLUMNS.length + 1} column names; at most ${ALL_COLUMNS.length} are taken`,
  ],
  [
    'ad accounts',
    minimal({}, { connection: { adAccountIds: ids(1_001) } }),
    'connection.adAccountIds',
    'holds 1001 ad account ids; at most 1000 are taken',
  ],
])('%s have a bound', (_, spec, path, message) => {
  expect(problemsOf(spec)[path]).toBe(message);
});

test('up to the bounds all is well', () => {
  const patterns = ids(1_000).map((id) => `*${id.padEnd(20, 'x')}`);
  expect(problemsOf(named(patterns))).toEqual({});
  expect(parse(identified(ids(50_000))).source.objects[0]!.ids).toHaveLength(50_000);
  expect(problemsOf(minimal({ columns: ALL_COLUMNS }))).not.toHaveProperty(['source.columns']);
  const connection = { adAccountIds: ids(1_000) };
  expect(parseAnySpec(minimal({}, { connection }), { today: TODAY }).connection).toMatchObject(connection);
});

describe('a refusal is short', () => {
  const messageOf = (spec: unknown): string => {
    try {
      parse(spec, { credentials: ['default'] });
    } catch (error) {
      if (error instanceof InvalidSpec) return error.message;
      throw error;
    }
    throw new Error('it was taken');
  };
  const long = 'X'.repeat(1_000_000);
  test.each<[string, unknown]>([
    ['of 50,000 ids that are none', identified(ids(50_000).map((id) => `id-${id}`))],
    ['of a column with a name of a million letters', minimal({ columns: [long] })],
    ['of an unknown key of a million letters', { ...minimal(), [long]: 1 }],
    [
      'of 50,000 unknown keys',
      { ...minimal(), ...Object.fromEntries(ids(50_000).map((id) => [`k${id}`, 1])) },
    ],
    [
      'of a credential of a million letters',
      minimal({}, { connection: { adAccountId: '1', credential: long } }),
    ],
    ['of a granularity of a million letters', minimal({ granularity: long })],
    ['of a type of a million letters', minimal({ objects: [{ type: long, ids: 'all' }] })],
    ['of an id of a million letters', identified([long])],
    ['of a thousand columns that are none', minimal({ columns: ids(10_000).map((id) => `COLUMN_${id}`) })],
  ])('%s', (_, spec) => {
    expect(messageOf(spec).length).toBeLessThan(10_000);
  });

  test('and says how many problems there are besides those that it lists', () => {
    expect(messageOf(identified(ids(30).map((id) => `id-${id}`)))).toMatch(
      /ids\[19\]: .*\n {2}and 10 more problems$/,
    );
  });
});

test('days that are no number are told of with what Pinterest reaches', () => {
  expect(problemsOf(minimal({ backfillDays: '10' }))['source.backfillDays']).toBe(
    'must be a whole number of days, 1 or more; Pinterest reaches 914 days back, 8 for HOUR',
  );
});
