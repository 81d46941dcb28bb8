// Records the histories that test/workflows/replay.test.ts replays: one a scenario, from the committed workflow code,
// never from the change under test. What was recorded before stays: running workflows of that age are to go on.
//
//   node scripts/record-histories.mjs
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';

const root = join(import.meta.dirname, '..');
process.chdir(root);
const git = (...args) => execFileSync('git', args, { encoding: 'utf8' }).trim();
if (git('status', '--porcelain', 'src') !== '') {
  process.stderr.write('src/ has changes that are not committed; histories are recorded from a commit.\n');
  process.exit(1);
}
execFileSync(process.execPath, ['scripts/setup.mjs'], { stdio: 'inherit' });
const { startSimulator } = await import('../dist/simulator/server.js');
const { composeWorker } = await import('../dist/src/compose.js');
const { readSettings } = await import('../dist/src/settings.js');
const { startTemporalServer } = await import('../dist/src/start/temporal-server.js');
const { DATAFLOW, pauseSignal, progressQuery, quotaWorkflowId, resumeSignal, TASK_QUEUE } =
  await import('../dist/src/workflows/contract.js');

Runtime.install({ logger: new DefaultLogger('ERROR') });
const commit = git('rev-parse', '--short=10', 'HEAD');
const folder = join('test/histories', commit);
mkdirSync(folder, { recursive: true });

const objects = ['campaigns', 'ad_groups', 'ads'].map((type) => ({ type, ids: 'all' }));
const untilSaid = async (handle, holds) => {
  while (!holds(await handle.query(progressQuery))) await sleep(50);
};

const fewObjects = { campaigns: 3, adGroups: 3, ads: 3 };
const twoAccounts = ['549755885175', '549755885176'].map((id) => ({ id, ...fewObjects }));

/** Each: what differs from a plain backfill, what happens while it lasts, and which workflow is kept. */
const scenarios = {
  backfill: {},
  'wait-for-quota': { environment: { PINTEREST_QUOTA: '4/3s' } },
  pause: {
    simulator: { latencyMs: 100 },
    meanwhile: async (handle) => {
      await handle.signal(pauseSignal);
      await untilSaid(handle, ({ paused, phase }) => paused && phase !== 'preparing');
      await handle.signal(resumeSignal);
    },
  },
  failure: { simulator: { faults: [{ effect: 'revoke-token', skip: 3 }] } },
  'partial-success': { simulator: { faults: [{ effect: 'report-failed', route: 'reports' }] } },
  cancellation: {
    simulator: { latencyMs: 300 },
    meanwhile: async (handle) => {
      await untilSaid(handle, ({ phase }) => phase === 'loading');
      await handle.cancel();
    },
  },
  'several-accounts': { connection: { adAccountIds: 'all' }, simulator: { adAccounts: twoAccounts } },
  'continue-as-new': { dynamicConfig: ['limit.historyCount.suggestContinueAsNew=40'] },
  'quota-continues-as-new': {
    dynamicConfig: ['limit.historyCount.suggestContinueAsNew=30'],
    environment: { PINTEREST_QUOTA: '1000/1d,6/2s' },
    kept: quotaWorkflowId('default'),
  },
};

const record = async (
  name,
  { connection: of, simulator: options = {}, environment = {}, dynamicConfig, meanwhile, kept },
) => {
  const work = mkdtempSync(join(tmpdir(), 'histories-'));
  const simulator = await startSimulator({ adAccounts: [fewObjects], ...options });
  const temporal = await startTemporalServer({ log: join(work, 'temporal.log'), dynamicConfig });
  const connection = await Connection.connect({ address: temporal.address });
  const native = await NativeConnection.connect({ address: temporal.address });
  const worker = await composeWorker({
    settings: readSettings({
      PINTEREST_ACCESS_TOKEN: simulator.settings.token,
      PINTEREST_API_URL: simulator.url,
      STORE_URL: `duckdb:${join(work, 'store.duckdb')}`,
      ...environment,
    }),
    connection: native,
    namespace: 'default',
    workflowBundle: { codePath: join(root, 'dist/workflow-bundle.js') },
    workFolder: join(work, 'answers'),
    reportPollMs: 200,
    retryPauseMs: 100,
  });
  const running = worker.run();
  const client = new Client({ connection });
  const handle = await client.workflow.start(DATAFLOW, {
    taskQueue: TASK_QUEUE,
    workflowId: 'acme-ads',
    args: [
      {
        name: 'acme-ads',
        connection: of ?? { adAccountId: simulator.settings.adAccountId },
        source: { objects },
      },
    ],
  });
  await meanwhile?.(handle);
  const ended = await handle.result().then(
    ({ status }) => status,
    ({ cause }) => cause?.type ?? cause?.name,
  );
  const ofWorkflow = kept ?? 'acme-ads';
  const { raw } = await client.workflow.getHandle(ofWorkflow).describe();
  const runIds = [raw.workflowExecutionInfo.firstRunId ?? handle.firstExecutionRunId];
  const last = raw.workflowExecutionInfo.execution.runId;
  if (last !== runIds[0]) runIds.push(last);
  for (const [i, runId] of runIds.entries()) {
    const history = await client.workflow.getHandle(ofWorkflow, runId).fetchHistory();
    const file = join(folder, `${name}${i === 0 ? '' : '-last'}.json`);
    // Stacks of failures name files; where they lay when this was recorded is nobody's business.
    writeFileSync(file, JSON.stringify(JSON.parse(historyToJSON(history))).replaceAll(root, '.'));
    process.stderr.write(`${file}: ${String(ended)}, ${history.events.length} events\n`);
  }
  worker.shutdown();
  await running;
  await connection.close();
  await native.close();
  await temporal.stop();
  await simulator.close();
  rmSync(work, { recursive: true, force: true });
};

const wanted = process.argv.slice(2);
for (const [name, scenario] of Object.entries(scenarios)) {
  if (wanted.length === 0 || wanted.includes(name)) await record(name, scenario);
}
process.exit(0);
