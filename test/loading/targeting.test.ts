// Answers by a targeting type, `{"data":[{"targeting_type":…,"targeting_value":…,"metrics":{…}}]}`: the same rules, one level down.
import { Staging } from '../../src/loading/staging.js';
import { bodyOf, newWorkFolder, reasonsOf, shapeOf, stage } from './staged.js';

const shape = shapeOf({ breakdown: 'GENDER', listOnly: true });
const ID = '687195134316000123';
const row = (value: unknown, metrics: string, type: unknown = 'GENDER'): string =>
  `{"targeting_type":${JSON.stringify(type)},"targeting_value":${JSON.stringify(value)},"metrics":{"AD_ID":${ID},${metrics}}}`;
const DAY = '"DATE":"2026-05-01"';
const answer = (...rows: string[]): string => `{"data":[${rows.join(',')}]}`;

test.each([1, 2, 3, 7, 64, 1 << 16])(
  'becomes rows, ids to the last digit, in chunks of %i bytes',
  async (chunkBytes) => {
    const rows = [
      row('female', `${DAY},"CTR":0.5,"AD_NAME":"a \\"b\\" {c}"`),
      row('male', `${DAY},"SPEND_IN_MICRO_DOLLAR":"12.5"`),
      // Of a location Pinterest gives a number.
      row(500, DAY),
    ];
    const outcome = await stage(shape, [answer(...rows)], { chunkBytes, asked: [ID] });
    expect(outcome).toMatchObject({ rows: 3, rejectedRows: 0 });
    const cell = { object_id: ID, date: '2026-05-01', campaign_id: null, ad_group_id: null };
    expect(
      outcome.rowsRead.sort((a, b) =>
        String(a['targeting_value']).localeCompare(String(b['targeting_value'])),
      ),
    ).toEqual([
      { ...cell, targeting_value: '500', spend_in_micro_dollar: null, ctr: null, ad_name: null },
      { ...cell, targeting_value: 'female', spend_in_micro_dollar: null, ctr: 0.5, ad_name: 'a "b" {c}' },
      { ...cell, targeting_value: 'male', spend_in_micro_dollar: 12.5, ctr: null, ad_name: null },
    ]);
  },
);

test('without rows is an answer too', async () => {
  expect(await stage(shape, [' {"data" : [ ] } '])).toMatchObject({ rows: 0, rejectedRows: 0 });
});

test.each([
  '{}',
  '[]',
  '{"items":[]}',
  '{"12":[{"DATE":"2026-05-01"}]}',
  '{"code":3,"message":"no"}',
  '{"data":{}}',
])('%s is refused', async (body) => {
  const staging = await Staging.open(newWorkFolder(), shape);
  await expect(staging.add(bodyOf(body), 'all')).rejects.toMatchObject({ malformed: 'unexpected-shape' });
  await staging.close();
});

test('that ends early is refused wherever it is cut', async () => {
  const whole = answer(row('female', `${DAY},"CTR":1`));
  const staging = await Staging.open(newWorkFolder(), shape);
  for (let length = 1; length < whole.length; length += 3)
    await expect(staging.add(bodyOf(whole.slice(0, length)), 'all')).rejects.toMatchObject({
      malformed: 'truncated',
    });
  await staging.close();
});

test.each([
  [
    'another type',
    row('x', DAY, 'AGE_BUCKET'),
    'targeting_type: "AGE_BUCKET" is not GENDER, which was asked for',
  ],
  ['no type', row('x', DAY, null), 'targeting_type: "null" is not GENDER, which was asked for'],
  ['no value', row(null, DAY), 'the row has no targeting_value'],
  ['no metrics', '{"targeting_type":"GENDER","targeting_value":"x"}', 'the row is not an object'],
  [
    'metrics that are no object',
    '{"targeting_type":"GENDER","targeting_value":"x","metrics":"no"}',
    'the metrics of the row are not an object',
  ],
  ['no date', row('x', '"CTR":1'), 'the row has no DATE'],
  ['a word for a number', row('x', `${DAY},"CTR":"N/A"`), 'CTR: "N/A" is not a number'],
  ['a nested value', row('x', `${DAY},"CTR":{"value":1}`), 'CTR: {"value":1} is not a number'],
  ['half a surrogate pair', row('x', `${DAY},"AD_NAME":"\\ud83d"`), 'the row holds half of a surrogate pair'],
  ['a key twice', row('x', `${DAY},"CTR":1,"CTR":2`), 'the key CTR is there twice'],
])('%s costs that row, and not the others', async (_, bad, reason) => {
  const outcome = await stage(shape, [answer(row('female', DAY), bad, row('male', DAY))]);
  expect(outcome.rejects.map((reject) => reject.reason)).toEqual([reason]);
  expect(outcome.rows).toBe(2);
});

test('a row of another object is rejected where ids were named', async () => {
  expect(await reasonsOf(shape, answer(row('x', DAY)), ['12'])).toEqual([`AD_ID: ${ID} was not asked for`]);
});

test('the same row twice counts once; two different ones of a value are both rejected', async () => {
  const twice = [row('female', `${DAY},"CTR":1`), row('female', `${DAY},"CTR":1`)];
  const clashing = [row('male', `${DAY},"CTR":1`), row('male', `${DAY},"CTR":2`)];
  const outcome = await stage(shape, [answer(...twice, ...clashing)]);
  expect(outcome).toMatchObject({ rows: 1, rejectedRows: 2 });
  expect(outcome.rejects.map(({ reason }) => reason)).toEqual(
    Array(2).fill('two different rows for one cell'),
  );
});
