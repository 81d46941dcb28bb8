// A selection of every column that reports have, some six hundred: it needs no more room than a worker gives it.
import { join } from 'node:path';
import { ALL_COLUMNS, methodReads, metricColumns } from '../../src/dataflow/columns.js';
import { addDays, dateOf } from '../../src/dataflow/dates.js';
import type { Reconciliation } from '../../src/dataflow/reconcile/reconciliation.js';
import { RECONCILE } from '../../src/workflows/contract.js';
import { columnsOf, deliveredLines, STORES, storeLines } from '../support/delivered.js';
import { ACCOUNT, Harness, specOf } from '../support/harness.js';
import { storedLines, trueLines } from '../support/truth.js';

const EVERY_COLUMN = ALL_COLUMNS.filter((column) => methodReads('report', [column]));
const SPEC = specOf(
  { objects: [{ type: 'ads', ids: 'all' }], columns: EVERY_COLUMN },
  { targets: [{ kind: 'parquet', path: 'wide' }] },
);

test.each(STORES)(
  'every column that reports have arrives in %s and in a target, is read again and compared',
  async (_, storeOf, storeEnvironment) => {
    const harness = await Harness.start({
      environment: await storeEnvironment(),
      simulator: { adAccounts: [{ id: ACCOUNT, campaigns: 3, adGroups: 6, ads: 20 }] },
      worker: false,
    });
    const lake = join(harness.folder, 'lake');
    harness.environment['PARQUET_FOLDER'] = lake;
    try {
      await harness.startWorker();
      const to = dateOf(Date.now());
      const question = {
        accountId: ACCOUNT,
        objectType: 'ads' as const,
        from: addDays(to, -185),
        to,
        columns: metricColumns('ads', EVERY_COLUMN),
      };
      for (let run = 1; run <= 2; run++) {
        const record = await harness.run(SPEC);
        expect(record).toMatchObject({ status: 'success', restated: { rowsChanged: 0 } });
        const stored = await storedLines(storeOf(harness), 'acme_ads', question);
        expect(stored.length).toBeGreaterThan(1_000);
        expect(stored).toEqual(trueLines(harness.simulator.generator, question));
      }
      const columns = await columnsOf(storeOf(harness), 'acme_ads', 'ad_analytics');
      expect(columns.length).toBeGreaterThan(550);
      expect(await deliveredLines(join(lake, 'wide'), 'ad_analytics', columns)).toEqual(
        await storeLines(storeOf(harness), 'acme_ads', 'ad_analytics', columns),
      );

      const handle = await harness.begin({ name: 'acme-ads' }, { type: RECONCILE, workflowId: 'reconcile' });
      expect((await handle.result()) as Reconciliation).toMatchObject({ status: 'match' });
    } finally {
      await harness.close();
    }
  },
);
