// Whatever a server answers, the client ends with a typed error or with exactly what came: it never crashes, hangs,
// takes something for what it is not, waits for ever, or lets the token go elsewhere.
/* oxlint-disable jest/no-conditional-expect -- what may be expected depends on the answer that was made up */
import * as fc from 'fast-check';
import { addAnswer } from '../../src/activities/load-chunk.js';
import { MalformedAnswer, Staging, type AnswerShape } from '../../src/loading/staging.js';
import { fetchAdAccount } from '../../src/pinterest/accounts.js';
import { fetchAnalytics } from '../../src/pinterest/analytics.js';
import { fetchCataloguePage } from '../../src/pinterest/catalogue.js';
import { PinterestError, type ErrorKind } from '../../src/pinterest/errors.js';
import { createReport, pollReport } from '../../src/pinterest/reports.js';
import type { Extraction } from '../../src/pinterest/request.js';
import { PinterestTransport, type Caller } from '../../src/pinterest/transport.js';
import { list, print, report, space } from '../loading/arbitrary-answers.js';
import { expectedOf, type GivenObject } from '../loading/reference.js';
import { newWorkFolder, readBack, shapeOf, type Row } from '../loading/staged.js';
import { EXTRACTION } from './extraction.js';
import {
  bodyThatArrives,
  isCertain,
  listen,
  textOf,
  WildServer,
  type Listening,
  type WildAnswer,
} from './wild-server.js';
import { runs } from '../support/random.js';

const { constantFrom, oneof } = fc;
const TOKEN = 'pina_9f3K+/Zq=Secret~7';
const TOKEN_FORMS = [TOKEN, encodeURIComponent(TOKEN)];
const ACCOUNT = '549755885175';
const HANG_MS = 120_000;
const LONGEST_WAIT_MS = 25 * 3_600_000;
const ELSEWHERE_ROW = { object_id: '7', date: '2026-05-03', ctr: 0.25 };
const ELSEWHERE_BODY = '{"7":[{"DATE":"2026-05-03","CTR":0.25}]}';

let server: WildServer;
let elsewhere: Listening;
const arrivedElsewhere: string[] = [];
beforeAll(async () => {
  server = await WildServer.start();
  elsewhere = await listen((request, response) => {
    arrivedElsewhere.push(textOf(request));
    response.end(ELSEWHERE_BODY);
  });
});
afterAll(() => {
  server.close();
  elsewhere.close();
});
beforeEach(() => arrivedElsewhere.splice(0));

// What a server may answer ------------------------------------------------------------------------------------------

const printable = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((c) => String.fromCharCode(c)),
});
const amount = oneof(
  fc.integer({ min: -10, max: 100_000 }).map(String),
  constantFrom('1e9', '9'.repeat(30), '0.5', 'soon', '', '1779278400', 'Infinity', '12;w=1', '0, 59;w=60'),
  constantFrom(
    'Wed, 20 May 2026 12:05:00 GMT',
    'Fri, 31 Dec 9999 23:59:59 GMT',
    'Thu, 01 Jan 1970 00:00:00 GMT',
  ),
  printable,
);
const limits = constantFrom('60', '60, 100;w=1;name="safety_net", 60;w=60;name="org"', ';;', 'name="');
const place = oneof(
  constantFrom(
    'ELSEWHERE',
    'ELSEWHERE/v5/x?y=1',
    '/v5/again',
    '../..',
    '',
    'http://',
    'http://[',
    'file:///etc/passwd',
  ),
  constantFrom('//', 'ftp://127.0.0.1/', 'javascript:0', 'http://127.0.0.1:1/'),
  printable,
);
const headers = fc.record(
  {
    'retry-after': amount,
    'x-ratelimit-limit': limits,
    'x-ratelimit-remaining': amount,
    'x-ratelimit-reset': amount,
    'content-type': oneof(
      constantFrom('application/json', 'text/html', 'image/png', 'text/plain; charset=utf-16'),
      printable,
    ),
    location: place,
    connection: constantFrom('close', 'keep-alive'),
  },
  { requiredKeys: [] },
);
const status = oneof(
  { weight: 5, arbitrary: constantFrom(200) },
  {
    weight: 3,
    arbitrary: constantFrom(
      201,
      204,
      301,
      302,
      303,
      304,
      307,
      308,
      400,
      401,
      403,
      404,
      408,
      413,
      414,
      429,
      500,
      502,
      503,
    ),
  },
  { weight: 1, arbitrary: fc.integer({ min: 200, max: 999 }) },
);
const encoding = oneof(
  { weight: 6, arbitrary: constantFrom<WildAnswer['encoding'][]>('plain', 'gzip') },
  {
    weight: 1,
    arbitrary: constantFrom<WildAnswer['encoding'][]>(
      'gzip said only',
      'gzip unsaid',
      'gzip cut',
      'unheard of',
    ),
  },
);
const framing = oneof(
  { weight: 8, arbitrary: constantFrom<WildAnswer['framing'][]>('length', 'chunked') },
  {
    weight: 1,
    arbitrary: constantFrom<WildAnswer['framing'][]>(
      'length too short',
      'length too long',
      'broken',
      'no HTTP',
    ),
  },
);

/** What may befall any body on its way. */
const damage = oneof(
  { weight: 8, arbitrary: fc.constant((body: Buffer) => body) },
  {
    weight: 1,
    arbitrary: fc
      .double({ min: 0, max: 1, noNaN: true })
      .map((part) => (body: Buffer) => body.subarray(0, Math.floor(body.length * part))),
  },
  {
    weight: 1,
    arbitrary: constantFrom('\ufeff', ' \r\n\t', '/* */', 'x').map(
      (before) => (body: Buffer) => Buffer.concat([Buffer.from(before), body]),
    ),
  },
  {
    weight: 1,
    arbitrary: constantFrom(' \n', '\n{}', ']', '\0', '\ufeff').map(
      (after) => (body: Buffer) => Buffer.concat([body, Buffer.from(after)]),
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.nat(), fc.oneof(fc.integer({ min: 0x80, max: 0xff }), fc.nat(255)))
      .map(([at, byte]) => (body: Buffer) => {
        const copy = Buffer.from(body);
        if (copy.length > 0) copy[at % copy.length] = byte;
        return copy;
      }),
  },
);

const ECHO = `Authorization: Bearer ${TOKEN}`;
const deep = fc.integer({ min: 1, max: 50_000 }).map((depth) => '['.repeat(depth) + ']'.repeat(depth));
/** Bodies that no endpoint promises. */
const foreign = oneof(
  fc.json(),
  deep,
  deep.map((nested) => `{"items":[{"id":"1","x":${nested}}],"code":${nested}}`),
  constantFrom(
    '',
    ' ',
    'null',
    '[]',
    '{}',
    '"done"',
    '1e400',
    '[1,2',
    'no healthy upstream',
    '<html><body>Bad gateway</body></html>',
  ),
  constantFrom(
    '{"a":1,"a":2}',
    '{"items":[],"items":[{"id":"1"}]}',
    '{"id":"1"}\n{"id":"2"}',
    '{"token":7}',
    '{"items":{}}',
  ),
  constantFrom(
    ECHO,
    `<pre>${ECHO}</pre>`,
    JSON.stringify({ code: 1, message: ECHO }),
    `${'x'.repeat(85)} ${TOKEN}`,
  ),
  constantFrom(
    `{"code":8,"message":"Retry after ${'9'.repeat(30)} seconds"}`,
    '{"code":12,"message":"\\ud800"}',
  ),
  printable,
);

const digits = oneof(
  constantFrom(
    '7',
    '9007199254740993',
    '687195134316000123',
    '0',
    '1e3',
    '7.0',
    '687195134316000123.0',
    '-1',
    '1e400',
    '9'.repeat(21),
  ),
  fc.bigInt(1n, 10n ** 18n).map(String),
);
const anyId = digits.chain((text) => constantFrom(text, `"${text}"`));
const anyValue = oneof(anyId, fc.json(), constantFrom('null', 'true', '"ü🌱"', '"\\ud83c\\udf31"', '""'));
const object = (members: Record<string, fc.Arbitrary<string>>): fc.Arbitrary<string> =>
  fc.record(members, { requiredKeys: [] }).map(
    (given) =>
      `{${Object.entries(given)
        .map(([key, json]) => `${JSON.stringify(key)}:${json}`)
        .join(',')}}`,
  );
const item = object({ id: anyId, name: anyValue, status: anyValue, updated_time: anyId, tracking: anyValue });
const page = object({
  items: fc
    .array(oneof({ weight: 9, arbitrary: item }, { weight: 1, arbitrary: anyValue }), { maxLength: 5 })
    .map((items) => `[${items.join(',')}]`),
  bookmark: oneof(constantFrom('null', '""', '"next"', '"here"'), anyValue),
});
const account = object({
  id: oneof(anyId, constantFrom(ACCOUNT, JSON.stringify(ACCOUNT))),
  name: anyValue,
  currency: anyValue,
  country: anyValue,
  permissions: oneof(constantFrom('["OWNER"]', '[]'), anyValue),
});
const created = object({
  token: oneof(fc.json(), constantFrom('"r-1"', '""')),
  report_status: anyValue,
  message: anyValue,
});
const polled = object({
  report_status: oneof(constantFrom('"FINISHED"', '"IN_PROGRESS"', 'null', '"FAILED"'), anyValue),
  url: oneof(constantFrom('"https://storage/x"', '""', 'null'), anyValue),
});

const wild = (body: fc.Arbitrary<string>): fc.Arbitrary<WildAnswer> =>
  fc
    .record({
      status,
      headers,
      body: oneof({ weight: 4, arbitrary: body }, { weight: 1, arbitrary: foreign }),
      damage,
      encoding,
      framing,
    })
    .map(({ body, damage, ...rest }) => ({ ...rest, body: damage(Buffer.from(body)) }));

// How a call is made and judged -------------------------------------------------------------------------------------

const transport = (): PinterestTransport =>
  new PinterestTransport({ apiUrl: `${server.url}/v5`, idleTimeoutMs: 5_000 });

/** A gate that notes what it hears, and takes its time as a real one does. */
const callerOf = (holds: { untilMs: number; why: string }[]): Caller => ({
  token: async () => TOKEN,
  gate: {
    take: async () => ({ done: () => {}, undo: () => {} }),
    hold: async (untilMs, why) => {
      holds.push({ untilMs, why });
      await new Promise((resolve) => setTimeout(resolve, 3));
    },
    end: async () => {},
  },
  counter: { started: () => () => {}, failed: () => {} },
});

const KINDS = new Map<number, ErrorKind>([
  [401, 'CredentialExpired'],
  [403, 'AccessDenied'],
  [407, 'Transient'],
  [408, 'Transient'],
  [413, 'TooLarge'],
  [414, 'TooLarge'],
  [429, 'RateLimited'],
]);
const kindOf = (status: number): ErrorKind =>
  KINDS.get(status) ?? (status >= 500 ? 'Transient' : status < 400 ? 'ContractViolation' : 'Refused');

const expectSane = (message: string): void => {
  expect(message).not.toBe('');
  expect(message.length).toBeLessThan(1_500);
  expect(message).not.toMatch(/\p{Cc}|\p{Surrogate}/u);
  for (const form of TOKEN_FORMS) expect(message).not.toContain(form);
};

const expectInBounds = (untilMs: number, startedMs: number): void => {
  expect(untilMs).toBeGreaterThanOrEqual(startedMs);
  expect(untilMs).toBeLessThanOrEqual(Date.now() + LONGEST_WAIT_MS);
};

/** Plays the answer to one call; what comes of it, or undefined after a typed error that fits the answer. */
const outcomeOf = async <T>(
  answer: WildAnswer,
  call: (caller: Caller, transport: PinterestTransport) => Promise<T>,
): Promise<T | undefined> => {
  const { location } = answer.headers;
  server.answer = {
    ...answer,
    headers:
      location === undefined
        ? answer.headers
        : { ...answer.headers, location: location.replace('ELSEWHERE', elsewhere.url) },
  };
  const startedMs = Date.now();
  const holds: { untilMs: number; why: string }[] = [];
  let timer: NodeJS.Timeout;
  const hang = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('The call hangs')), HANG_MS);
  });
  try {
    return await Promise.race([call(callerOf(holds), transport()), hang]);
  } catch (error) {
    if (!(error instanceof PinterestError) && !(error instanceof MalformedAnswer)) throw error;
    expectSane(error.message);
    if (error instanceof PinterestError && error.facts.retryAtMs !== undefined) {
      expectInBounds(error.facts.retryAtMs, startedMs);
      expect(holds).toHaveLength(1);
    }
    return undefined;
  } finally {
    clearTimeout(timer!);
    for (const { untilMs, why } of holds) {
      expectInBounds(untilMs, startedMs);
      expectSane(why);
    }
    // What nobody awaits fails within a turn or two.
    await new Promise((resolve) => setImmediate(resolve));
  }
};

const NUMBER = 'a number as it stands';
interface NumberText {
  [NUMBER]: string;
}
type Json = string | boolean | null | NumberText | Json[] | { [key: string]: Json };

/** The JSON of a body with numbers as they stand there; undefined where it is none. */
const jsonOf = (body: Buffer): Json | undefined => {
  const text = new TextDecoder().decode(body);
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  const quoted = text.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) =>
    token.startsWith('"') ? token : JSON.stringify({ [NUMBER]: token }),
  );
  return JSON.parse(quoted) as Json;
};
const isNumber = (json: unknown): json is NumberText =>
  typeof json === 'object' && json !== null && NUMBER in json;
const memberOf = (json: Json | undefined, name: string): Json | undefined =>
  typeof json === 'object' && json !== null && !Array.isArray(json)
    ? (json as Record<string, Json>)[name]
    : undefined;
const idOf = (json: Json | undefined): string | undefined => {
  const text = isNumber(json) ? json[NUMBER] : json;
  return typeof text === 'string' && /^\d{1,20}$/.test(text) ? text : undefined;
};

/** As the client gives a value: a number that a double would write otherwise stays text. */
const plain = (json: Json | undefined): unknown => {
  if (json === undefined) return null;
  if (isNumber(json))
    return String(Number(json[NUMBER])) === json[NUMBER] ? Number(json[NUMBER]) : json[NUMBER];
  if (Array.isArray(json)) return json.map(plain);
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, plain(value)]));
};

/** What a JSON endpoint may take from an answer: the JSON that arrived whole with a 2xx. */
const truthOf = (answer: WildAnswer): Json | undefined => {
  const body = bodyThatArrives(answer);
  return body && answer.status >= 200 && answer.status < 300 ? jsonOf(body) : undefined;
};
/** A key twice with two values may be refused, for which one is meant? So may what is nested beyond reason. */
const isPlain = ({ body }: WildAnswer): boolean =>
  !/"a":1,"a"|"items":.*"items":|\[{500}/.test(body.toString());

const extraction: Extraction & { ids: string[] } = {
  ...EXTRACTION,
  adAccountId: ACCOUNT,
  ids: ['7', '8', '9007199254740993', '687195134316000123'],
};

test('a status means what it means, with whatever headers and body', async () => {
  await fc.assert(
    fc.asyncProperty(wild(foreign), async (answer) => {
      fc.pre(answer.framing === 'length' && answer.status >= 300);
      let error: unknown;
      await outcomeOf(answer, (caller, transport) =>
        transport
          .json(caller, { kind: 'other', what: 'x', method: 'GET', path: '/x' })
          .catch((caught: unknown) => {
            error = caught;
            throw caught;
          }),
      );
      expect(error).toBeInstanceOf(PinterestError);
      const { kind, facts } = error as PinterestError;
      expect(facts.status).toBe(answer.status);
      if (answer.status === 400) expect(['Refused', 'RateLimited', 'Transient']).toContain(kind);
      else if (answer.status === 403 && /^\s*</.test(bodyThatArrives(answer)?.toString() ?? ''))
        expect(kind).toBe('ContractViolation');
      else expect(kind).toBe(kindOf(answer.status));
      expect(arrivedElsewhere).toEqual([]);
    }),
    runs(500),
  );
});

test('a page of the catalogue has exactly the ids that came, and counts what has none, or is refused', async () => {
  await fc.assert(
    fc.asyncProperty(wild(page), async (answer) => {
      const result = await outcomeOf(answer, (caller, transport) =>
        fetchCataloguePage(transport, caller, ACCOUNT, 'ads', { bookmark: 'here' }),
      );
      const truth = truthOf(answer);
      const items = memberOf(truth, 'items');
      const bookmark = plain(memberOf(truth, 'bookmark'));
      const isPage = Array.isArray(items) && (bookmark === null || typeof bookmark === 'string');
      if (isPlain(answer) && isCertain(answer)) expect(result !== undefined).toBe(isPage);
      if (result === undefined) return;
      const good = (items as Json[]).filter((one) => idOf(memberOf(one, 'id')) !== undefined);
      expect(result.items.map(({ id }) => id)).toEqual(good.map((one) => idOf(memberOf(one, 'id'))));
      expect(result.leftOut?.count ?? 0).toBe((items as Json[]).length - good.length);
      if (result.leftOut) expectSane(result.leftOut.first);
      expect(result.bookmark).toBe(bookmark || null);
      for (const [index, { name, updated_time: time }] of result.items.entries()) {
        expect(name ?? null).toEqual(plain(memberOf(good[index], 'name')));
        expect(time ?? null).toEqual(plain(memberOf(good[index], 'updated_time')));
      }
    }),
    runs(500),
  );
  expect(arrivedElsewhere).toEqual([]);
});

test('account, report token and report state are those that came, or refused', async () => {
  await fc.assert(
    fc.asyncProperty(wild(account), wild(created), wild(polled), async (forAccount, forToken, forState) => {
      const read = await outcomeOf(forAccount, (caller, transport) =>
        fetchAdAccount(transport, caller, ACCOUNT),
      );
      if (read) {
        const given = truthOf(forAccount);
        const id = memberOf(given, 'id');
        expect(read.id).toBe(ACCOUNT);
        expect(isNumber(id) ? id[NUMBER] : id).toBe(ACCOUNT);
        expect(read.currency).toEqual(plain(memberOf(given, 'currency')));
      }

      const token = await outcomeOf(forToken, (caller, transport) =>
        createReport(transport, caller, extraction),
      );
      const givenToken = plain(memberOf(truthOf(forToken), 'token'));
      if (token !== undefined) expect(token).toBe(givenToken);

      const url = await outcomeOf(forState, (caller, transport) =>
        pollReport(transport, caller, ACCOUNT, 'r-1', 'the report of all ads'),
      );
      const given = truthOf(forState);
      if (url === null) expect(memberOf(given, 'report_status')).not.toBe('FINISHED');
      else if (url !== undefined)
        expect([memberOf(given, 'report_status'), plain(memberOf(given, 'url'))]).toEqual(['FINISHED', url]);
    }),
    runs(200),
  );
  expect(arrivedElsewhere).toEqual([]);
});

test('an answer that breaks off while the budget hears of a used-up limit is a typed error, not a crash', async () => {
  const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1' };
  for (const framing of ['length', 'broken'] as const) {
    const answer: WildAnswer = {
      status: 200,
      headers,
      body: Buffer.from('{}'),
      encoding: 'gzip said only',
      framing,
    };
    const call = outcomeOf(answer, (caller, transport) =>
      transport.json(caller, { kind: 'other', what: 'x', method: 'GET', path: '/x' }),
    );
    expect(await call).toBeUndefined();
  }
});

test('an error page without end is left, and told by its beginning', async () => {
  const endless = await listen((_request, response) => {
    response.writeHead(500);
    const more = setInterval(() => response.write('so sorry '.repeat(100)), 1);
    response.on('close', () => clearInterval(more));
  });
  const { gate, counter } = callerOf([]);
  const call = new PinterestTransport({ apiUrl: endless.url, idleTimeoutMs: 500 }).json(
    { token: async () => TOKEN, gate, counter },
    { kind: 'other', what: 'x', method: 'GET', path: '/x' },
  );
  await expect(call).rejects.toMatchObject({
    kind: 'Transient',
    message: expect.stringContaining('HTTP 500: so sorry so sorry'),
  });
  endless.close();
});

// Rows --------------------------------------------------------------------------------------------------------------

const inOrder = (rows: Row[]): Row[] =>
  rows.toSorted((a, b) =>
    JSON.stringify([a.object_id, a.date]) < JSON.stringify([b.object_id, b.date]) ? -1 : 1,
  );

const stagedFrom = async (
  shape: AnswerShape,
  open: (staging: Staging) => Promise<void>,
): Promise<{ rows: Row[]; rejectedRows: number }> => {
  const staging = await Staging.open(newWorkFolder(), shape);
  try {
    await open(staging);
    const { rowsRead, rejectedRows } = await readBack(await staging.finish());
    return { rows: inOrder(rowsRead), rejectedRows };
  } finally {
    await staging.close();
  }
};

const analytics = shapeOf({ listOnly: true });
const download = shapeOf();
/** Rows in a body as it is laid out, with an end as it may be damaged. */
const laidOut = (objects: fc.Arbitrary<GivenObject[]>) =>
  fc
    .record({ objects, spaces: space })
    .map(({ objects, spaces }) => ({ objects, body: Buffer.from(print(objects, spaces)) }));
const transported = fc.record({ status: constantFrom(200, 200, 200, 201, 206), headers, encoding, framing });
/** Breaks an answer that is sound otherwise; `whole`: it is left as it is. */
type Break = (body: Buffer) => { body: Buffer; whole: boolean };
const spoilt =
  (change: (body: Buffer) => Buffer): Break =>
  (body) => ({ body: change(body), whole: false });
const cut = (body: Buffer, part: number): Buffer => {
  const end = Buffer.from(body.toString().trimEnd());
  return end.subarray(0, Math.floor(end.length * part));
};
const breakage = (foreign: fc.Arbitrary<string>): fc.Arbitrary<Break> =>
  oneof(
    { weight: 6, arbitrary: fc.constant<Break>((body) => ({ body, whole: true })) },
    {
      weight: 2,
      arbitrary: fc
        .double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
        .map((part) => spoilt((body) => cut(body, part))),
    },
    { weight: 1, arbitrary: foreign.map((text) => spoilt(() => Buffer.from(text))) },
    {
      weight: 1,
      arbitrary: constantFrom('\ufeff', 'x').map((before) =>
        spoilt((body) => Buffer.concat([Buffer.from(before), body])),
      ),
    },
    {
      weight: 1,
      arbitrary: constantFrom('x', '[]', '\n{"AD_ID":7}').map((after) =>
        spoilt((body) => Buffer.concat([body, Buffer.from(after)])),
      ),
    },
  );
/** Storage never hears the token, so it cannot echo it. */
const foreignToStorage = foreign.filter((text) => !text.includes(TOKEN));

test('staged rows of analytics are exactly those that came, or the answer is refused', async () => {
  await fc.assert(
    fc.asyncProperty(
      laidOut(list),
      breakage(foreign),
      transported,
      async ({ objects, body }, broken, transport) => {
        const { body: sent, whole } = broken(body);
        const answer: WildAnswer = { ...transport, body: sent };
        const result = await outcomeOf(answer, (caller, transport) =>
          stagedFrom(analytics, async (staging) =>
            addAnswer(
              staging,
              await fetchAnalytics(transport, caller, extraction),
              extraction.ids,
              caller.counter,
            ),
          ),
        );
        const arrived = bodyThatArrives(answer);
        const { rows, rejectedRows } = expectedOf(analytics, objects, extraction.ids);
        const truth = { rows: inOrder(rows), rejectedRows };
        if (whole && isCertain(answer) && arrived?.equals(body)) expect(result).toEqual(truth);
        else if (result !== undefined) {
          expect([truth.rows, []]).toContainEqual(result.rows);
          expect(arrived!.toString()).toMatch(/^\s*\[/);
        }
      },
    ),
    runs(80),
  );
  expect(arrivedElsewhere).toEqual([]);
});

const readDownload = (transport: PinterestTransport) =>
  stagedFrom(download, async (staging) =>
    staging.add(await transport.download(`${server.url}/report`, 'the report'), 'all'),
  );
const expectNoToken = (): void => {
  const downloads = server.requests.filter((text) => text.startsWith('/report'));
  for (const request of [...arrivedElsewhere, ...downloads]) {
    expect(request).not.toMatch(/authorization/i);
    expect(request).not.toContain(TOKEN);
  }
};

test('staged rows of a download are exactly those that came', async () => {
  const away = place.chain((other) => headers.map((given) => ({ ...given, location: other })));
  const moved = fc.record({ status: constantFrom(301, 302, 307, 308), headers: away, encoding, framing });
  await fc.assert(
    fc.asyncProperty(
      laidOut(report),
      breakage(foreignToStorage),
      oneof(transported, moved),
      async ({ objects, body }, broken, transport) => {
        const { body: sent, whole } = broken(body);
        const answer: WildAnswer = { ...transport, body: sent };
        const before = arrivedElsewhere.length;
        const result = await outcomeOf(answer, (_caller, transport) => readDownload(transport));
        if (arrivedElsewhere.length > before) {
          expect(result?.rows).toMatchObject([ELSEWHERE_ROW]);
          return;
        }
        const { rows, rejectedRows } = expectedOf(download, objects);
        const truth = { rows: inOrder(rows), rejectedRows };
        if (answer.status < 300 && whole && isCertain(answer) && bodyThatArrives(answer)?.equals(body))
          expect(result).toEqual(truth);
        else if (result !== undefined) expect([truth.rows, []]).toContainEqual(result.rows);
      },
    ),
    runs(80),
  );
  expectNoToken();
});

test('a download follows where storage sends it, without the token', async () => {
  const headers = { location: 'ELSEWHERE/moved' };
  const answer: WildAnswer = {
    status: 302,
    headers,
    body: Buffer.of(),
    encoding: 'plain',
    framing: 'length',
  };
  const moved = await outcomeOf(answer, (_caller, transport) => readDownload(transport));
  expect(moved?.rows).toMatchObject([ELSEWHERE_ROW]);
  expect(arrivedElsewhere).toHaveLength(1);
  expectNoToken();
});

test.each([
  'https://',
  'http://[',
  'http://x y/',
  'ftp://127.0.0.1/',
  '/etc/passwd',
  'http://127.0.0.1:99999/',
])('a download address that is none (%s) is refused', async (url) => {
  await expect(transport().download(url, 'the report')).rejects.toBeInstanceOf(PinterestError);
});
