// A spec says little and gets the rest by default; one that cannot run says everything that is wrong with it.
import fc from 'fast-check';
import { DEFAULT_COLUMNS } from '../../src/dataflow/columns.js';
import { InvalidSpec } from '../../src/dataflow/invalid-spec.js';
import { parseAnySpec, parseSpec } from '../../src/dataflow/parse-spec.js';
import { minimal, parse, problemsOf, TODAY } from './specs.js';
import { runs } from '../support/random.js';

describe('a name, an ad account and one object', () => {
  test('are enough: everything else has a default', () => {
    expect(parse(minimal())).toEqual({
      name: 'acme-ads',
      connection: { adAccountId: '549755885175', credential: 'default' },
      source: {
        objects: [{ type: 'campaigns', ids: 'all' }],
        granularity: 'DAY',
        columns: DEFAULT_COLUMNS,
        attribution: {
          clickWindowDays: 30,
          engagementWindowDays: 30,
          viewWindowDays: 1,
          conversionReportTime: 'TIME_OF_AD_ACTION',
        },
        backfillDays: 186,
        restateDays: 30,
        api: 'current',
      },
      errorThresholdPercent: 5,
      targets: [],
    });
  });

  test.each(['name', 'connection', 'source'])('are all needed: %s', (key) => {
    const { [key]: _, ...rest } = minimal() as Record<string, unknown>;
    expect(problemsOf(rest)[key]).toMatch(/is missing/);
  });

  test('hourly numbers go back 8 days by default', () => {
    expect(parse(minimal({ granularity: 'HOUR' })).source.backfillDays).toBe(8);
  });

  test('numbers are read again for as long as the largest attribution window', () => {
    const restateDays = (attribution: object): number => parse(minimal({ attribution })).source.restateDays;
    expect(restateDays({ clickWindowDays: 7, engagementWindowDays: 7 })).toBe(7);
    expect(restateDays({ clickWindowDays: 0, engagementWindowDays: 0, viewWindowDays: 60 })).toBe(60);
    expect(parse(minimal({ restateDays: 3 })).source.restateDays).toBe(3);
  });

  test('WEEKLY and MONTHLY are understood as WEEK and MONTH', () => {
    expect(parse(minimal({ granularity: 'WEEKLY' })).source.granularity).toBe('WEEK');
    expect(parse(minimal({ granularity: 'MONTHLY' })).source.granularity).toBe('MONTH');
  });

  test('a column named twice is read once', () => {
    expect(parse(minimal({ columns: ['CTR', 'ECTR', 'CTR'] })).source.columns).toEqual(['CTR', 'ECTR']);
  });
});

describe('what is wrong', () => {
  test('is all told at once, each with its path', () => {
    const problems = problemsOf(
      {
        name: 'Acme Ads',
        connection: { adAccountId: 549755885175, credential: 'acme' },
        source: {
          objects: [
            { type: 'campaigns', ids: ['626735565838', '626735565839', 626735565840] },
            { type: 'ads', names: ['Spring *'], ids: 'all' },
          ],
          columns: ['CTR', 'SPEND'],
          attribution: { clickWindowDays: 31 },
          restateDays: -1,
        },
        window: { from: '2026-02-30', to: '2026-03-01' },
        errorThresholdPercent: 101,
        targets: [{ kind: 'nowhere' }],
      },
      { credentials: ['default', 'other'] },
    );
    expect(Object.keys(problems).sort()).toEqual([
      'connection.adAccountId',
      'connection.credential',
      'errorThresholdPercent',
      'name',
      'source.attribution.clickWindowDays',
      'source.columns[1]',
      'source.objects[0].ids[2]',
      'source.objects[1]',
      'source.restateDays',
      'targets[0].kind',
      'window.from',
    ]);
    expect(problems['source.objects[0].ids[2]']).toMatch(/626735565840 is not an id.*string of digits/);
    expect(problems['connection.credential']).toMatch(/"acme".*it has "default", "other".*_ACME/);
  });

  test('stands in the message of the error, one line each', () => {
    expect(() => parse({ ...minimal(), name: '', source: { objects: [] } })).toThrow(
      /cannot run:\n {2}name: .+\n {2}source\.objects: .+/,
    );
  });

  test.each([
    ['sorce', { ...minimal(), sorce: {} }, '"source"'],
    ['source.colums', minimal({ colums: ['CTR'] }), '"columns"'],
    ['source.attribution.clickWindow', minimal({ attribution: { clickWindow: 7 } }), '"clickWindowDays"'],
    [
      'connection.credentials',
      { ...minimal(), connection: { adAccountId: '1', credentials: 'x' } },
      '"credential"',
    ],
    ['source.objects[0].id', minimal({ objects: [{ type: 'ads', id: ['1'] }] }), '"ids"'],
    ['source.objects[0].type', minimal({ objects: [{ type: 'campain', ids: 'all' }] }), '"campaigns"'],
    ['source.columns[1]', minimal({ columns: ['CTR', 'SPEND_IN_MICRO_DOLAR'] }), '"SPEND_IN_MICRO_DOLLAR"'],
    ['source.columns[0]', minimal({ columns: ['spend_in_micro_dollar'] }), '"SPEND_IN_MICRO_DOLLAR"'],
    ['source.granularity', minimal({ granularity: 'DAYS' }), '"DAY"'],
    ['source.granularity', minimal({ granularity: 'weekly' }), '"WEEKLY"'],
    ['source.api', minimal({ api: 'v5-2024' }), '"v5-2023"'],
  ])('names the nearest known word: %s', (path, spec, word) => {
    expect(problemsOf(spec)[path]).toContain(`Did you mean ${word}?`);
  });

  test('is not guessed at where no known word is near', () => {
    expect(problemsOf({ ...minimal(), zzzzzz: 1 })['zzzzzz']).toBe('is not a known key.');
  });

  test('can be a credential that nobody configured, where that is known', () => {
    expect(problemsOf(minimal(), { credentials: [] })['connection.credential']).toContain(
      'Set PINTEREST_ACCESS_TOKEN in its environment',
    );
    expect(problemsOf(minimal(), { credentials: ['default'] })).toEqual({});
    expect(problemsOf(minimal())).toEqual({});
  });

  test.each(['main', 'temp', 'system', 'public', 'information-schema', 'pg-catalog', 'pg-mine'])(
    'can be a name the database keeps for itself: %s',
    (name) => {
      expect(Object.keys(problemsOf(minimal({}, { name })))).toEqual(['name']);
    },
  );

  test('is never a crash, whatever is passed', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withNullPrototype: true,
      withSparseArray: true,
    });
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    const deep = fc.record(
      {
        name: fc.oneof(fc.constant('x'), anything),
        connection: fc.oneof(fc.record({ adAccountId: anything, credential: anything }), anything),
        source: fc.record(
          {
            objects: fc.oneof(fc.array(fc.record({ type: anything, ids: fc.array(anything) })), anything),
            granularity: anything,
            columns: fc.oneof(fc.array(anything), anything),
            attribution: fc.oneof(fc.record({ clickWindowDays: anything }), anything),
            backfillDays: fc.oneof(fc.integer(), anything),
          },
          { requiredKeys: [] },
        ),
        window: fc.oneof(fc.record({ from: anything, to: anything }), anything),
        targets: anything,
      },
      { requiredKeys: [] },
    );
    const given = fc.oneof(
      anything,
      deep,
      fc.constantFrom<unknown>(
        null,
        undefined,
        5,
        [],
        '',
        loop,
        minimal({ objects: [{ type: 'ads', ids: [loop, 1n] }] }),
      ),
    );
    fc.assert(
      fc.property(given, (input) => {
        expect(() => parseSpec(input, { today: TODAY, credentials: ['default'] })).toThrow(InvalidSpec);
      }),
      runs(500),
    );
  });

  test('an empty place in a list of ids is not an id', () => {
    expect(problemsOf(minimal({ objects: [{ type: 'ads', ids: new Array(2) }] }))).toHaveProperty([
      'source.objects[0].ids[1]',
    ]);
  });
});

describe('several ad accounts', () => {
  const several = (adAccountIds: unknown, objects: unknown = [{ type: 'ads', ids: 'all' }]): object =>
    minimal({ objects }, { connection: { adAccountIds } });

  test('are a list, each once, or "all"', () => {
    const connection = (ids: unknown): unknown => parseAnySpec(several(ids), { today: TODAY }).connection;
    expect(connection(['1', '2', '1'])).toEqual({ adAccountIds: ['1', '2'], credential: 'default' });
    expect(connection('all')).toEqual({ adAccountIds: 'all', credential: 'default' });
  });

  test('have no object ids in common, and are refused where one is needed', () => {
    expect(problemsOf(several('all', [{ type: 'ads', ids: ['1'] }]))).toHaveProperty([
      'source.objects[0].ids',
    ]);
    expect(problemsOf(several(['1']))).toHaveProperty(['connection.adAccountIds']);
    expect(Object.keys(problemsOf(several(['1', 2])))).toEqual(['connection.adAccountIds[1]']);
  });
});
