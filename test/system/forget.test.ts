// Cells that are forgotten are read again by the next run, those and no others; rows stay until then.
import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import { addDays, dateOf } from '../../src/dataflow/dates.js';
import { TASK_QUEUE } from '../../src/workflows/contract.js';
import { ACCOUNT, Harness, specOf } from '../support/harness.js';
import { change, query } from '../support/store-reader.js';
import { storedLines, trueLines } from '../support/truth.js';

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.close());

const today = dateOf(Date.now());
const forget = (input: unknown): Promise<unknown> =>
  harness.client.workflow.execute('forget', {
    taskQueue: TASK_QUEUE,
    workflowId: `forget-${randomUUID()}`,
    args: [input],
  });

test('one campaign, ten dates: ten cells, and the next run heals what was wrong there and nothing else', async () => {
  const spec = specOf({ backfillDays: 60 });
  await harness.run(spec);
  const { campaigns } = harness.simulator.generator.objects(ACCOUNT);
  const from = addDays(today, -49);
  const to = addDays(today, -40);
  const [row] = await query(
    harness.storePath,
    `SELECT campaign_id AS id FROM acme_ads.campaign_analytics WHERE date BETWEEN '${from}' AND '${to}'
     GROUP BY 1 HAVING count(*) = 10 LIMIT 1`,
  );
  const id = row!['id'] as string;
  // Final for long, and wrong: no run would look at it again by itself.
  await change(
    harness.storePath,
    `UPDATE acme_ads.campaign_analytics SET spend_in_micro_dollar = -1 WHERE date < '${addDays(today, -35)}'`,
  );
  expect(await forget({ name: 'acme-ads', objectType: 'campaigns', ids: [id], from, to })).toEqual({
    cells: 10,
  });
  const rows = `SELECT count(*) AS n FROM acme_ads.campaign_analytics WHERE campaign_id = '${id}' AND date BETWEEN '${from}' AND '${to}'`;
  expect(await query(harness.storePath, rows)).toEqual([{ n: '10' }]);

  const run = await harness.run(spec);
  const notFinal = 32 * campaigns.length;
  expect(run).toMatchObject({ status: 'success', restated: { cells: notFinal + 10, rowsChanged: 10 } });
  const question = { accountId: ACCOUNT, objectType: 'campaigns', from, to, ids: new Set([id]) } as const;
  const stored = await storedLines(harness.storePath, 'acme_ads', question);
  const mine = (lines: string[]): string[] => lines.filter((line) => line.startsWith(`${id}|`));
  expect(mine(stored)).toEqual(mine(trueLines(harness.simulator.generator, question)));
  const wrong = await query(
    harness.storePath,
    'SELECT count(*) AS n FROM acme_ads.campaign_analytics WHERE spend_in_micro_dollar = -1',
  );
  expect(Number(wrong[0]!['n'])).toBeGreaterThan(0);

  expect(await forget({ name: 'acme-ads' })).toEqual({ cells: campaigns.length * 60 });
  await harness.run(spec);
  const everything = {
    accountId: ACCOUNT,
    objectType: 'campaigns',
    from: addDays(today, -59),
    to: today,
  } as const;
  expect(await storedLines(harness.storePath, 'acme_ads', everything)).toEqual(
    trueLines(harness.simulator.generator, everything),
  );
});

test('of one breakdown: its cells, and none of the objects themselves', async () => {
  await harness.run(
    specOf({
      objects: [{ type: 'ad_accounts', breakdowns: ['AGE_BUCKET', 'GENDER'] }],
      backfillDays: 3,
    }),
  );
  expect(await forget({ name: 'acme-ads', breakdown: 'GENDER' })).toEqual({ cells: 3 });
  const forgotten = await query(
    harness.storePath,
    `SELECT DISTINCT breakdown FROM acme_ads.coverage WHERE attribution = 'forgotten'`,
  );
  expect(forgotten).toEqual([{ breakdown: 'GENDER' }]);
});

test.each([
  [{ name: 'acme-ads', breakdown: 'AGE' }, 'breakdown: "AGE" is not one of "AGE_BUCKET"'],
  [{ name: 'acme-adds' }, 'name: no dataflow "acme-adds" is in this store. Did you mean "acme-ads"?'],
  [{ name: 'acme-ads', adAccountId: '1' }, `adAccountId: acme-ads holds nothing of 1; it holds ${ACCOUNT}`],
  [{ name: 'acme-ads', objectTyp: 'ads' }, 'objectTyp: is not a known key. Did you mean "objectType"?'],
  [{ name: 'acme-ads', from: '2026-05-02', to: '2026-05-01' }, 'to: 2026-05-01 lies before from'],
])('what cannot be forgotten is refused: %j', async (input, message) => {
  await harness.run(specOf({ backfillDays: 1 }));
  const error = await forget(input).catch((failed: unknown) => failed);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  expect((error as WorkflowFailedError).cause).toMatchObject({ type: 'InvalidSpec' });
  expect((error as WorkflowFailedError).cause!.message).toContain(message);
});
