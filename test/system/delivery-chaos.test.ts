// A dataflow delivers while the platform fails in every way and the worker is killed again and again: in the end a reader of the
// data lake sees what the store holds.
import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  startExperiencePlatform,
  type ExperiencePlatform,
} from '../../simulator/experience-platform/server.js';
import type { FaultRule } from '../../simulator/experience-platform/wire/faults.js';
import { addDays, dateOf, mondayOf } from '../../src/dataflow/dates.js';
import type { FlowRun } from '../../src/dataflow/flow-run.js';
import { factsOf, OBJECT_TYPES } from '../../src/dataflow/object-types.js';
import { draws } from '../support/chaos.js';
import { newDatabase } from '../support/databases.js';
import { columnsOf, environmentOf, lakeLines, storeLines } from '../support/delivered.js';
import { Harness, specOf } from '../support/harness.js';
import { scenarioSeeds } from '../support/random.js';
import { change, query } from '../support/store-reader.js';
import { Supervisor } from '../support/supervisor.js';

const TABLES = OBJECT_TYPES.map((type) => factsOf(type).analyticsTable);
const SPEC = specOf(
  {
    objects: OBJECT_TYPES.map((type) => ({ type, ids: 'all' })),
    columns: ['SPEND_IN_MICRO_DOLLAR', 'TOTAL_IMPRESSION', 'CTR'],
    backfillDays: 60,
  },
  {
    targets: [
      { kind: 'experience-platform', sandbox: 'prod', dataset: 'acme-ads', errorThresholdPercent: 0 },
    ],
  },
);
/** Of the first run, and of the one after rows have changed. */
const KILLS = [2, 1];
/** No more calls than an undisturbed delivery of what is due takes, nine weeks on some weekdays: the kills fall among them. */
const CALLS = [100, 10];

/** Whatever may happen to a call or a batch, and passes. */
const FAULTS: FaultRule[] = [
  { effect: 'throttle', retryAfter: '1', probability: 0.02 },
  { effect: 'server-error', probability: 0.03 },
  { effect: 'gateway-timeout', probability: 0.02 },
  { effect: 'reset', probability: 0.03 },
  { effect: 'lost-answer', probability: 0.06 },
  { effect: 'expire-token', probability: 0.02 },
  { effect: 'slow', delayMs: 200, probability: 0.05 },
  { effect: 'batch-slow', polls: 2, probability: 0.15 },
  { effect: 'batch-retries', polls: 2, probability: 0.1 },
  { effect: 'batch-stalls', polls: 3, probability: 0.1 },
  { effect: 'batch-fails', endsAs: 'failed', probability: 0.05 },
  { effect: 'batch-fails', endsAs: 'abandoned', probability: 0.05 },
];

/** Tells of every request that comes to a platform. */
class Requests extends EventEmitter {
  count = 0;
  readonly rule: FaultRule = {
    effect: 'slow',
    when: () => {
      this.count += 1;
      this.emit('request');
      return false;
    },
  };

  async reach(count: number): Promise<void> {
    while (this.count < count) await once(this, 'request');
  }
}

class Chaos {
  private readonly requests = new Requests();
  private readonly random: () => number;

  constructor(
    seed: number,
    private readonly harness: Harness,
    private readonly platform: ExperiencePlatform,
    private readonly workers: readonly Supervisor[],
  ) {
    this.random = draws(seed);
  }

  /** Runs until nothing is due; the first of them while everything fails. */
  async delivered(kills: number, calls: number): Promise<FlowRun> {
    const { platform, requests, harness } = this;
    platform.settings.faults = [requests.rule, ...FAULTS];
    const from = requests.count;
    const at = Array.from({ length: kills }, () => from + 1 + Math.floor(this.random() * calls)).sort(
      (a, b) => a - b,
    );
    const handle = await harness.begin(SPEC);
    const ended = handle.result() as Promise<FlowRun>;
    await this.strike(at, ended);
    const first = await ended;
    platform.settings.faults = [requests.rule];
    let run = first;
    for (let runs = 0; run.status !== 'success' && runs < 3; runs++) run = await harness.run(SPEC);
    return run;
  }

  /** A run that ends before has been through fewer kills. */
  private async strike(at: readonly number[], ended: Promise<unknown>): Promise<void> {
    for (const [i, count] of at.entries()) {
      await Promise.race([this.requests.reach(count), ended]);
      if (this.requests.count < count) return;
      await sleep(this.random() * 50);
      await this.workers[i % this.workers.length]!.kill();
    }
  }
}

const expectSame = async (store: string, platform: ExperiencePlatform): Promise<void> => {
  await platform.lake.settle('prod');
  for (const table of TABLES) {
    const columns = await columnsOf(store, 'acme_ads', table);
    const stored = await storeLines(store, 'acme_ads', table, columns);
    expect(stored.length).toBeGreaterThan(100);
    expect(await lakeLines(platform, 'acme-ads', table, columns)).toEqual(stored);
  }
  expect(platform.lake.datasets('prod')).toHaveLength(1);
  const open = platform.lake.batches('prod', 'acme-ads').filter(({ status }) => status === 'loading');
  expect(open).toEqual([]);
  expect(await query(store, 'SELECT * FROM acme_ads.deliveries WHERE pending_since IS NOT NULL')).toEqual([]);
};

/** Every other seed on PostgreSQL with two workers. */
test.each(scenarioSeeds)('the data lake equals the store after chaos of seed %i', async (seed) => {
  const platform = await startExperiencePlatform({ seed });
  const storeUrl = seed % 2 === 0 ? undefined : await newDatabase();
  const harness = await Harness.start({
    worker: false,
    environment: { ...environmentOf(platform), ...(storeUrl && { STORE_URL: storeUrl }) },
    simulator: { adAccounts: [{ campaigns: 5, adGroups: 8, ads: 10 }] },
  });
  const store = storeUrl ?? harness.storePath;
  const workers = Array.from(
    { length: storeUrl ? 2 : 1 },
    () => new Supervisor(harness.environment, 'test/support/worker.mjs'),
  );
  try {
    const chaos = new Chaos(seed, harness, platform, workers);
    expect((await chaos.delivered(KILLS[0]!, CALLS[0]!)).statusSummary.errors).toEqual([]);
    await expectSame(store, platform);
    // Rows that are withdrawn or revised, and a week of which none is left: so long ago that no run reads it again.
    const monday = mondayOf(addDays(dateOf(Date.now()), -48));
    const week = `date BETWEEN DATE '${monday}' AND DATE '${addDays(monday, 6)}'`;
    for (const sql of [
      `DELETE FROM acme_ads.ad_analytics WHERE ${week}`,
      `DELETE FROM acme_ads.ad_group_analytics WHERE date = DATE '${monday}'`,
      `UPDATE acme_ads.campaign_analytics SET ctr = 0.5 WHERE ${week}`,
    ])
      await change(store, sql);
    expect((await chaos.delivered(KILLS[1]!, CALLS[1]!)).statusSummary.errors).toEqual([]);
    await expectSame(store, platform);
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
    await harness.close();
    await platform.close();
  }
});
