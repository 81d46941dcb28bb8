// What a monitoring system sees of a worker: its numbers, whether it lives, whether it polls for work.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../src/start/ports.js';
import { InvalidSettings, readSettings } from '../../src/settings.js';
import { pauseSignal, resumeSignal } from '../../src/workflows/contract.js';
import { ACCOUNT, Harness, progressUntil, specOf } from '../support/harness.js';

const SPEC = specOf({ backfillDays: 40, restateDays: 30 });

const listen = async (port = 0): Promise<Server> => {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
};
const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** For a Node whose clock is so many days ahead. */
const clockAhead = (days: number): string =>
  `--import=data:text/javascript,${encodeURIComponent(`const now=Date.now;Date.now=()=>now()+${days * 86_400_000};`)}`;

/** The numbers once those are there: a scrape waits for a busy store or quota no longer than some seconds. */
const scrapeUntil = async (port: number, ...lines: string[]): Promise<string> => {
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    expect(response.status).toBe(200);
    const text = await response.text();
    if (lines.every((line) => text.includes(`pinterest_ads_${line}\n`))) return text;
    await sleep(100);
  }
};
const BOTH_READ = ['store_up 1', 'quota_up 1'];

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start({ worker: false });
});
afterEach(() => harness.close());

test('the numbers of a run, and the worker from its start to its end', async () => {
  const port = await freePort();
  const temporalPort = await freePort();
  const environment = {
    METRICS_ADDRESS: `127.0.0.1:${port}`,
    TEMPORAL_METRICS_ADDRESS: `localhost:${temporalPort}`,
  };
  const get = async (path: string): Promise<[number, string]> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return [response.status, await response.text()];
  };
  let worker = await harness.startWorkerProcess(environment);
  while ((await get('/ready'))[0] !== 200) await sleep(20);
  expect(await get('/health')).toEqual([200, 'alive\n']);
  expect((await get('/elsewhere'))[0]).toBe(404);

  harness.simulator.settings.faults = [
    { effect: 'server-error', route: 'analytics', times: 1 },
    { effect: 'truncate', route: 'analytics', times: 1 },
  ];
  const run = await harness.run(SPEC, { workflowId: 'acme-ads' });
  expect(run.status).toBe('success');

  let text = await scrapeUntil(port, ...BOTH_READ);
  const number = (line: string): number => {
    const found = text.split('\n').find((other) => other.startsWith(`pinterest_ads_${line} `));
    return Number(found?.split(' ').at(-1) ?? Number.NaN);
  };
  const { analytics, catalogue, other, total } = run.apiCalls;
  expect(total).toBe(harness.calls());
  expect(number('api_calls_total{route="catalogue",outcome="ok"}')).toBe(catalogue);
  expect(number('api_calls_total{route="other",outcome="ok"}')).toBe(other);
  expect(number('api_calls_total{route="analytics",outcome="Transient"}')).toBe(2);
  expect(number('api_calls_total{route="analytics",outcome="ok"}')).toBe(analytics - 2);
  const labels = 'dataflow="acme-ads",object_type="campaigns"';
  expect(number(`rows_loaded_total{${labels}}`)).toBe(run.recordSummary.outputRecordCount);
  expect(number(`rejected_rows_total{${labels}}`)).toBe(0);
  expect(number('flow_runs_total{dataflow="acme-ads",status="success"}')).toBe(1);

  const lines = worker
    .log()
    .split('\n')
    .filter((line) => /"msg":"(chunk loaded|run ended)"/.test(line))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines).toEqual([
    {
      level: 'info',
      time: expect.any(String),
      dataflow: 'acme-ads',
      chunk: expect.stringMatching(/^campaigns · .* · analytics$/),
      rows: run.recordSummary.outputRecordCount,
      apiCalls: analytics,
      ms: expect.any(Number),
      msg: 'chunk loaded',
    },
    {
      level: 'info',
      time: expect.any(String),
      dataflow: 'acme-ads',
      workflowId: 'acme-ads',
      status: 'success',
      apiCalls: total,
      msg: 'run ended',
    },
  ]);
  expect(worker.log()).not.toContain(harness.simulator.settings.token);

  // Read from the store and the quota workflow, not remembered.
  const place = `dataflow="acme-ads",ad_account_id="${ACCOUNT}"`;
  expect(number('worker_ready')).toBe(1);
  expect(number('store_up')).toBe(1);
  expect(number('quota_up')).toBe(1);
  expect(number(`quota_calls_left{app="${harness.environment['PINTEREST_APP']}"}`)).toBe(1000 - total);
  expect(number(`quota_waiting{app="${harness.environment['PINTEREST_APP']}"}`)).toBe(0);
  expect(number(`stale_cells{${place},object_type="campaigns"}`)).toBe(0);
  const age = number(`last_run_age_seconds{${place},status="success"}`);
  expect(age).toBeGreaterThanOrEqual(0);
  expect(age).toBeLessThanOrEqual((Date.now() - Date.parse(run.durationSummary.completedAtUTC)) / 1_000);
  // 40 days, 30 of them restated: 2 + 30 days ago is the newest final date.
  const finalAge = number(`newest_final_cell_age_seconds{${place},object_type="campaigns"}`);
  expect(Math.floor(finalAge / 86_400)).toBe(31);

  // While a run is on, another is skipped, and counted.
  const first = await harness.begin(SPEC);
  await first.signal(pauseSignal);
  await progressUntil(first, ({ dataflow }) => dataflow !== null);
  expect(await harness.run(SPEC)).toMatchObject({ status: 'skipped' });
  await first.signal(resumeSignal);
  expect(await first.result()).toMatchObject({ status: 'success' });
  text = await scrapeUntil(port, ...BOTH_READ);
  expect(number('flow_runs_total{dataflow="acme-ads",status="skipped"}')).toBe(1);

  const temporal = await fetch(`http://127.0.0.1:${temporalPort}/metrics`);
  const ofTheSdk = await temporal.text();
  for (const queue of ['pinterest-ads', 'pinterest-ads-short']) {
    const has = (name: string, labels = ''): void =>
      expect(ofTheSdk).toMatch(new RegExp(`^temporal_${name}\\{.*task_queue="${queue}"${labels}`, 'm'));
    has('worker_task_slots_available', '.*worker_type="ActivityWorker"');
    has('activity_schedule_to_start_latency_count');
  }

  worker.process.kill('SIGTERM');
  await worker.said('STOPPING');
  const ready = await get('/ready').catch(() => [503]);
  expect(ready[0]).toBe(503);
  expect(await worker.ended).toBe(0);

  // Nothing runs for three days, and a worker looks again: it needs no memory of the run.
  worker = await harness.startWorkerProcess({ ...environment, NODE_OPTIONS: clockAhead(3) });
  text = await scrapeUntil(port, ...BOTH_READ);
  const campaigns = 20;
  expect(number(`stale_cells{${place},object_type="campaigns"}`)).toBe(campaigns * (32 + 3));
  expect(Math.floor(number(`last_run_age_seconds{${place},status="success"}`) / 86_400)).toBe(3);
  const agedBy = number(`newest_final_cell_age_seconds{${place},object_type="campaigns"}`) - finalAge;
  expect(Math.round(agedBy / 3_600)).toBe(3 * 24);
});

test('a store or a quota that cannot be read fails no scrape: it says so and leaves out what it cannot know', async () => {
  const port = await freePort();
  const worker = await harness.startWorkerProcess({
    METRICS_ADDRESS: `127.0.0.1:${port}`,
    STORE_URL: 'postgres://me:a-password@127.0.0.1:1/ads',
  });
  const text = await scrapeUntil(port, 'quota_up 1');
  expect(text).toMatch(/^pinterest_ads_store_up 0$/m);
  expect(text).toMatch(/^pinterest_ads_quota_up 1$/m);
  expect(text).not.toMatch(
    /^pinterest_ads_(stale_cells|newest_final_cell_age_seconds|last_run_age_seconds)\{/m,
  );
  await worker.said('"msg":"the store cannot be read for /metrics"');
  expect(worker.log()).toContain('PostgreSQL at 127.0.0.1:1/ads');
  expect(text + worker.log()).not.toContain('a-password');
  // Nothing was spent yet: all of the quota is left.
  expect(text).toMatch(/^pinterest_ads_quota_calls_left\{app=".*"\} 1000$/m);
});

test('an occupied port is told in one line, and the worker ends', async () => {
  const taken = await listen();
  try {
    for (const variable of ['METRICS_ADDRESS', 'TEMPORAL_METRICS_ADDRESS']) {
      const error = await harness
        .startWorkerProcess({ [variable]: `127.0.0.1:${portOf(taken)}` })
        .catch((caught: Error) => caught);
      expect((error as Error).message).toMatch(
        new RegExp(`^The worker ended: ${variable}: cannot listen on 127.0.0.1:${portOf(taken)} .*\n$`),
      );
    }
  } finally {
    taken.close();
  }
});

test.each(['9464', 'example.com:9464', '0.0.0.0:0', '0.0.0.0:65536', '::1:9464', '[127.0.0.1:9464'])(
  '%s is no address to listen on',
  (value) => {
    const read = () => readSettings({ METRICS_ADDRESS: value, TEMPORAL_METRICS_ADDRESS: value });
    expect(read).toThrow(InvalidSettings);
    expect(read).toThrow(/ {2}METRICS_ADDRESS: .* {2}TEMPORAL_METRICS_ADDRESS: /s);
  },
);

test('addresses to listen on', () => {
  const { metricsAddress, temporalMetricsAddress } = readSettings({
    METRICS_ADDRESS: 'localhost:9464',
    TEMPORAL_METRICS_ADDRESS: '[::1]:9465',
  });
  expect(metricsAddress).toEqual({ host: '127.0.0.1', port: 9464 });
  expect(temporalMetricsAddress).toEqual({ host: '::1', port: 9465 });
  const same = { METRICS_ADDRESS: '0.0.0.0:9464', TEMPORAL_METRICS_ADDRESS: '127.0.0.1:9464' };
  expect(() => readSettings(same)).toThrow("port 9464 is METRICS_ADDRESS's already");
});
