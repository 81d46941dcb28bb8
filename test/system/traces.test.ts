// Traces: what a run did, as a collector gets it, from `npm start` and its worker together.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { startSimulator, type Simulator } from '../../simulator/server.js';
import { startCollector, type Collector, type Span } from '../support/collector.js';
import { ACCOUNT, newNamespace, specOf, temporalAddress, WORKFLOW_BUNDLE } from '../support/harness.js';
import { bareEnvironment } from '../support/worker-process.js';

const TOKEN = 'a-secret-token';
const COLUMN = 'TOTAL_CONVERSIONS';

let folder: string;
let simulator: Simulator;
let collector: Collector;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'traces-'));
  simulator = await startSimulator({ adAccountId: ACCOUNT, token: TOKEN });
  collector = await startCollector();
  temporal = await Connection.connect({ address: temporalAddress() });
  namespace = await newNamespace(temporal);
});
afterEach(async () => {
  await temporal.close();
  await collector.close();
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

let temporal: Connection;
let namespace: string;

/** `npm start` until it ends. */
const run = async (environment: Record<string, string>): Promise<{ code: number; output: string }> => {
  const file = join(folder, 'spec.json');
  await writeFile(file, JSON.stringify(specOf({ columns: [COLUMN], backfillDays: 5 })));
  const child = spawn(process.execPath, ['dist/src/start/main.js', file], {
    env: {
      ...bareEnvironment(),
      TEMPORAL_ADDRESS: temporalAddress(),
      TEMPORAL_NAMESPACE: namespace,
      PINTEREST_API_URL: simulator.url,
      PINTEREST_ACCESS_TOKEN: TOKEN,
      STORE_URL: `duckdb:${join(folder, 'store.duckdb')}`,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => void (output += bytes.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, output };
};

/** The names from a span up to the root of its tree. */
const wayUp = (span: Span): string[] => {
  const parent = collector.spans.find(({ spanId }) => spanId === span.parentSpanId);
  return [span.name, ...(parent ? wayUp(parent) : [])];
};

test('the spans of one run are one tree, under the service’s name, and nothing of what it read is in them', async () => {
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SERVICE_NAME: 'ads' };
  expect(await run(environment)).toMatchObject({ code: 0 });

  const roots = collector.spans.filter(({ parentSpanId }) => parentSpanId === '');
  expect(roots.map(({ name }) => name)).toEqual(['StartWorkflow:dataflow']);
  for (const activity of ['prepareRun', 'refreshCatalogue', 'planChunks', 'loadChunk', 'finishRun']) {
    const span = collector.spans.find(({ name }) => name === `RunActivity:${activity}`)!;
    expect(wayUp(span)).toEqual([
      `RunActivity:${activity}`,
      `StartActivity:${activity}`,
      'RunWorkflow:dataflow',
      'StartWorkflow:dataflow',
    ]);
  }
  const [root] = roots;
  expect(collector.spans.filter(({ traceId }) => traceId !== root!.traceId)).toEqual([]);
  expect(new Set(collector.spans.map(({ service }) => service))).toEqual(new Set(['ads']));
  const sent = Buffer.concat(collector.bodies).toString('latin1');
  for (const word of [TOKEN, COLUMN, ACCOUNT]) expect(sent).not.toContain(word);

  // A worker without traces may go on with such a run.
  const history = await new Client({ connection: temporal, namespace }).workflow
    .getHandle('acme-ads')
    .fetchHistory();
  await Worker.runReplayHistory({ workflowBundle: WORKFLOW_BUNDLE }, history, 'acme-ads');
});

test.each([
  ['no variable asks for them', {}],
  ['OTEL_TRACES_EXPORTER is none', { OTEL_TRACES_EXPORTER: 'none' }],
])('no traces are sent if %s', async (_, environment: Record<string, string>) => {
  const endpoint = environment['OTEL_TRACES_EXPORTER'] ? collector.url : '';
  expect(await run({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...environment })).toMatchObject({ code: 0 });
  expect(collector.bodies).toEqual([]);
});

test('a collector that is away costs no run, and is told of', async () => {
  const { code } = await run({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    OTEL_BSP_SCHEDULE_DELAY: '100',
  });
  expect(code).toBe(0);
  expect(await readFile(join(folder, 'logs/worker.log'), 'utf8')).toContain('127.0.0.1:9');
});
