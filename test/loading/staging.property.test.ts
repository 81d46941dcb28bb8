/** Whatever rows come, in whatever layout and chunks: what is staged is what the reference says. */
import * as fc from 'fast-check';
import { MalformedAnswer, type AnswerShape } from '../../src/loading/staging.js';
import { expectedOf, type GivenObject, type GivenRow } from './reference.js';
import { bodyOf, shapeOf, stage, type Outcome, type Row } from './staged.js';

const { oneof, constantFrom } = fc;
const often = <T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  oneof({ weight: 30, arbitrary: usual }, { weight: 1, arbitrary: odd });

const digits = oneof(
  constantFrom('7', '8', '9007199254740993', '687195134316000123'),
  fc.bigInt(1n, 10n ** 18n).map(String),
);
const id = digits.chain((text) => constantFrom(text, `"${text}"`));
const number = oneof(
  fc.integer().map(String),
  fc
    .double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 })
    .map((n) => n.toFixed(6).replace(/^-(?=[0.]+$)/, '')),
  constantFrom('1e3', '9007199254740993', '0.1', 'null'),
);
const text = oneof(
  fc.string({ unit: 'grapheme' }).map((value) => JSON.stringify(value)),
  fc
    .string({ unit: constantFrom('{', '}', '[', ']', '"', '\\', ',', ':', '\n', 'ü', '🌱', 'a') })
    .map((value) => JSON.stringify(value)),
  constantFrom('"\\u00fc\\ud83c\\udf31"', '17', 'true', 'null'),
);
const day = fc.integer({ min: 1, max: 31 }).map((n) => `2026-05-${String(n).padStart(2, '0')}`);

const members = {
  AD_ID: often(id, constantFrom('"x"', 'true', '-1', 'null', '1.5')),
  CAMPAIGN_ID: often(id, constantFrom('"x"', '{}', 'null')),
  AD_GROUP_ID: often(id, constantFrom('""', 'null')),
  DATE: often(
    day.chain((date) => constantFrom(`"${date}"`, `"${date}T05:00:00"`)),
    constantFrom('"2026-02-30"', '"2026-5-1"', '"2026-06-01"', 'null', '20260501'),
  ),
  SPEND_IN_MICRO_DOLLAR: often(
    oneof(
      number,
      number.map((value) => (value === 'null' ? value : `"${value}"`)),
    ),
    constantFrom('"N/A"', '""', 'true', '{"a":1}', '[1]', '"nan"', '"inf"', '"1_000"', '" 12 "'),
  ),
  CTR: number,
  AD_NAME: often(text, constantFrom('{"a":"}"}', '[1,[2]]')),
  UNKNOWN: oneof(text, number, constantFrom('{"a":[{}]}', 'false')),
};

/** A sparse row, its members in any order; rarely with one of them twice, or something that is no row. */
const soundRow = fc
  .tuple(
    fc.record(members, { requiredKeys: ['DATE', 'AD_ID'] }),
    fc.infiniteStream(fc.integer({ min: 0, max: 1e6 })),
  )
  .map(([row, order]): [string, string][] =>
    Object.entries<string>(row)
      .map((member) => ({ member, at: order.next().value as number }))
      .sort((a, b) => a.at - b.at)
      .map(({ member }) => member),
  );
const row: fc.Arbitrary<GivenRow> = oneof(
  { weight: 60, arbitrary: soundRow },
  { weight: 1, arbitrary: soundRow.map((given): GivenRow => [...given, ['CTR', '1'], ['CTR', '2']]) },
  {
    weight: 1,
    arbitrary: soundRow.map((given): GivenRow => [...given, ['UNKNOWN', '"\\ud800"'], ['UNKNOWN', '1']]),
  },
  {
    weight: 1,
    arbitrary: constantFrom('null', '12', '"a}],["', '[{"CTR":1}]', 'nonsense', '{"CTR":01}', '{"CTR":}'),
  },
);

const withoutOwnId = (given: GivenRow): GivenRow =>
  typeof given === 'string' ? given : given.filter(([name]) => name !== 'AD_ID');
const report = fc
  .uniqueArray(fc.tuple(digits, fc.array(oneof(row, row.map(withoutOwnId)), { maxLength: 12 })), {
    selector: ([key]) => key,
    maxLength: 6,
  })
  .map((objects): GivenObject[] => objects.map(([key, rows]) => ({ key, rows })));
const list = fc.array(row, { maxLength: 40 }).map((rows): GivenObject[] => [{ rows }]);

const space = fc.infiniteStream(constantFrom('', '', '', ' ', '\n', '\r\n', '\t', '\n    '));

/** Prints with white space wherever JSON allows it. */
function print(objects: GivenObject[], spaces: Iterator<string>): string {
  const s = (token: string): string => `${spaces.next().value}${token}`;
  const printRow = (given: GivenRow): string =>
    typeof given === 'string'
      ? s(given)
      : `${s('{')}${given.map(([key, json]) => `${s(JSON.stringify(key))}${s(':')}${s(json)}`).join(s(','))}${s('}')}`;
  const printList = (rows: GivenRow[]): string => `${s('[')}${rows.map(printRow).join(s(','))}${s(']')}`;
  if (objects.length === 1 && objects[0]!.key === undefined) return printList(objects[0]!.rows) + s('');
  const entries = objects.map(({ key, rows }) => `${s(`"${key}"`)}${s(':')}${printList(rows)}`);
  return `${s('{')}${entries.join(s(','))}${s('}')}${s('')}`;
}

const shape: fc.Arbitrary<AnswerShape> = fc
  .record({
    ids: often<'all' | string[]>(fc.constant('all'), fc.constant(['7', '8'])),
    ranges: constantFrom<AnswerShape['ranges'][]>(
      [{ from: '2026-05-01', to: '2026-05-31' }],
      [
        { from: '2026-05-01', to: '2026-05-10' },
        { from: '2026-05-12', to: '2026-05-30' },
      ],
    ),
    wantedIds: constantFrom<(string[] | undefined)[]>(undefined, undefined, ['7', '9007199254740993']),
  })
  .map(({ ids, ranges, wantedIds }) => shapeOf({ ids, ranges, ...(wantedIds && { wantedIds }) }));

const inOrder = (rows: Row[]): Row[] =>
  rows.toSorted((a, b) =>
    JSON.stringify([a.object_id, a.date]) < JSON.stringify([b.object_id, b.date]) ? -1 : 1,
  );

test('staged rows are those of the reference', async () => {
  await fc.assert(
    fc.asyncProperty(
      ...([
        shape,
        oneof(report, list),
        space,
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 50, max: 5_000 }),
      ] as const),
      async (shape, objects, spaces, chunkBytes, segmentBytes) => {
        const expected = expectedOf(shape, objects);
        const answer = print(objects, spaces);
        const outcome = await stage(shape, [bodyOf(answer, chunkBytes)], { segmentBytes });
        expect(inOrder(outcome.rowsRead)).toEqual(inOrder(expected.rows));
        expect(outcome.rejects).toHaveLength(expected.rejectedRows);
        expect(outcome).toMatchObject({
          rows: expected.rows.length,
          rejectedRows: expected.rejectedRows,
          inputRows: expected.rows.length + expected.rejectedRows,
          inputBytes: Buffer.byteLength(answer),
        });
      },
    ),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 60) },
  );
}, 600_000);

test('an answer cut anywhere but behind its last bracket is refused', async () => {
  await fc.assert(
    fc.asyncProperty(
      ...([
        oneof(report, list),
        space,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      ] as const),
      async (objects, spaces, part) => {
        const answer = Buffer.from(print(objects, spaces).trimEnd());
        const cut = answer.subarray(0, Math.floor(answer.length * part));
        await expect(stage(shapeOf(), [bodyOf(cut, 50)], { segmentBytes: 100 })).rejects.toMatchObject({
          name: 'MalformedAnswer',
          kind: 'truncated',
        });
      },
    ),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 40) },
  );
}, 600_000);

test('an answer with damaged bytes is refused as malformed, or loses only the rows they hit', async () => {
  const damages = fc.array(
    fc.tuple(fc.nat(), fc.oneof(fc.nat(255), constantFrom(...Buffer.from('"\\{}[],:\n\0')))),
    {
      minLength: 1,
      maxLength: 3,
    },
  );
  const rows = Array.from(
    { length: 20 },
    (_, i) => `{"AD_ID":${i},"DATE":"2026-05-01","CTR":0.5,"AD_NAME":"a \\u00fc"}`,
  );
  await fc.assert(
    fc.asyncProperty(damages, async (damages) => {
      const answer = Buffer.from(`[${rows.join(',')}]`);
      for (const [at, byte] of damages) answer[at % answer.length] = byte;
      const outcome = await stage(shapeOf(), [answer]).catch((error: unknown) => error);
      if (outcome instanceof MalformedAnswer) return;
      expect(outcome).not.toBeInstanceOf(Error);
      // Two stray quotes turn all between them inside out; one damaged byte hits one row, or glues it to the next.
      const { rows: kept } = outcome as Outcome;
      expect(kept).toBeGreaterThanOrEqual(damages.length === 1 ? rows.length - 2 : 0);
    }),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 40) },
  );
}, 600_000);
