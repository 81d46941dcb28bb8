// Lists that are not what the API promises: what is good in them is read, once a day, and the record says what is not.
import type { RequestHandler } from 'express';
import { ACCOUNT, Harness, specOf } from '../support/harness.js';
import { Requests } from '../support/requests.js';
import { query } from '../support/store-reader.js';

let harness: Harness;
let requests: Requests;
beforeEach(async () => {
  requests = new Requests();
  harness = await Harness.start({ simulator: { middleware: [requests.middleware] } });
});
afterEach(() => harness.close());

const SPEC = specOf({ backfillDays: 3 });

/** Answers a list in the simulator's place; `page` counts its requests from 1. */
const listing = (path: RegExp, answer: (page: number) => unknown): void => {
  let page = 0;
  requests.intercept = (request, response, next) =>
    path.test(request.path) ? void response.json(answer(++page)) : next();
};

/** Changes what the simulator answers to a list. */
const spoiling =
  (path: RegExp, spoil: (items: unknown[]) => unknown[]): RequestHandler =>
  (request, response, next) => {
    if (!path.test(request.path)) return next();
    const json = response.json.bind(response);
    response.json = (body: { items: unknown[] }) => json({ ...body, items: spoil(body.items) });
    return next();
  };

const campaigns = async (): Promise<number> => {
  const [row] = await query(harness.storePath, 'SELECT count(*)::INTEGER AS known FROM acme_ads.campaigns');
  return row!['known'] as number;
};

test('items that are of no object are left out and counted, each run says so, and the others are read', async () => {
  requests.intercept = spoiling(/campaigns$/, (items) => [
    { id: null, name: null },
    { id: '7'.repeat(100_000) },
    ...items,
  ]);
  const first = await harness.run(SPEC);
  expect(first).toMatchObject({ status: 'partial success', apiCalls: { catalogue: 1 } });
  expect(first.statusSummary.errors).toEqual([
    {
      code: 'ItemsLeftOut',
      message: expect.stringMatching(
        new RegExp(
          `^In Pinterest's list of campaigns of ad account ${ACCOUNT}, 2 items \\(the first: id .*\\) are not what the API promises and left out$`,
        ),
      ),
    },
  ]);
  expect(await campaigns()).toBe(20);

  const second = await harness.run(SPEC);
  expect(second).toMatchObject({ status: 'partial success', apiCalls: { catalogue: 0 } });
  expect(second.statusSummary).toEqual(first.statusSummary);
});

test('values that the store cannot hold cost themselves alone', async () => {
  requests.intercept = spoiling(/campaigns$/, (items) =>
    items.map((item, at) => ({ ...(item as object), start_time: at === 0 ? 'soon' : '1.5e9' })),
  );
  const { statusSummary } = await harness.run(SPEC);
  expect(statusSummary.errors).toEqual([
    {
      code: 'ValuesLeftOut',
      message: expect.stringMatching(
        / 1 value \(start_time of \d+: "soon"\) is nothing that the store can hold/,
      ),
    },
  ]);
  const [row] = await query(
    harness.storePath,
    'SELECT count(*)::INTEGER AS good FROM acme_ads.campaigns WHERE start_time = 1500000000',
  );
  expect(row).toEqual({ good: 19 });
});

test.each<[string, (page: number) => unknown, number, number]>([
  ['leads round', (page) => ({ items: [{ id: page }], bookmark: page % 2 ? 'A' : 'B' }), 3, 3],
  ['brings the same again and again', (page) => ({ items: [{ id: 1 }], bookmark: `b${page}` }), 2, 1],
])(
  'a list that %s is left, what was read stays, and it is not read again that day',
  async (_, answer, calls, known) => {
    listing(/campaigns$/, answer);
    const first = await harness.run(SPEC);
    expect(first).toMatchObject({ status: 'partial success', apiCalls: { catalogue: calls } });
    expect(first.statusSummary.errors).toEqual([
      { code: 'ListCutShort', message: expect.stringContaining('What was read is kept') },
    ]);
    expect(await campaigns()).toBe(known);
    const second = await harness.run(SPEC);
    expect(second).toMatchObject({ status: 'partial success', apiCalls: { catalogue: 0 } });
    expect(second.statusSummary).toEqual(first.statusSummary);
  },
);

test('an attempt that fails forgets no bookmark, and ids that a report names do not have the list read again', async () => {
  let page = 0;
  requests.intercept = (request, response, next) => {
    if (!request.path.endsWith('/campaigns')) return next();
    page += 1;
    if (page === 3) return void response.status(503).json({ code: 1, message: 'Later.' });
    return void response.json({ items: [{ id: page }], bookmark: page % 2 ? 'A' : 'B' });
  };
  const run = await harness.run(specOf({ backfillDays: 120 }));
  expect(run.statusSummary.errors.map(({ code }) => code)).toEqual(['ListCutShort']);
  // Of the page at B, which failed at first, the next is B again; without what it remembers it would go round once more.
  expect(page).toBe(4);
});

test('one bad ad account does not cost the others of "all"', async () => {
  requests.intercept = spoiling(/ad_accounts$/, (items) => [{ id: null, name: null }, ...items]);
  const run = await harness.run(specOf({ backfillDays: 3 }, { connection: { adAccountIds: 'all' } }));
  expect(run).toMatchObject({
    status: 'partial success',
    statusSummary: {
      errors: [{ code: 'ItemsLeftOut', message: expect.stringContaining("Pinterest's list of ad accounts") }],
    },
  });
  expect(await campaigns()).toBe(20);
});

test("another ad account's answer is not stored under ours", async () => {
  requests.intercept = (request, response, next) =>
    request.path.endsWith(`/ad_accounts/${ACCOUNT}`)
      ? void response.json({ id: '42', name: 'Another', currency: 'JPY' })
      : next();
  const run = await harness.run(SPEC);
  expect(run.statusSummary.errors).toContainEqual({
    code: 'ContractViolation',
    message: `Pinterest's answer to ad account ${ACCOUNT} is of another one, 42`,
  });
  expect(await query(harness.storePath, 'SELECT id FROM acme_ads.ad_accounts')).toEqual([]);
});
