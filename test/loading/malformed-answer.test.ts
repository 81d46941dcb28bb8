// Bodies that are not what the API promises are refused, and leave nothing behind.
import { readdirSync } from 'node:fs';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { MalformedAnswer, Staging } from '../../src/loading/staging.js';
import { bodyOf, newWorkFolder, readBack, shapeOf } from './staged.js';

const ANSWER =
  '{"12": [{"DATE":"2026-05-01","AD_NAME":"a\\"}]"}, {"DATE":"2026-05-02"}],\n"13": [ {"DATE":"2026-05-01"} ] }';
let staging: Staging;
let folder: string;

beforeEach(async () => {
  folder = newWorkFolder();
  staging = await Staging.open(folder, shapeOf(), { segmentBytes: 60 });
});
afterEach(async () => staging.close());

test.each([
  ['', 'empty', 'The answer has no body'],
  ['\ufeff', 'empty', 'The answer has no body'],
  [' \n', 'truncated', 'The answer ends early, after 2 bytes'],
  ['<html><body>Bad gateway</body></html>', 'not-json', '<html><body>Bad gateway'],
  ['no healthy upstream', 'not-json', 'no healthy upstream'],
  ['{"code":3,"message":"Authorization failed"}', 'unexpected-shape', '"message":"Authorization failed"'],
  ['{"items":{"a":1}}', 'unexpected-shape', 'no list of rows under "items"'],
  ['null', 'unexpected-shape', 'neither a list of rows nor a report'],
  ['"done"', 'unexpected-shape', 'neither a list of rows nor a report'],
  ['[{"AD_ID":1}] x', 'not-json', 'unexpected "x" at byte 14'],
  ['[{"AD_ID":1}][]', 'not-json', 'unexpected "["'],
  ['[{"AD_ID":1},]', 'not-json', 'unexpected "]"'],
  ['[{"AD_ID":1}{"AD_ID":2}]', 'not-json', 'unexpected "{"'],
  ['[,{"AD_ID":1}]', 'not-json', 'unexpected ","'],
  ['{"12":[{}] "13":[{}]}', 'not-json', 'unexpected """'],
  ['{"12":[{}],}', 'not-json', 'unexpected "}"'],
  ['{"12"[{}]}', 'not-json', 'unexpected "["'],
  ['{12:[{}]}', 'not-json', 'unexpected "1"'],
  ['[{"AD_ID":1}}', 'not-json', 'unexpected "}"'],
])('%j is refused as %s', async (body, kind, message) => {
  const error = await staging.add(bodyOf(body, 3), 'all').catch((error: unknown) => error);
  expect(error).toBeInstanceOf(MalformedAnswer);
  expect(error).toMatchObject({
    name: 'MalformedAnswer',
    malformed: kind,
    message: expect.stringContaining(message),
  });
  expect((await staging.finish()).inputRows).toBe(0);
});

test.each([
  ['gzip', gzipSync(ANSWER), 'The body is packed with gzip, which its Content-Encoding does not say'],
  ['UTF-16', Buffer.from(`\ufeff${ANSWER}`, 'utf16le'), 'its first bytes are ff fe 7b 00 22 00 31 00'],
])('%s is described, not quoted', async (_, body, message) => {
  const error = await staging.add(bodyOf(body), 'all').catch((error: unknown) => error as MalformedAnswer);
  expect(error).toMatchObject({ malformed: 'not-json', message: expect.stringContaining(message) });
  expect((error as MalformedAnswer).message).toMatch(/^[\x20-\x7e]+$/);
});

test('an answer that does not end is given up', async () => {
  const folder = newWorkFolder();
  const short = await Staging.open(folder, shapeOf(), { longestBytes: 1_000 });
  async function* endless(): AsyncGenerator<Buffer> {
    yield Buffer.from('[{}');
    for (;;) yield Buffer.from(',{}');
  }
  await expect(short.add(Readable.from(endless()), 'all')).rejects.toMatchObject({
    malformed: 'endless',
    kind: 'ContractViolation',
    message: expect.stringContaining('longer than 1000 bytes'),
  });
  expect(readdirSync(folder)).toEqual([]);
  await short.close();
});

test.each([
  ['', 'ContractViolation'],
  ['[', 'TooLarge'],
])('%j is a failure that %s says what to do about', async (body, kind) => {
  await expect(staging.add(bodyOf(body), 'all')).rejects.toMatchObject({ kind });
});

test('cut at any byte, an answer is refused and none of its rows are kept', async () => {
  for (let length = 0; length < ANSWER.length; length++) {
    await expect(staging.add(bodyOf(ANSWER.slice(0, length), 7), 'all')).rejects.toMatchObject({
      malformed: length === 0 ? 'empty' : 'truncated',
    });
  }
  expect(readdirSync(folder)).toEqual([]);
  await staging.add(bodyOf(ANSWER, 7), 'all');
  expect(await readBack(await staging.finish())).toMatchObject({
    rows: 3,
    rejectedRows: 0,
    inputBytes: ANSWER.length,
  });
});

test.each(['{}', '{"items":[]}', '{"12":[{"DATE":"2026-05-01"}]}', '{"code":3,"message":"no"}'])(
  'where only a list of rows is promised, %s is refused',
  async (body) => {
    const listOnly = await Staging.open(newWorkFolder(), shapeOf({ listOnly: true }));
    await expect(listOnly.add(bodyOf(body), 'all')).rejects.toMatchObject({
      malformed: 'unexpected-shape',
      message: expect.stringContaining('not a list of rows'),
    });
    await listOnly.close();
  },
);

test('answers before and after a refused one are kept', async () => {
  const rows = (id: number): string => `[{"AD_ID":${id},"DATE":"2026-05-01"}]`;
  await staging.add(bodyOf(rows(1)), 'all');
  await expect(staging.add(bodyOf(rows(2).slice(0, -1)), 'all')).rejects.toBeInstanceOf(MalformedAnswer);
  await staging.add(bodyOf(rows(3)), 'all');
  const { rowsRead } = await readBack(await staging.finish());
  expect(rowsRead.map(({ object_id }) => object_id)).toEqual(['1', '3']);
});

test('a failure of the stream passes as it is', async () => {
  const failure = new Error('socket hang up');
  async function* failing(): AsyncGenerator<Buffer> {
    yield Buffer.from(ANSWER);
    throw failure;
  }
  await expect(staging.add(Readable.from(failing()), 'all')).rejects.toBe(failure);
  expect((await staging.finish()).rows).toBe(0);
  await staging.close();
});
