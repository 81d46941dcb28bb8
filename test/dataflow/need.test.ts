// From what a spec says to what is to be read: which objects, which dates, and how fresh.
import { midnightMs } from '../../src/dataflow/dates.js';
import { needOf, wantedObjects, windowOf } from '../../src/dataflow/need.js';
import { ago, DAY_MS, NOW, TODAY } from './needs.js';
import type { Dataset } from '../../src/dataflow/object-types.js';
import { minimal, parse } from './specs.js';

const CAMPAIGNS: Dataset = { objectType: 'campaigns' };

const catalogue = {
  objects: [
    { id: '1', name: 'Spring Sale 2026', firstSeenMs: 0 },
    { id: '2', name: 'spring (test)', firstSeenMs: 0 },
    { id: '3', name: 'Autumn', firstSeenMs: 0 },
    { id: '4', name: null, firstSeenMs: 0 },
  ],
};
const NONE = { ids: [], names: [] };
const wanted = (objects: object[], known: Parameters<typeof wantedObjects>[2] = catalogue) => {
  const { objects: chosen, ...rest } = wantedObjects(parse(minimal({ objects })), CAMPAIGNS, known);
  return { ...rest, ids: chosen && chosen.map(({ id }) => id) };
};

describe('the objects of a spec', () => {
  test('are found by id and by name, once each', () => {
    expect(
      wanted([
        { type: 'campaigns', ids: ['3', '1'] },
        { type: 'campaigns', names: ['spring*'] },
      ]),
    ).toEqual({ selection: 'some', ids: ['1', '2', '3'], unknown: NONE });
  });

  test('that the account does not have are named, and do not stop the others', () => {
    const objects = [
      { type: 'campaigns', ids: ['1', '99'] },
      { type: 'campaigns', names: ['Winter*'] },
      { type: 'ads', ids: ['98'] },
    ];
    expect(wanted(objects)).toEqual({
      selection: 'some',
      ids: ['1'],
      unknown: { ids: ['99'], names: ['Winter*'] },
    });
  });

  test('are all of the type as soon as one selection says so', () => {
    expect(
      wanted([
        { type: 'campaigns', ids: ['99'] },
        { type: 'campaigns', ids: 'all' },
      ]),
    ).toEqual({ selection: 'all', ids: ['1', '2', '3', '4'], unknown: NONE });
  });

  test('can be asked for by id before the catalogue was read; names have to wait', () => {
    const unread = { objects: null };
    expect(wanted([{ type: 'campaigns', ids: ['99'] }], unread)).toEqual({
      selection: 'some',
      ids: ['99'],
      unknown: NONE,
    });
    expect(wanted([{ type: 'campaigns', names: ['A*'] }], unread)).toEqual({
      selection: 'some',
      ids: [],
      unknown: NONE,
    });
    expect(wanted([{ type: 'campaigns', ids: 'all' }], unread)).toEqual({
      selection: 'all',
      ids: null,
      unknown: NONE,
    });
  });
});

describe('a run', () => {
  const everyone = { selection: 'all', objects: null } as const;
  const needAt = (spec: object, startedAtMs: number, nowMs: number) =>
    needOf(parse(spec), CAMPAIGNS, everyone, [], { startedAtMs, nowMs });

  test('reads the days behind today, and moves on with them while it lasts', () => {
    const spec = parse(minimal({ backfillDays: 3 }));
    expect(windowOf(spec, NOW)).toEqual({ from: ago(2), to: TODAY });
    expect(windowOf(spec, NOW + DAY_MS)).toEqual({ from: ago(1), to: ago(-1) });
  });

  test('reads again what is not final and was read before it started, or before the last midnight', () => {
    expect(needAt(minimal(), NOW, NOW).criteria).toMatchObject({ freshSinceMs: NOW, rereadFinal: false });
    expect(needAt(minimal(), NOW, NOW + DAY_MS).criteria.freshSinceMs).toBe(midnightMs(ago(-1)));
  });

  test('of a window reads exactly its dates, all of them again, once', () => {
    const spec = minimal({}, { window: { from: ago(40), to: ago(38) } });
    const need = needAt(spec, NOW, NOW + 3 * DAY_MS);
    expect(need.periods.map(({ from }) => from)).toEqual([ago(40), ago(39), ago(38)]);
    expect(need.criteria).toMatchObject({ freshSinceMs: NOW, rereadFinal: true });
  });

  test('tells numbers of other attribution settings or another granularity apart', () => {
    const settings = [
      {},
      { attribution: { clickWindowDays: 7 } },
      { attribution: { engagementWindowDays: 7 } },
      { attribution: { viewWindowDays: 7 } },
      { attribution: { conversionReportTime: 'TIME_OF_CONVERSION' } },
      { granularity: 'WEEK' },
    ].map((source) => {
      const { attribution, granularity } = needAt(minimal(source), NOW, NOW).criteria;
      return `${attribution} ${granularity}`;
    });
    expect(new Set(settings).size).toBe(settings.length);
  });
});
