// A spec that changes: the plan says beforehand what that costs, and only what is stale then is read.
import type { DryRun } from '../../src/activities/dry-run.js';
import { addDays, dateOf } from '../../src/dataflow/dates.js';
import { PLAN_DATAFLOW } from '../../src/workflows/contract.js';
import { ACCOUNT, Harness, specOf } from '../support/harness.js';
import { query } from '../support/store-reader.js';
import { storedLines, trueLines } from '../support/truth.js';

const today = dateOf(Date.now());
const DAYS = 60;
/** Dates that each run reads again: 2 days of restatements, 2 for time zones. */
const TAIL = 4;
const COLUMNS = ['SPEND_IN_MICRO_DOLLAR', 'TOTAL_IMPRESSION'];

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.close());

const campaigns = () => harness.simulator.generator.objects(ACCOUNT).campaigns.slice(0, 4);
const of = (count: number, source: object = {}) =>
  specOf({
    objects: [
      {
        type: 'campaigns',
        ids: campaigns()
          .slice(0, count)
          .map(({ id }) => id),
      },
    ],
    columns: COLUMNS,
    backfillDays: DAYS,
    restateDays: 2,
    ...source,
  });

const ALL = 3 * DAYS;
const OF_TAIL = 3 * TAIL;
const oldest = addDays(today, 1 - DAYS);
const tail = addDays(today, 1 - TAIL);

interface Change {
  /** What is asked for then. */
  to: () => ReturnType<typeof of>;
  /** The oldest date that is asked for. */
  from: string;
  /** Cells that were read before and are read again. */
  reread: number;
}

const changes: [string, Change][] = [
  ['nothing', { to: () => of(3), from: tail, reread: OF_TAIL }],
  ['an id more', { to: () => of(4), from: oldest, reread: OF_TAIL }],
  ['an id less', { to: () => of(2), from: tail, reread: 2 * TAIL }],
  [
    'a column more',
    { to: () => of(3, { columns: [...COLUMNS, 'TOTAL_CLICKTHROUGH'] }), from: oldest, reread: ALL },
  ],
  ['a column less', { to: () => of(3, { columns: COLUMNS.slice(0, 1) }), from: tail, reread: OF_TAIL }],
  [
    'another attribution',
    { to: () => of(3, { attribution: { clickWindowDays: 7 } }), from: oldest, reread: ALL },
  ],
  [
    '20 dates more',
    { to: () => of(3, { backfillDays: DAYS + 20 }), from: addDays(oldest, -20), reread: OF_TAIL },
  ],
  ['20 dates less', { to: () => of(3, { backfillDays: DAYS - 20 }), from: tail, reread: OF_TAIL }],
  [
    'a name instead of its id',
    {
      to: () =>
        of(3, {
          objects: campaigns()
            .slice(0, 3)
            .map(({ name }) => ({ type: 'campaigns', names: [name] })),
        }),
      from: tail,
      reread: OF_TAIL,
    },
  ],
  [
    'an object type more',
    {
      to: () => of(3, { objects: [...of(3).source.objects, { type: 'ad_groups', ids: 'all' }] }),
      from: oldest,
      reread: OF_TAIL,
    },
  ],
];

test.each(changes)('%s: what the plan says is what is read', async (_, { to, from, reread }) => {
  await harness.run(of(3));
  const changed = to();
  const plan = (await (await harness.begin(changed, { type: PLAN_DATAFLOW })).result()) as DryRun;
  expect(plan.chunks.map((chunk) => chunk.from).sort()[0]).toBe(from);

  const before = harness.simulator.log.length;
  const run = await harness.run(changed);
  const read = harness.simulator.log
    .slice(before)
    .filter(({ route }) => route === 'analytics' || route === 'reports');
  expect(read).toHaveLength(plan.apiCalls.analytics + plan.apiCalls.reports);
  expect(run).toMatchObject({ status: 'success', restated: { cells: reread } });

  const { columns = COLUMNS, objects } = changed.source as unknown as {
    columns?: string[];
    objects: { ids?: string[] }[];
  };
  const question = { accountId: ACCOUNT, objectType: 'campaigns', from: oldest, to: today, columns } as const;
  const ids = new Set(
    campaigns()
      .slice(0, Math.max(3, objects[0]!.ids?.length ?? 0))
      .map(({ id }) => id),
  );
  const wanted = (lines: string[]): string[] => lines.filter((line) => ids.has(line.split('|')[0]!));
  const stored = await storedLines(harness.storePath, 'acme_ads', question);
  expect(stored.length).toBeGreaterThan(0);
  expect(stored).toEqual(wanted(trueLines(harness.simulator.generator, question)));
});

test('what is taken away from a spec stays in the tables', async () => {
  await harness.run(of(3));
  const values = 'SELECT count(*) AS n, count(total_impression) AS kept FROM acme_ads.campaign_analytics';
  const before = await query(harness.storePath, values);
  await harness.run(of(1, { columns: COLUMNS.slice(0, 1), backfillDays: 10 }));
  const [row] = await query(harness.storePath, values);
  expect(row!['n']).toBe(before[0]!['n']);
  expect(Number(row!['kept'])).toBeGreaterThan(0);
});
