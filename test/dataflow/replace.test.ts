// What an answer may replace: never what is current, never what a newer answer brought.
import type { Chunk } from '../../src/dataflow/chunk.js';
import type { Need } from '../../src/dataflow/gaps.js';
import { settleReplacement } from '../../src/dataflow/replace.js';
import { MemoryStore } from './answers.js';
import { ago, daysBack, DAY_MS, needWith, NOW, objects, rowOf, TODAY, criteriaOf } from './needs.js';

const chunkOf = (ids: Chunk['ids'], more: Partial<Chunk> = {}): Chunk => ({
  objectType: 'campaigns',
  method: typeof ids === 'string' ? 'report' : 'analytics',
  ids,
  from: ago(6),
  to: TODAY,
  apiCalls: 1,
  rows: 1,
  ...more,
});
const IDS = objects(3).map(({ id }) => id);
const [A, B, C] = IDS as [string, string, string];
const settle = (chunk: Chunk, more: Partial<Need> = {}, askedForMs = NOW) =>
  settleReplacement(chunk, needWith(more), askedForMs, TODAY);
const whole = { from: ago(6), to: TODAY };
const { columns, attribution, granularity } = criteriaOf();
const stamp = { askedForMs: NOW, columns, attribution, granularity, knownIdsAtMs: null };

describe('an answer of all objects', () => {
  test('replaces their cells under *', () => {
    expect(settle(chunkOf('all')).include).toEqual([{ scope: '*', ...whole }]);
    expect(settle(chunkOf('all'), { objects: null }).include).toEqual([{ scope: '*', ...whole }]);
  });

  test('replaces only the stale objects of a date where another object is current', () => {
    const coverage = [rowOf(B, ago(3), ago(2))];
    expect(settle(chunkOf('all'), { coverage }).include).toEqual([
      { scope: '*', from: ago(6), to: ago(4) },
      { scope: '*', from: ago(1), to: TODAY },
      { scope: A, from: ago(3), to: ago(2) },
      { scope: C, from: ago(3), to: ago(2) },
    ]);
  });

  test('leaves alone what a newer answer brought of one object', () => {
    const coverage = [rowOf(B, ago(3), ago(2), { askedForMs: NOW + 1 })];
    const { include, exclude } = settle(chunkOf('all'), { coverage });
    expect(include).toEqual([{ scope: '*', ...whole }]);
    expect(exclude).toEqual([{ scope: B, from: ago(3), to: ago(2) }]);
    expect(settle(chunkOf('all'), { coverage, objects: null })).toMatchObject({ include, exclude });
  });

  test('that is late does not speak for all any more where a newer one does', () => {
    // The newer answer named the ids known then; C was first seen since.
    const seen = [...objects(2), { id: C, firstSeenMs: NOW }];
    const coverage = [rowOf('*', ago(6), TODAY, { askedForMs: NOW + 1, knownIdsAtMs: NOW - 1 })];
    const late = settle(chunkOf('all'), { coverage, objects: seen });
    expect(late).toMatchObject({ include: [{ scope: C, ...whole }], exclude: [] });
    expect(settle(chunkOf('all'), { coverage, objects: null }).include).toEqual([]);
  });

  test('that named the ids of the catalogue says nothing of an id that is not in it', () => {
    const coverage = [rowOf(A, ago(6), TODAY), rowOf('999', ago(6), TODAY, { attribution: '7/7/1' })];
    const scopes = (method: Chunk['method']) =>
      settle(chunkOf('all', { method }), { coverage }).include.map(({ scope }) => scope);
    expect(scopes('analytics')).toEqual([B, C]);
    expect(scopes('report')).toEqual([B, C, '999']);
  });
});

describe('an answer of some objects', () => {
  test('replaces the stale cells of those, each under its own id', () => {
    const coverage = [rowOf(A, ago(6), ago(1))];
    const include = [
      { scope: A, from: TODAY, to: TODAY },
      { scope: B, ...whole },
    ];
    expect(settle(chunkOf([A, B]), { coverage }).include).toEqual(include);
  });

  test('of a report that named none is cut down to what the spec wants', () => {
    const wanted = { selection: 'some', objects: objects(2) } as const;
    expect(settle(chunkOf('wanted'), wanted).include).toEqual([
      { scope: A, ...whole },
      { scope: B, ...whole },
    ]);
  });
});

describe('an attempt', () => {
  test.each<[string, Chunk]>([
    ['of all', chunkOf('all')],
    ['of some', chunkOf([A, C])],
    ['of the wanted', chunkOf('wanted')],
  ])('repeated after its commit finds nothing left to do: %s', (_, chunk) => {
    const store = new MemoryStore();
    const answer = { chunk, need: needWith(), stamp, ids: IDS };
    expect(store.commit(answer).include.length).toBeGreaterThan(0);
    const { coverage } = store;
    expect(store.commit(answer).include).toEqual([]);
    expect(store.commit({ ...answer, stamp: { ...stamp, askedForMs: NOW + 1 } }).include).toEqual([]);
    expect(store.coverage).toEqual(coverage);
  });

  test('that comes in late replaces nothing that a newer answer holds', () => {
    const store = new MemoryStore();
    const criteria = criteriaOf({ columns: ['CTR'], freshSinceMs: NOW - DAY_MS });
    store.commit({ chunk: chunkOf('all'), need: needWith({ criteria }), stamp, ids: IDS });
    for (const ids of ['all', 'wanted', [A, B]] satisfies Chunk['ids'][]) {
      // It wants a column that the newer answer lacks, and would find every cell stale.
      const more = { ...stamp, columns: ['CTR', 'ECTR'], askedForMs: NOW - 1 };
      const late = needWith({ criteria: { ...criteria, columns: ['CTR', 'ECTR', 'REPIN_1'] } });
      expect(store.commit({ chunk: chunkOf(ids), need: late, stamp: more, ids: IDS }).include).toEqual([]);
    }
    expect(store.coverage).toEqual([rowOf('*', ago(6), TODAY)]);
  });

  test('planned before midnight does not pass for one that read the new day too', () => {
    const tomorrow = '2026-07-16';
    const weekly = needWith({ periods: daysBack(20, 'WEEK'), criteria: criteriaOf({ granularity: 'WEEK' }) });
    const chunk = chunkOf('all', { from: '2026-06-29' });
    const scopes = (askedForMs: number, today: string) =>
      settleReplacement(chunk, weekly, askedForMs, today).include;
    expect(scopes(NOW, TODAY)).toEqual([{ scope: '*', from: '2026-06-29', to: '2026-07-19' }]);
    // A report that was asked for in time is as of then, whenever it is loaded.
    expect(scopes(NOW, tomorrow)).toEqual([{ scope: '*', from: '2026-06-29', to: '2026-07-19' }]);
    expect(scopes(NOW + DAY_MS, tomorrow)).toEqual([{ scope: '*', from: '2026-06-29', to: '2026-07-12' }]);

    const criteria = criteriaOf({ granularity: 'TOTAL' });
    const moved = needWith({ periods: [{ from: ago(5), to: tomorrow }], criteria });
    expect(settleReplacement(chunkOf('all'), moved, NOW, tomorrow).include).toEqual([]);
    const still = needWith({ periods: [whole], criteria });
    expect(settleReplacement(chunkOf('all'), still, NOW, TODAY).include).toEqual([{ scope: '*', ...whole }]);
  });
});

describe('what was read again', () => {
  test('is counted in cells that had been covered before', () => {
    expect(settle(chunkOf('all')).reread).toEqual({ cells: 0, ranges: [], columns: criteriaOf().columns });
    const coverage = [rowOf('*', ago(2), ago(1), { askedForMs: NOW - DAY_MS, columns: ['CTR'] })];
    expect(settle(chunkOf('all'), { coverage }).reread).toEqual({
      cells: 6,
      ranges: [{ scope: '*', from: ago(2), to: ago(1) }],
      columns: ['CTR'],
    });
    expect(settle(chunkOf([B]), { coverage }).reread).toMatchObject({
      cells: 2,
      ranges: [{ scope: B, from: ago(2), to: ago(1) }],
    });
  });

  test('is only what was held of those objects that were: under * the others are new', () => {
    const held = { askedForMs: NOW - DAY_MS };
    const named = [rowOf(A, ago(2), ago(1), held), rowOf(B, ago(1), ago(1), held)];
    expect(settle(chunkOf('all'), { coverage: named })).toMatchObject({
      include: [{ scope: '*', ...whole }],
      reread: {
        cells: 3,
        ranges: [
          { scope: A, from: ago(2), to: ago(1) },
          { scope: B, from: ago(1), to: ago(1) },
        ],
      },
    });
    // That answer named the ids known then; C was first seen since.
    const seen = [...objects(2), { id: C, firstSeenMs: NOW }];
    const all = [rowOf('*', ago(2), ago(1), { ...held, knownIdsAtMs: NOW - DAY_MS })];
    expect(settle(chunkOf('all'), { coverage: all, objects: seen }).reread).toMatchObject({
      cells: 4,
      ranges: [
        { scope: A, from: ago(2), to: ago(1) },
        { scope: B, from: ago(2), to: ago(1) },
      ],
    });
  });
});
