// What every store tells those who watch: all dataflows, what they want and what is held of them.
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareTables } from '../../src/activities/prepare-run.js';
import type { DataflowSpec } from '../../src/dataflow/spec.js';
import { flowRunRecord, noTotals, type RunStatus } from '../../src/dataflow/flow-run.js';
import type { Claim } from '../../src/store/claims.js';
import { StoreUnavailable } from '../../src/store/store.js';
import { load, noon, ACCOUNT, specOf } from './answers.js';
import { duckdbStore, onEachStore, postgresStore } from './stores.js';

const spec = specOf();
const claim: Claim = {
  namespace: 'default',
  workflowId: 'acme',
  runId: 'a-run',
  claimedAtMs: noon,
  spec,
  open: true,
};

const fail = (dataflow: string, error: Error): void => {
  throw new Error(`${dataflow} is unreadable: ${error.message}`);
};

onEachStore((current) => {
  test('a dataflow that was never claimed is none', async () => {
    const { store } = current();
    expect(await store.holdings.read(0, fail)).toEqual([]);
    await store.schemas.make('acme-ads');
    expect(await store.holdings.read(0, fail)).toEqual([]);
  });

  test('a dataflow that cannot be read is told of, and the others are read', async () => {
    const { store } = current();
    for (const [dataflow, its] of [
      ['acme-ads', spec],
      ['strange', {} as DataflowSpec],
    ] as const) {
      await store.schemas.make(dataflow);
      await store.claims.take({ ...ACCOUNT, dataflow }, { ...claim, spec: its });
    }
    const unreadable: string[] = [];
    const holdings = await store.holdings.read(0, (dataflow, { message }) =>
      unreadable.push(`${dataflow}: ${message.split('\n')[0]}`),
    );
    expect(holdings.map(({ account }) => account)).toEqual([ACCOUNT]);
    expect(unreadable).toEqual([expect.stringMatching(/^strange: Cannot read properties/)]);
  });

  test('each dataflow and ad account with its spec, catalogue, coverage and last runs', async () => {
    const { store, another } = current();
    await prepareTables(store, spec);
    await store.claims.take(ACCOUNT, claim);
    const other = { dataflow: 'acme-ads-2', adAccountId: '2' };
    await store.schemas.make(other.dataflow);
    await store.claims.take(other, { ...claim, spec: { ...spec, name: other.dataflow } });
    await load(store, { spec, ids: ['1'], rows: [] });
    const state = { completedAtMs: noon, bookmark: null, reading: false };
    await store.catalogue.savePage(ACCOUNT, 'campaigns', [{ id: '1', name: 'One' }], noon, state);
    const ended = async (id: string, status: RunStatus, completedAtMs: number): Promise<void> => {
      const record = { id, startedAtMs: noon, completedAtMs, window: null };
      await store.runs.save(ACCOUNT, 'acme', flowRunRecord(status, noTotals(), record));
    };
    await ended('1', 'success', noon + 1_000);
    await ended('2', 'success', noon + 3_001);
    await ended('3', 'failed', noon + 2_000);

    const holdings = await another.holdings.read(0, fail);
    expect(holdings).toEqual([
      {
        account: ACCOUNT,
        spec,
        held: [
          {
            dataset: { objectType: 'campaigns' },
            objects: [{ id: '1', name: 'One', firstSeenMs: noon }],
            coverage: await store.cells.coverage(ACCOUNT, { objectType: 'campaigns' }),
          },
        ],
        lastRuns: new Map([
          ['success', noon + 3_001],
          ['failed', noon + 2_000],
        ]),
      },
      {
        account: other,
        spec: { ...spec, name: other.dataflow },
        held: [{ dataset: { objectType: 'campaigns' }, objects: null, coverage: [] }],
        lastRuns: new Map(),
      },
    ]);
    expect(holdings[0]!.held[0]!.coverage).toHaveLength(1);
  });
});

test('a file that is not there holds nothing, and is not made', async () => {
  const path = join(tmpdir(), `holdings-${process.pid}`, 'store.duckdb');
  expect(await duckdbStore(path).holdings.read(0, fail)).toEqual([]);
  expect(existsSync(path)).toBe(false);
});

/** If that were waited for, the test would not end. */
const LONGER_THAN_A_TEST_MS = 86_400_000;

test.each([
  ['DuckDB', () => duckdbStore('LICENSE')],
  ['PostgreSQL', () => postgresStore('postgres://me@127.0.0.1:1/none', LONGER_THAN_A_TEST_MS)],
])('%s that cannot be used is told at once', async (_, open) => {
  await expect(open().holdings.read(0, fail)).rejects.toThrow(StoreUnavailable);
});
