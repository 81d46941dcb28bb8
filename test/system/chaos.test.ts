// Everything at once: a backfill of some hundred chunks, while Pinterest fails, workers are killed and Temporal restarts.
// `CHAOS_SEEDS=20` runs the seeds 1 to 20, `CHAOS_SEEDS=7,9` those two, `CHAOS_SEEDS=7,` only that one.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import { fraction, mix } from '../../simulator/truth/hash.js';
import type { FaultRequest, FaultRule } from '../../simulator/wire/faults.js';
import { OBJECT_TYPES } from '../../src/dataflow/chunk.js';
import { addDays, dateOf, daysIn } from '../../src/dataflow/dates.js';
import type { FlowRun } from '../../src/dataflow/flow-run.js';
import { quotaWorkflowId } from '../../src/quota-client.js';
import { Harness, progressOf, specOf } from '../support/harness.js';
import { PassingFaults } from '../support/passing-faults.js';
import { Supervisor } from '../support/supervisor.js';
import { TemporalProcess } from '../support/temporal-process.js';
import { storedLines, trueLines } from '../support/truth.js';

jest.setTimeout(300_000);
const DEADLINE_MS = 240_000;

const KILLS = 10;
const RESTARTS = 2;
const QUOTA = { calls: 300, windowMs: 20_000 };
/** Fewer than the requests of a run without any fault: all that is drawn from it happens. */
const REQUESTS = 280;

const ACCOUNTS = Array.from({ length: 22 }, (_, i) => String(549755885175 + i));
const COLUMNS = ['SPEND_IN_MICRO_DOLLAR', 'TOTAL_IMPRESSION', 'CTR', 'TOTAL_CONVERSIONS'];
const ADS = 16;
/** An answer of more objects and days than that is cut short, always: chunks that large are to be cut in two. */
const MOST_CELLS = 3 * ADS;

/** Hour by hour three chunks an object type, day by day by report; several accounts share a dataflow's schema. */
const DATAFLOWS = ACCOUNTS.flatMap((accountId, i) => [
  { name: `hourly-${i % 4}`, accountId, granularity: 'HOUR' as const, days: 8 },
  ...(i < 2 ? [{ name: 'daily', accountId, granularity: 'DAY' as const, days: 186 }] : []),
]);

const tooLarge: FaultRule = {
  effect: 'cut-short',
  route: 'analytics',
  when: ({ query }: FaultRequest) => {
    const ids = [...query.keys()].filter((key) => key.endsWith('_ids')).length;
    return ids * daysIn({ from: query.get('start_date')!, to: query.get('end_date')! }) > MOST_CELLS;
  },
};

/** What is done at the n-th request, drawn from the seed. */
const blowsOf = (seed: number) => {
  let drawn = 0;
  const random = (): number => fraction(mix(seed, drawn++));
  const blow = (kind: 'kill' | 'restart') => ({
    kind,
    at: 40 + Math.floor(random() * (REQUESTS - 40)),
    delayMs: Math.floor(random() * 300),
    signal: random() < 0.5 ? ('SIGKILL' as const) : ('SIGTERM' as const),
  });
  return [
    ...Array.from({ length: KILLS }, () => blow('kill')),
    ...Array.from({ length: RESTARTS }, () => blow('restart')),
  ].sort((a, b) => a.at - b.at);
};

/** Asks Temporal again where it was away. */
const overOutages = async <T>(ask: () => Promise<T>, untilMs: number): Promise<T> => {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const isAway = isGrpcServiceError(error) || error instanceof ServiceError;
      if (!isAway || Date.now() > untilMs) throw error;
      await sleep(200);
    }
  }
};

/** The strict rule: between a call and the one `calls` later lies at least a window. */
const expectWithin = ({ simulator }: Harness, { calls, windowMs }: typeof QUOTA): void => {
  const times = simulator.log.filter(({ route }) => route !== 'download').map(({ at }) => at);
  expect(times.length).toBeGreaterThan(calls);
  for (let i = 0; i + calls < times.length; i++)
    expect(times[i + calls]! - times[i]!).toBeGreaterThanOrEqual(windowMs);
};

const given = process.env['CHAOS_SEEDS'] ?? '1';
const seeds = given.includes(',')
  ? given.split(',').filter(Boolean).map(Number)
  : Array.from({ length: Number(given) }, (_, i) => i + 1);

test.each(seeds)('the store equals the truth after chaos of seed %i', async (seed) => {
  const startedMs = Date.now();
  const folder = await mkdtemp(join(tmpdir(), 'pinterest-ads-chaos-'));
  const temporal = await TemporalProcess.start(folder);
  const faults = new PassingFaults(seed);
  const harness = await Harness.start({
    worker: false,
    address: temporal.address,
    environment: { PINTEREST_QUOTA: `${QUOTA.calls}/${QUOTA.windowMs / 1_000}s`, TEST_FOLDER: folder },
    simulator: {
      seed,
      // Numbers change as they age; all are read at one age.
      now: () => startedMs,
      adAccounts: ACCOUNTS.map((id, i) => ({ id, campaigns: 6, adGroups: 12, ads: i < 2 ? 2 * ADS : ADS })),
      faults: [...faults.rules, tooLarge],
    },
  });
  const worker = new Supervisor(
    { ...harness.environment, TEST_TASK_QUEUE: harness.taskQueue },
    'test/support/worker.mjs',
  );
  const story: string[] = [];
  const tell = (what: string): void => {
    const seconds = ((Date.now() - startedMs) / 1_000).toFixed(1);
    story.push(`${seconds} s, request ${faults.requests}: ${what}`);
  };
  const strike = async (): Promise<void> => {
    for (const { kind, at, delayMs, signal } of blowsOf(seed)) {
      await faults.reach(at);
      await sleep(delayMs);
      if (kind === 'kill') await worker.kill();
      else {
        await temporal.kill(signal);
        await sleep(delayMs);
        await temporal.start();
      }
      tell(kind === 'kill' ? 'worker killed' : `Temporal restarted after ${signal}`);
    }
  };

  try {
    // As the first lease would, but a step of it that died with its worker is given to the next one after a second, not ten.
    await harness.client.workflow.start('quota', {
      workflowId: quotaWorkflowId(harness.environment['PINTEREST_APP']!),
      taskQueue: harness.taskQueue,
      workflowTaskTimeout: '1 second',
    });
    const handles = await Promise.all(
      DATAFLOWS.map(({ name, accountId, granularity, days }) => {
        const objects = OBJECT_TYPES.map((type) => ({ type, ids: 'all' }));
        const source = { objects, granularity, columns: COLUMNS, backfillDays: days };
        return harness.begin(specOf(source, { name, connection: { adAccountId: accountId } }));
      }),
    );
    const untilMs = Date.now() + DEADLINE_MS;
    const late = sleep(DEADLINE_MS, undefined, { ref: false }).then(() => {
      throw new Error('The runs do not come to an end');
    });
    const ends = handles.map((handle) => overOutages(() => handle.result(), untilMs));
    await Promise.race([Promise.all([...ends, strike()]), late]);
    const runs = (await Promise.all(ends)) as FlowRun[];
    tell('all runs ended');

    expect(runs.flatMap(({ statusSummary }) => statusSummary.errors)).toEqual([]);
    expect(runs.every(({ status }) => status === 'success')).toBe(true);
    const progress = await Promise.all(handles.map(progressOf));
    const chunks = progress.reduce((sum, { chunks: { done } }) => sum + done, 0);
    tell(`${chunks} chunks, waited ${Math.max(...runs.map((run) => run.waitedForQuotaMs))} ms at most`);
    expect(chunks).toBeGreaterThanOrEqual(200);
    expectWithin(harness, QUOTA);
    const to = dateOf(startedMs);
    for (const { name, accountId, granularity, days } of DATAFLOWS) {
      for (const objectType of OBJECT_TYPES) {
        const from = addDays(to, 1 - days);
        const question = { accountId, objectType, granularity, columns: COLUMNS, now: startedMs, from, to };
        const stored = await storedLines(harness.storePath, name.replace('-', '_'), question);
        expect(stored).toEqual(trueLines(harness.simulator.generator, question));
      }
    }
  } catch (error) {
    const mishaps = worker.mishaps.join('\n');
    console.error(`Seed ${seed}: ${JSON.stringify(faults.counts)}\n${story.join('\n')}\n${mishaps}`);
    throw error;
  } finally {
    await worker.stop();
    await harness.close();
    await temporal.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
});
