// What is not what it should be costs itself, not what came with it; and nothing is taken that belongs elsewhere.
import { fetchAdAccount, fetchAdAccountIds } from '../../src/pinterest/accounts.js';
import { fetchCataloguePage } from '../../src/pinterest/catalogue.js';
import { createReport } from '../../src/pinterest/reports.js';
import { PinterestTransport, type Caller } from '../../src/pinterest/transport.js';
import { EXTRACTION } from './extraction.js';
import { listen, type Listening } from './wild-server.js';

let server: Listening;
/** The answer to the n-th call, counted from 1. */
let answer: (call: number) => unknown;
let calls: number;
beforeAll(async () => {
  server = await listen((_request, response) => response.end(JSON.stringify(answer(++calls))));
});
afterAll(() => server.close());
beforeEach(() => (calls = 0));

const CALLER: Caller = {
  token: async () => 'a-token',
  gate: { take: async () => ({ done: () => {}, undo: () => {} }), hold: async () => {}, end: async () => {} },
  counter: { started: () => () => {}, failed: () => {} },
};
const transport = (): PinterestTransport =>
  new PinterestTransport({ apiUrl: server.url, idleTimeoutMs: 5_000 });
const page = () => fetchCataloguePage(transport(), CALLER, '7', 'ads', { bookmark: null });
const accounts = () => fetchAdAccountIds(transport(), CALLER);

test('items without a usable id are left out of a page and counted, with the first reason', async () => {
  const items = [{ id: '1' }, { id: null, name: null }, { id: '7'.repeat(100_000) }, 'what?', { id: 2 }];
  answer = () => ({ items, bookmark: 'next' });
  expect(await page()).toEqual({
    items: [{ id: '1' }, { id: '2' }],
    leftOut: { count: 3, first: expect.stringMatching(/^id /) },
    bookmark: 'next',
  });
});

test('a page of far more items than were asked for is none', async () => {
  answer = () => ({ items: Array.from({ length: 1_001 }, () => ({})) });
  await expect(page()).rejects.toMatchObject({
    kind: 'ContractViolation',
    message: expect.stringContaining('is not a page: items'),
  });
});

test('one bad ad account does not cost the others', async () => {
  answer = () => ({ items: [{ id: null, name: null }, { id: '1' }, { id: '2' }], bookmark: null });
  expect(await accounts()).toEqual({
    ids: ['1', '2'],
    problems: { items: { count: 1, first: expect.any(String) }, values: null, cutShort: null },
  });
});

test.each<[string, (call: number) => unknown, number]>([
  ['goes round', (call) => ({ items: [{ id: call }], bookmark: call % 2 ? 'A' : 'B' }), 3],
  ['points back to itself', (call) => ({ items: [{ id: call }], bookmark: 'A' }), 2],
  ['brings the same again and again', (call) => ({ items: [{ id: '1' }], bookmark: `b${call}` }), 2],
  ['is empty again and again', (call) => ({ items: [], bookmark: `b${call}` }), 1],
  ['never ends', (call) => ({ items: [{ id: call }], bookmark: `b${call}` }), 40],
])('a list of ad accounts that %s is left, what was read stays', async (_, listed, expected) => {
  answer = listed;
  const { ids, problems } = await accounts();
  expect(problems.cutShort).toEqual(expect.any(String));
  expect(calls).toBe(expected);
  expect(new Set(ids).size).toBe(ids.length);
});

test('an ad account is taken only if it is the one that was asked for', async () => {
  answer = () => ({ id: '42', name: 'Another', currency: 'JPY' });
  await expect(fetchAdAccount(transport(), CALLER, '7')).rejects.toMatchObject({
    kind: 'ContractViolation',
    message: "Pinterest's answer to ad account 7 is of another one, 42",
  });
  answer = () => ({ id: 7, name: 'Acme', currency: 'EUR' });
  expect(await fetchAdAccount(transport(), CALLER, '7')).toMatchObject({ id: '7', currency: 'EUR' });
});

test('a report token is taken up to 2,000 characters', async () => {
  const report = () => createReport(transport(), CALLER, EXTRACTION);
  answer = () => ({ token: 'x'.repeat(2_000) });
  expect(await report()).toHaveLength(2_000);
  answer = () => ({ token: 'x'.repeat(2_001) });
  await expect(report()).rejects.toMatchObject({
    kind: 'ContractViolation',
    message: expect.stringContaining('carries no token of 1 to 2000 characters'),
  });
});
