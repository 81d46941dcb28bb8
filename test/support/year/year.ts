// Five dataflows' life, day after day: time is skipped, ad accounts change, calls fail, and after each day
// the store equals what the simulator shows.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { quotaWorkflowId } from '../../../src/workflows/contract.js';
import type { FlowRun } from '../../../src/dataflow/flow-run.js';
import { addDays, dateOf } from '../../../src/dataflow/dates.js';
import { draws } from '../chaos.js';
import { Harness } from '../harness.js';
import { EVERY_KIND, PassingFaults } from '../passing-faults.js';
import { query, whileOpen } from '../store-reader.js';
import { Supervisor } from '../supervisor.js';
import { AccountLife } from './account-life.js';
import { beyondBudget, sizeOf, type Size } from './bounds.js';
import { ACCOUNTS, BACKFILL_DAYS, dataflowsOn, type YearsDataflow } from './dataflows.js';
import { Exactness } from './exactness.js';
import { SkippedTime } from './skipped-time.js';

const DAY_MS = 86_400_000;
const SIX_O_CLOCK_MS = DAY_MS / 4;
const QUOTA = { calls: 1_000, windowMs: DAY_MS };
/** A week in every hundred days, the first one early. */
const isPaused = (day: number): boolean => day % 100 >= 12 && day % 100 < 19;
const FAILING_SHARE = 0.3;
/** Days on which the worker is killed, at one of the day's first requests. */
const killsOn = (day: number): boolean => day % 20 === 3;
const KILLED_WITHIN_REQUESTS = 12;

const schemaOf = ({ name }: YearsDataflow): string => name.replace('-', '_');

export interface Lived {
  days: number;
  kills: number;
  renewals: number;
  beyondBudget: number;
  /** How often each kind of fault struck, and `none`. */
  faults: Record<string, number>;
  sizes: (Size & { day: number })[];
}

const mustBe = (day: number, found: unknown, wanted: unknown): void => {
  const [is, should] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (is !== should) throw new Error(`Day ${day}: ${is} instead of ${should}`);
};

class Year {
  readonly lived: Lived = { days: 0, kills: 0, renewals: 0, beyondBudget: 0, faults: {}, sizes: [] };
  readonly story: string[] = [];
  private readonly times: number[] = [];
  private logged = 0;
  private readonly wantedSince: string;
  private readonly exactness: Exactness;

  constructor(
    private readonly time: SkippedTime,
    private readonly harness: Harness,
    private readonly faults: PassingFaults,
    private readonly worker: Supervisor,
    private readonly life: AccountLife,
    private readonly random: () => number,
    private readonly work: string,
  ) {
    this.wantedSince = addDays(dateOf(time.now()), 1 - BACKFILL_DAYS);
    this.exactness = new Exactness(harness.storePath, harness.simulator.generator);
  }

  async day(day: number): Promise<void> {
    const { time, harness } = this;
    this.tell(day, this.life.newDay(time.now()));
    if (!isPaused(day)) {
      const dataflows = dataflowsOn(day, harness.simulator.generator);
      // What has changed is read by reports, for the most part: they meet faults too.
      const failing = this.random() < FAILING_SHARE;
      this.faults.strike(failing || day === 1 || dataflows.some(({ changed }) => changed));
      const handles = await Promise.all(
        dataflows.map(({ spec }) => harness.begin(spec, { workflowExecutionTimeout: '3 days' })),
      );
      const results = time.results<FlowRun>(handles, () => this.keepLog());
      const killed = killsOn(day) ? this.killWorker(day, handles, results) : undefined;
      const records = await results;
      await killed;
      const errors = records.flatMap(({ statusSummary }) => statusSummary.errors);
      const statuses = [...new Set(records.map(({ status }) => status))];
      mustBe(day, { statuses, errors }, { statuses: ['success'], errors: [] });
      await whileOpen(harness.storePath, () => this.expectExact(day, dataflows));
      await this.measure(day, dataflows, handles);
    }
    this.keepLog();
    await time.skipTo(SIX_O_CLOCK_MS);
    this.lived.days = day;
    this.lived.faults = this.faults.counts;
    const { log } = harness.simulator;
    this.lived.renewals = log.filter(({ route }) => route === 'token').length;
    this.lived.beyondBudget = beyondBudget(this.times, QUOTA.calls, QUOTA.windowMs);
  }

  /** At one of the day's requests, or once its runs have ended without so many. */
  private async killWorker(
    day: number,
    runs: readonly WorkflowHandle[],
    results: Promise<unknown>,
  ): Promise<void> {
    const request = 1 + Math.floor(this.random() * KILLED_WITHIN_REQUESTS);
    const before = this.faults.requests;
    const ended = results.catch(() => undefined);
    await Promise.race([this.faults.reach(before + request), ended]);
    const made = this.faults.requests - before;
    await this.worker.kill();
    for (const id of [this.quotaId, ...runs.map(({ workflowId }) => workflowId)])
      await this.time.workerIsGone(id);
    this.lived.kills += 1;
    const when = made < request ? `once its runs have ended, with ${made} requests` : `at request ${request}`;
    this.tell(day, [`the worker is killed ${when}`]);
  }

  private get quotaId(): string {
    return quotaWorkflowId(this.harness.environment['PINTEREST_APP']!);
  }

  private async expectExact(day: number, dataflows: readonly YearsDataflow[]): Promise<void> {
    const now = this.time.now();
    for (const dataflow of dataflows) {
      const { accountId, columns, wanted, changed } = dataflow;
      const schema = schemaOf(dataflow);
      const from = changed ? addDays(dateOf(now), 1 - BACKFILL_DAYS) : this.wantedSince;
      for (const objects of wanted) {
        const compared = { ...objects, schema, accountId, columns, from };
        const differences = await this.exactness.differences(compared, now, changed);
        mustBe(day, differences.slice(0, 5), []);
        await this.expectCatalogue(day, schema, accountId, objects.objectType);
      }
    }
  }

  private async expectCatalogue(
    day: number,
    schema: string,
    accountId: string,
    objectType: string,
  ): Promise<void> {
    const type = objectType as 'campaigns' | 'ad_groups' | 'ads';
    const rows = await query(
      this.harness.storePath,
      `SELECT concat_ws('|', id, name, status) AS line FROM ${schema}.${type}`,
    );
    mustBe(day, rows.map(({ line }) => String(line)).sort(), this.life.catalogue(accountId, type));
  }

  private async measure(
    day: number,
    dataflows: readonly YearsDataflow[],
    handles: readonly WorkflowHandle[],
  ): Promise<void> {
    const schemas = dataflows.map(schemaOf);
    const open = [...handles, this.harness.client.workflow.getHandle(this.quotaId)];
    this.lived.sizes.push({ day, ...(await sizeOf(this.harness.storePath, schemas, open, this.work)) });
  }

  /** When calls came, before time is skipped. */
  private keepLog(): void {
    const { log } = this.harness.simulator;
    const calls = log.slice(this.logged).filter(({ route }) => route !== 'download');
    this.times.push(...calls.map(({ at }) => this.time.of(at)));
    this.logged = log.length;
  }

  private tell(day: number, what: readonly string[]): void {
    this.story.push(...what.map((words) => `day ${day}: ${words}`));
  }
}

/** Fails on the first day that is not exact. */
export const liveThrough = async (days: number, seed: number): Promise<Lived> => {
  const folder = await mkdtemp(join(tmpdir(), 'year-'));
  const work = join(folder, 'work');
  await mkdir(work);
  const time = await SkippedTime.start(join(folder, 'clock'));
  const faults = new PassingFaults(seed, EVERY_KIND);
  const harness = await Harness.start({
    worker: false,
    hangsAfterMs: null,
    address: time.address,
    // The server knows no others.
    namespace: 'default',
    environment: {
      CLOCK_FILE: time.clockFile,
      TMPDIR: work,
      PINTEREST_QUOTA: `${QUOTA.calls}/1d`,
      PINTEREST_ACCESS_TOKEN: '',
      PINTEREST_REFRESH_TOKEN: 'simulator-refresh-token',
      PINTEREST_APP_ID: 'simulator-app',
      PINTEREST_APP_SECRET: 'simulator-secret',
    },
    simulator: {
      seed,
      now: time.now,
      token: 'nobody-has-it',
      faults: faults.rules,
      adAccounts: ACCOUNTS.map((id) => ({ id, campaigns: 3, adGroups: 6, ads: 20 })),
    },
  });
  const worker = new Supervisor(harness.environment, 'test/support/year/worker.mjs');
  let year: Year | undefined;
  try {
    await time.skipTo(SIX_O_CLOCK_MS);
    const random = draws(seed);
    const life = new AccountLife(harness.simulator, random);
    year = new Year(time, harness, faults, worker, life, random, work);
    for (let day = 1; day <= days; day++) await year.day(day);
    return year.lived;
  } catch (error) {
    console.error(
      `Seed ${seed}\n${year?.story.slice(-30).join('\n')}\n${worker.mishaps.slice(-3).join('\n')}`,
    );
    throw error;
  } finally {
    await worker.stop();
    await harness.close();
    await time.stop();
    await rm(folder, { recursive: true, force: true });
  }
};
