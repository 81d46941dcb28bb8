// A dataflow's life, day after day: time is skipped, and after each day the store equals what the simulator shows.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FlowRun } from '../../../src/dataflow/flow-run.js';
import { addDays, dateOf } from '../../../src/dataflow/dates.js';
import { OBJECT_TYPES } from '../../../src/dataflow/object-types.js';
import { ACCOUNT, Harness, specOf } from '../harness.js';
import { Supervisor } from '../supervisor.js';
import { Exactness } from './exactness.js';
import { SkippedTime } from './skipped-time.js';

const SIX_O_CLOCK_MS = 6 * 3_600_000;
const BACKFILL_DAYS = 186;

/**
 * Fails on the first day that is not exact.
 * @returns how many days were
 */
export const liveThrough = async (days: number, seed: number): Promise<number> => {
  const folder = await mkdtemp(join(tmpdir(), 'year-'));
  const time = await SkippedTime.start(join(folder, 'clock'));
  const work = join(folder, 'work');
  await mkdir(work);
  const harness = await Harness.start({
    worker: false,
    address: time.address,
    // The server knows no others.
    namespace: 'default',
    environment: { CLOCK_FILE: time.clockFile, TMPDIR: work },
    simulator: { seed, now: time.now, adAccounts: [{ id: ACCOUNT, campaigns: 3, adGroups: 6, ads: 20 }] },
  });
  const worker = new Supervisor(harness.environment, 'test/support/year/worker.mjs');
  try {
    const spec = specOf({ objects: OBJECT_TYPES.map((type) => ({ type, ids: 'all' })) });
    const exactness = new Exactness(harness.storePath, harness.simulator.generator);
    await time.skipTo(SIX_O_CLOCK_MS);
    const from = addDays(dateOf(time.now()), 1 - BACKFILL_DAYS);
    for (let day = 1; day <= days; day++) {
      const run = harness.begin(spec).then((handle) => handle.result() as Promise<FlowRun>);
      const record = await time.whileSkipping(run, () => harness.simulator.log.length);
      expect({ day, status: record.status, errors: record.statusSummary.errors }).toEqual({
        day,
        status: 'success',
        errors: [],
      });
      const today = dateOf(time.now());
      for (const objectType of OBJECT_TYPES) {
        const compared = { schema: 'acme_ads', accountId: ACCOUNT, objectType, from };
        const differences = await exactness.differences(compared, today, time.now());
        expect({ day, differences: differences.slice(0, 5) }).toEqual({ day, differences: [] });
      }
      await time.skipTo(SIX_O_CLOCK_MS);
    }
    return days;
  } finally {
    await worker.stop();
    await harness.close();
    await time.stop();
    await rm(folder, { recursive: true, force: true });
  }
};
