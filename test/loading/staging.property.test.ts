// Whatever rows come, in whatever layout and chunks: what is staged is what the reference says.
import * as fc from 'fast-check';
import { MalformedAnswer, type AnswerShape, type AskedIds } from '../../src/loading/staging.js';
import { list, often, print, report, space } from './arbitrary-answers.js';
import { expectedOf } from './reference.js';
import { bodyOf, shapeOf, stage, type Outcome, type Row } from './staged.js';
import { runs } from '../support/random.js';

const { oneof, constantFrom } = fc;

const asked = often<AskedIds>(fc.constant('all'), fc.constant(['7', '8']));
const shape: fc.Arbitrary<AnswerShape> = constantFrom<(string[] | undefined)[]>(undefined, undefined, [
  '7',
  '9007199254740993',
]).map((wantedIds) => shapeOf({ ...(wantedIds && { wantedIds }) }));

const inOrder = (rows: Row[]): Row[] =>
  rows.toSorted((a, b) =>
    JSON.stringify([a.object_id, a.date]) < JSON.stringify([b.object_id, b.date]) ? -1 : 1,
  );

test('staged rows are those of the reference', async () => {
  await fc.assert(
    fc.asyncProperty(
      ...([
        shape,
        asked,
        oneof(report, list),
        space,
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 50, max: 5_000 }),
      ] as const),
      async (shape, asked, objects, spaces, chunkBytes, segmentBytes) => {
        const expected = expectedOf(shape, objects, asked);
        const answer = print(objects, spaces);
        const outcome = await stage(shape, [bodyOf(answer, chunkBytes)], { segmentBytes, asked });
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
    runs(60),
  );
});

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
          malformed: cut.length === 0 ? 'empty' : 'truncated',
        });
      },
    ),
    runs(40),
  );
});

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
    runs(40),
  );
});
