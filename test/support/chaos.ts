// A backfill of some hundred chunks while everything fails: what the tests of chaos share.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import { fraction, mix } from '../../simulator/truth/hash.js';
import type { FaultRequest, FaultRule } from '../../simulator/wire/faults.js';
import { OBJECT_TYPES } from '../../src/dataflow/object-types.js';
import { addDays, dateOf, daysIn } from '../../src/dataflow/dates.js';
import type { FlowRun } from '../../src/dataflow/flow-run.js';
import { Harness, progressOf, specOf } from './harness.js';
import { openRuns } from './open-runs.js';
import { PassingFaults } from './passing-faults.js';
import { Supervisor } from './supervisor.js';
import { TemporalProcess } from './temporal-process.js';
import { storedLines, trueLines } from './truth.js';

/** Only runs that hang take so long. */
const DEADLINE_MS = 540_000;

const COLUMNS = ['SPEND_IN_MICRO_DOLLAR', 'TOTAL_IMPRESSION', 'CTR', 'TOTAL_CONVERSIONS'];
const ADS = 16;
/** An answer of more objects and days than that is cut short, always: chunks that large are to be cut in two. */
const MOST_CELLS = 3 * ADS;

/** Hour by hour three chunks an object type, day by day by report; several accounts share a dataflow's schema. */
const dataflowsOf = (accounts: readonly string[]) =>
  accounts.flatMap((accountId, i) => [
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

/** What blows fall upon. */
export interface Systems {
  seed: number;
  faults: PassingFaults;
  temporal: TemporalProcess;
  workers: Supervisor[];
  /** Notes what happened; shown where the test fails. */
  tell: (what: string) => void;
}

export interface Scene {
  workers: number;
  /** A dozen calls each. */
  accounts: number;
  quota: { calls: number; windowMs: number };
  latencyMs: number;
  /** The harness's DuckDB file where left out. */
  storeUrl?: string;
  /** What is done to the systems while the work goes on. */
  strike: (systems: Systems) => Promise<void>;
}

/** Numbers from 0 to 1, drawn from the seed. */
export const draws = (seed: number): (() => number) => {
  let drawn = 0;
  return () => fraction(mix(seed, drawn++));
};

export const restartTemporal = async (
  { temporal, tell }: Systems,
  signal: NodeJS.Signals,
  awayMs: number,
): Promise<void> => {
  await temporal.kill(signal);
  await sleep(awayMs);
  await temporal.start();
  tell(`Temporal restarted after ${signal}`);
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
const expectWithin = ({ simulator }: Harness, { calls, windowMs }: Scene['quota']): void => {
  const times = simulator.log.filter(({ route }) => route !== 'download').map(({ at }) => at);
  expect(times.length).toBeGreaterThan(calls);
  for (let i = 0; i + calls < times.length; i++)
    expect(times[i + calls]! - times[i]!).toBeGreaterThanOrEqual(windowMs);
};

/**
 * Fails unless the store equals the truth in the end, every run succeeded, and no call left beyond the quota.
 * @returns how many chunks were loaded
 */
export const withstand = async (
  seed: number,
  { quota, latencyMs, storeUrl, strike, ...scene }: Scene,
): Promise<number> => {
  const startedMs = Date.now();
  const accounts = Array.from({ length: scene.accounts }, (_, i) => String(549755885175 + i));
  const dataflows = dataflowsOf(accounts);
  const folder = await mkdtemp(join(tmpdir(), 'pinterest-ads-chaos-'));
  const temporal = await TemporalProcess.start(folder);
  const faults = new PassingFaults(seed);
  const harness = await Harness.start({
    worker: false,
    address: temporal.address,
    environment: {
      PINTEREST_QUOTA: `${quota.calls}/${quota.windowMs / 1_000}s`,
      ...(storeUrl && { STORE_URL: storeUrl }),
    },
    simulator: {
      seed,
      latencyMs,
      // Numbers change as they age; all are read at one age.
      now: () => startedMs,
      adAccounts: accounts.map((id, i) => ({ id, campaigns: 6, adGroups: 12, ads: i < 2 ? 2 * ADS : ADS })),
      faults: [...faults.rules, tooLarge],
    },
  });
  const workers = Array.from(
    { length: scene.workers },
    () => new Supervisor(harness.environment, 'test/support/worker.mjs'),
  );
  const story: string[] = [];
  const tell = (what: string): void => {
    const seconds = ((Date.now() - startedMs) / 1_000).toFixed(1);
    story.push(`${seconds} s, request ${faults.requests}: ${what}`);
  };
  try {
    const handles = await Promise.all(
      dataflows.map(({ name, accountId, granularity, days }) => {
        const objects = OBJECT_TYPES.map((type) => ({ type, ids: 'all' }));
        const source = { objects, granularity, columns: COLUMNS, backfillDays: days };
        const spec = specOf(source, { name, connection: { adAccountId: accountId } });
        return harness.begin(spec);
      }),
    );
    const untilMs = Date.now() + DEADLINE_MS;
    const late = sleep(DEADLINE_MS, undefined, { ref: false }).then(() => {
      throw new Error('The runs do not come to an end');
    });
    const ends = handles.map((handle) => overOutages(() => handle.result(), untilMs));
    const striking = strike({ seed, faults, temporal, workers, tell });
    const first = await Promise.race([
      striking.then(() => 'blows'),
      Promise.all(ends).then(() => 'runs'),
      late,
    ]);
    // Every blow fell while there was work to do.
    expect(first).toBe('blows');
    await Promise.race([Promise.all(ends), late]);
    const runs = (await Promise.all(ends)) as FlowRun[];
    tell('all runs ended');

    expect(runs.flatMap(({ statusSummary }) => statusSummary.errors)).toEqual([]);
    expect(runs.every(({ status }) => status === 'success')).toBe(true);
    const progress = await Promise.all(handles.map(progressOf));
    const chunks = progress.reduce((sum, { chunks: { done } }) => sum + done, 0);
    tell(`${chunks} chunks, waited ${Math.max(...runs.map((run) => run.waitedForQuotaMs))} ms at most`);
    expectWithin(harness, quota);
    const to = dateOf(startedMs);
    // A run that began after midnight reads one date less.
    const today = dateOf(Date.now());
    for (const { name, accountId, granularity, days } of dataflows) {
      for (const objectType of OBJECT_TYPES) {
        const from = addDays(today, 1 - days);
        const question = { accountId, objectType, granularity, columns: COLUMNS, now: startedMs, from, to };
        const stored = await storedLines(storeUrl ?? harness.storePath, name.replace('-', '_'), question);
        expect(stored).toEqual(trueLines(harness.simulator.generator, question));
      }
    }
    return chunks;
  } catch (error) {
    const mishaps = workers.flatMap((worker) => worker.mishaps).join('\n');
    const open = await openRuns(harness.client).catch(String);
    console.error(
      `Seed ${seed}: ${JSON.stringify(faults.counts)}\n${story.join('\n')}\n${mishaps}\nOpen runs:\n${open}`,
    );
    throw error;
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
    await harness.close();
    await temporal.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
};
