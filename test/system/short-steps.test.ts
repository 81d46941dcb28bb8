// Short steps do not queue behind long loads: while every slot for loads is taken, dry runs answer and new runs prepare.
import type { DryRun } from '../../src/activities/dry-run.js';
import { PLAN_DATAFLOW } from '../../src/workflows/contract.js';
import { Harness, progressOf, progressUntil, specOf } from '../support/harness.js';
import { Requests } from '../support/requests.js';

/** Loads side by side: of one run, of one worker. */
const A_RUN = 4;
const A_WORKER = 8;

/** Several chunks: three days an answer. */
const hourly = (name: string) => ({
  ...specOf({
    granularity: 'HOUR',
    objects: ['campaigns', 'ad_groups'].map((type) => ({ type, ids: 'all' })),
  }),
  name,
});

let requests: Requests;
let harness: Harness;
beforeEach(async () => {
  requests = new Requests();
  harness = await Harness.start({ simulator: { middleware: [requests.middleware] } });
});
afterEach(() => harness.close());

test('while loads without an answer take every slot, a dry run answers and another run prepares', async () => {
  const held: (() => void)[] = [];
  requests.intercept = (request, _response, next) => {
    if (request.path.endsWith('/analytics')) held.push(next);
    else next();
  };
  const loading = await Promise.all(['first', 'second'].map((name) => harness.begin(hourly(name))));
  await requests.reach(A_WORKER, /analytics$/);
  for (const handle of loading) expect((await progressOf(handle)).chunks.running).toBe(A_RUN);

  const plan = (await (await harness.begin(hourly('third'), { type: PLAN_DATAFLOW })).result()) as DryRun;
  expect(plan.apiCalls.analytics).toBeGreaterThan(0);
  const third = await harness.begin(hourly('third'));
  await progressUntil(third, ({ phase }) => phase !== 'preparing');
  expect(held).toHaveLength(A_WORKER);

  requests.intercept = (_request, _response, next) => next();
  for (const next of held) next();
  for (const handle of [...loading, third])
    expect(await handle.result()).toMatchObject({ status: 'success', statusSummary: { errors: [] } });
});
