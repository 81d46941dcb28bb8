// The end of a run is told to a webhook: signed, tried again where it fails, and never the run's own failure.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Webhook as Receiver } from 'standardwebhooks';
import type { WorkflowHandle } from '@temporalio/client';
import type { Alert } from '../../src/activities/notify.js';
import type { FlowRun } from '../../src/dataflow/flow-run.js';
import { readSettings, type InvalidSettings } from '../../src/settings.js';
import { pauseSignal } from '../../src/workflows/contract.js';
import { ACCOUNT, Harness, progressUntil, specOf } from '../support/harness.js';
import { textIn } from '../support/text-in.js';

const SECRET = 'a-secret-of-ours';
const SPEC = specOf({ backfillDays: 5 });

interface Delivery {
  headers: IncomingHttpHeaders;
  body: string;
}

let server: Server;
let deliveries: Delivery[];
/** What the webhook answers, one after the other; then 204. */
let answers: number[];
let harness: Harness;
beforeEach(async () => {
  deliveries = [];
  answers = [];
  server = createServer((request, response) => {
    void text(request).then((body) => {
      deliveries.push({ headers: request.headers, body });
      response.writeHead(answers.shift() ?? 204, { Location: '/elsewhere' }).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  harness = await Harness.start({
    worker: false,
    environment: {
      ALERT_WEBHOOK_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?key=hidden`,
      ALERT_WEBHOOK_SECRET: SECRET,
    },
  });
  await harness.startWorker();
});
afterEach(async () => {
  await harness.close();
  server.close();
});

/** The only alert, its signature verified. */
const alertOf = ({ headers, body }: Delivery = deliveries[0]!): Alert => {
  expect(headers['content-type']).toBe('application/json');
  const receiver = new Receiver(SECRET, { format: 'raw' });
  const alert = receiver.verify(body, headers as Record<string, string>) as Alert;
  expect(headers['webhook-id']).toBe(alert.record.id);
  return alert;
};

const historyOf = async (handle: WorkflowHandle): Promise<string> => textIn(await handle.fetchHistory());

test('a success is told once; what the webhook refused is sent again, the same', async () => {
  answers = [500, 302];
  const handle = await harness.begin(SPEC, { workflowId: `alert-${harness.simulator.port}` });
  const run = (await handle.result()) as FlowRun;
  expect(run.status).toBe('success');
  expect(deliveries).toHaveLength(3);
  for (const delivery of deliveries) {
    expect(alertOf(delivery)).toEqual({
      dataflow: 'acme-ads',
      adAccountId: ACCOUNT,
      workflowId: handle.workflowId,
      record: run,
    });
    expect(delivery.body).toBe(deliveries[0]!.body);
  }
  const history = await historyOf(handle);
  expect(history).toContain('notify');
  for (const hidden of [SECRET, 'key=hidden']) expect(history).not.toContain(hidden);
});

test('a dead webhook changes nothing of a run', async () => {
  server.close();
  const handle = await harness.begin(SPEC);
  const run = (await handle.result()) as FlowRun;
  expect(run.status).toBe('success');
  expect(run.statusSummary.errors).toEqual([]);
  const history = await historyOf(handle);
  expect(history).toContain('The webhook does not answer (ECONNREFUSED)');
  for (const hidden of [SECRET, 'key=hidden']) expect(history).not.toContain(hidden);
});

test('a partial success, a failure and a cancellation are told', async () => {
  const unknown = await harness.run(
    specOf({
      objects: [
        { type: 'campaigns', ids: 'all' },
        { type: 'ads', ids: ['1'] },
      ],
      backfillDays: 5,
    }),
  );
  expect(unknown.status).toBe('partial success');
  expect(alertOf(deliveries.shift()).record).toEqual(unknown);

  const handle = await harness.begin(SPEC);
  await handle.signal(pauseSignal);
  await progressUntil(handle, ({ dataflow }) => dataflow !== null);
  await handle.cancel();
  await expect(handle.result()).rejects.toThrow('Workflow execution cancelled');
  expect(alertOf(deliveries.shift()).record.status).toBe('cancelled');

  harness.simulator.settings.token = 'another';
  await expect(harness.run(specOf({ backfillDays: 9 }))).rejects.toThrow('Workflow execution failed');
  const { status, statusSummary } = alertOf(deliveries.shift()).record;
  expect([status, statusSummary.errors[0]!.code]).toEqual(['failed', 'CredentialExpired']);
  expect(deliveries).toEqual([]);
});

test('the settings of alerts', () => {
  const url = 'https://alerts.example.com/hook';
  expect(readSettings({}).alerts).toBeUndefined();
  expect(readSettings({ ALERT_WEBHOOK_URL: url, ALERT_WEBHOOK_SECRET: 's' }).alerts).toEqual({
    url,
    secret: 's',
  });
  const problemsOf = (environment: Record<string, string>): string => {
    try {
      return String(readSettings(environment));
    } catch (error) {
      return (error as InvalidSettings).message.split('\n').slice(1).join('\n');
    }
  };
  expect(problemsOf({ ALERT_WEBHOOK_URL: url })).toMatch(/^ {2}ALERT_WEBHOOK_SECRET: is missing.*$/);
  const wrong = problemsOf({ ALERT_WEBHOOK_URL: 'ftp://key@host', ALERT_WEBHOOK_SECRET_FILE: '/none' });
  expect(wrong).toMatch(/ALERT_WEBHOOK_SECRET_FILE: cannot read \/none \(ENOENT\)/);
  expect(wrong).toMatch(/ALERT_WEBHOOK_URL: is not an http\(s\) address/);
  expect(wrong).not.toContain('key@');
});
