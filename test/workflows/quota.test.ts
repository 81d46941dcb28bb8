// The quota workflow as anybody meets it who may send it a message, start it, or read it.
import { defineSignal, defineUpdate } from '@temporalio/workflow';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { LeaseAnswer, LeaseRequest } from '../../src/quota/budget/budget-state.js';
import type { BudgetView } from '../../src/quota/budget/budget-view.js';
import { quotaAccess } from '../../src/quota-client.js';
import { budgetQuery, QUOTA, quotaWorkflowId, TASK_QUEUE } from '../../src/workflows/contract.js';
import { Harness, specOf } from '../support/harness.js';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness.close());

let started = 0;
const start = async (args: unknown[] = []) => {
  const handle = await harness.client.workflow.start(QUOTA, {
    taskQueue: TASK_QUEUE,
    workflowId: quotaWorkflowId(`${harness.environment['PINTEREST_APP']}-${(started += 1)}`),
    args,
  });
  let leases = 0;
  return {
    handle,
    signal: (name: string, ...input: unknown[]) => handle.signal(defineSignal<unknown[]>(name), ...input),
    lease: (request: Partial<Record<keyof LeaseRequest, unknown>> = {}) =>
      handle.executeUpdate(defineUpdate<LeaseAnswer, [unknown]>('lease'), {
        args: [
          {
            leaseId: `lease-${(leases += 1)}`,
            dataflow: 'acme-ads',
            class: 'fresh',
            want: 1,
            need: 1,
            limits: [{ calls: 30, windowMs: 3_600_000 }],
            settled: [],
            ...request,
          },
        ],
      }),
    budget: (): Promise<BudgetView> => handle.query(budgetQuery),
  };
};

describe('a signal that does not fit', () => {
  const MISFITS: [signal: string, ...input: unknown[]][] = [
    ['hold'],
    ['hold', null],
    ['hold', 'until tomorrow'],
    ['hold', { waitMs: 86_400_000 }],
    ['hold', { waitMs: '1e9', why: 'x' }],
    ['hold', { waitMs: 'NaN', why: 'x' }],
    ['hold', { waitMs: null, why: 'x' }],
    ['hold', { waitMs: -5, why: 'x' }],
    ['hold', { waitMs: { ms: 5 }, why: 'x' }],
    ['hold', { waitMs: 60_000, why: ['x'] }],
    ['hold', [{ waitMs: 60_000, why: 'x' }]],
    ['settle'],
    ['settle', null],
    ['settle', { leaseId: 'lease-1', spent: 1, unspent: 0 }],
    ['settle', [null]],
    ['settle', [[]]],
    ['settle', [{ leaseId: 'lease-1' }]],
    ['settle', [{ leaseId: 'lease-1', spent: '1', unspent: 0 }]],
    ['settle', [{ leaseId: 'lease-1', spent: 0, unspent: 1.5 }]],
    ['settle', [{ leaseId: 'lease-1', spent: -1, unspent: 1e300 }]],
    ['settle', [{ leaseId: 'x'.repeat(10_000), spent: 0, unspent: 1 }]],
    ['settle', Array.from({ length: 2_000 }, (_, i) => ({ leaseId: `${i}`, spent: 0, unspent: 1 }))],
  ];

  test('is ignored and counted, and the budget answers as before', async () => {
    const { signal, lease, budget } = await start();
    await lease({ want: 4 });
    for (const [name, ...input] of MISFITS) await signal(name, ...input);
    await signal('hold-on', { waitMs: 60_000, why: 'no signal of that name' });
    expect(await lease()).toMatchObject({ kind: 'granted', permits: 1 });
    expect(await budget()).toMatchObject({
      callsLeft: 25,
      heldBack: null,
      limits: [{ limit: '30/1h', leased: 5 }],
      ignored: {
        signals: MISFITS.length,
        last: {
          why: expect.stringContaining('settle: the message must be a list of at most 1000') as string,
        },
      },
    });
  });

  test('that cannot even be decoded stops neither the budget nor a dataflow', async () => {
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    const send = async (workflowId: string, signalName: string): Promise<void> => {
      for (const [encoding, data] of [
        ['json/plain', '{"waitMs": 1'],
        ['binary/encrypted', 'secret'],
      ] as const) {
        await harness.client.workflowService.signalWorkflowExecution({
          namespace: harness.namespace,
          workflowExecution: { workflowId },
          signalName,
          input: { payloads: [{ metadata: { encoding: bytes(encoding) }, data: bytes(data) }] },
        });
      }
    };
    const { handle, lease, budget } = await start();
    await send(handle.workflowId, 'hold');
    expect(await lease()).toMatchObject({ kind: 'granted' });
    expect((await budget()).ignored.signals).toBe(2);
    const run = await harness.begin(specOf({ backfillDays: 3 }));
    await send(run.workflowId, 'resume');
    expect(await run.result()).toMatchObject({ status: 'success' });
  });
});

describe('a lease that does not fit', () => {
  const LIMIT = { calls: 30, windowMs: 3_600_000 };
  test.each<[string, Partial<Record<keyof LeaseRequest, unknown>>, string]>([
    [
      'no calls',
      { limits: [{ calls: 0, windowMs: 60_000 }] },
      'limits[0].calls must be a whole number from 1 to 1000000, not 0',
    ],
    [
      'a window without end',
      { limits: [{ calls: 1, windowMs: 1e15 }] },
      'limits[0].windowMs must be a whole number from 1 to 2678400000',
    ],
    [
      'calls as text',
      { limits: [LIMIT, { calls: '5', windowMs: 1 }] },
      'limits[1].calls must be a whole number',
    ],
    ['no limit', { limits: [] }, 'limits must be a list of 1 to 10'],
    ['many limits', { limits: Array.from({ length: 11 }, () => LIMIT) }, 'limits must be a list of 1 to 10'],
    ['limits left out', { limits: undefined }, 'limits must be a list of 1 to 10, but is left out'],
    ['a huge need', { need: 1e9 }, 'need must be a whole number from 1 to 10, not 1000000000'],
    ['a need that is no number', { need: 'NaN' }, 'need must be a whole number from 1 to 10, not "NaN"'],
    ['a huge wish', { want: 1e9 }, 'want must be a whole number from 1 to 100'],
    [
      'an unknown class',
      { class: 'urgent' },
      'class must be "question" or "fresh" or "backfill", not "urgent"',
    ],
    ['a class that every object has', { class: 'toString' }, 'class must be'],
    ['no dataflow', { dataflow: '' }, 'dataflow must be a text of 1 to 200 characters'],
    ['a long dataflow', { dataflow: 'x'.repeat(201) }, 'dataflow must be a text of 1 to 200 characters'],
    ['a number for an id', { leaseId: 7 }, 'leaseId must be a text'],
    ['half a report', { settled: [{ leaseId: 'a', spent: 1 }] }, 'settled[0].unspent must be a whole number'],
  ])('%s: refused with the field at fault', async (_, request, message) => {
    const { lease } = await quota;
    const refusal = await lease(request).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(WorkflowUpdateFailedError);
    expect((refusal as WorkflowUpdateFailedError).cause?.message).toContain(message);
  });

  test('of a worker fails with what the quota says', async () => {
    const quota = quotaAccess(harness.client, harness.environment['PINTEREST_APP']!, TASK_QUEUE);
    const request = { leaseId: 'a', dataflow: 'acme', class: 'fresh', want: 1, need: 1_000 } as const;
    await expect(quota.lease({ ...request, limits: [LIMIT], settled: [] })).rejects.toThrow(
      'it refuses the request: need must be a whole number from 1 to 10, not 1000',
    );
  });

  let quota: ReturnType<typeof start>;
  beforeAll(() => {
    quota = start();
  });

  test('starves nobody', async () => {
    const { lease, budget } = await quota;
    expect(await lease({ want: 2 })).toMatchObject({ kind: 'granted', permits: 2 });
    expect(await budget()).toMatchObject({ callsLeft: 28, limits: [{ limit: '30/1h' }], waiting: [] });
  });
});

describe('what a quota was started with', () => {
  test('is not believed: it begins with nothing spent and nobody held back', async () => {
    const { lease, budget } = await start([
      {
        timing: { ttlMs: 1, requestTimeoutMs: 1, graceMs: 1e15 },
        nowMs: 1e15,
        limits: [{ calls: 0, windowMs: 1e15, seenMs: 1e15 }],
        longestWindowMs: 1e15,
        leases: [],
        accounts: [],
        line: [],
        turn: 0,
        lastGrants: [],
        askedMs: {},
        heldBack: { untilMs: 1e15, why: 'because' },
      },
    ]);
    expect(await lease()).toMatchObject({ kind: 'granted', ttlMs: 15_000 });
    expect(await budget()).toMatchObject({ callsLeft: 29, heldBack: null, limits: [{ limit: '30/1h' }] });
  });

  test('stops nothing, whatever it is', async () => {
    for (const argument of [null, 7, 'budget', [], { leases: 'none' }]) {
      const { lease } = await start([argument]);
      expect(await lease()).toMatchObject({ kind: 'granted' });
    }
  });
});
