// What a mapping may say, and what it makes of rows.
import { Mapping, mappingProblems } from '../../src/dataflow/mapping.js';

const ROW = {
  campaign_id: '626735565838',
  date: '2026-05-04',
  spend_in_micro_dollar: 1_500_000,
  total_impression: 12,
};
const mapped = (mapping: Record<string, string>) => new Mapping(mapping).row(ROW);

test('columns and expressions come to stand at their paths, absent values nowhere', async () => {
  const mapping = {
    '_acme.campaign.id': 'campaign_id',
    '_acme.campaign.day': 'date',
    '_acme.spend': 'spend_in_micro_dollar / 1000000',
    '_acme.network': '"pinterest"',
    '_acme.isSeen': 'total_impression > 0',
    '_acme.clicks': 'total_clickthrough',
    '_acme.nothing': 'null',
    '_acme.ids': '[campaign_id, "x"]',
    timestamp: 'date & "T00:00:00Z"',
  };
  expect(mappingProblems(mapping)).toEqual([]);
  expect(await mapped(mapping)).toEqual({
    row: {
      _acme: {
        campaign: { id: '626735565838', day: '2026-05-04' },
        spend: 1.5,
        network: 'pinterest',
        isSeen: true,
        ids: ['626735565838', 'x'],
      },
      timestamp: '2026-05-04T00:00:00Z',
    },
  });
});

test.each([
  ['a bracket too many', { '_acme.x': 'total_impression)' }, '_acme.x', /is no JSONata expression: .*\(at/],
  ['nothing between dots', { '_acme..x': 'date' }, '_acme..x', /is no path.*_acme\.spend/],
  ['a prototype', { '_acme.__proto__': 'date' }, '_acme.__proto__', /is no path/],
  ['a path in a value', { _acme: 'date', '_acme.x': 'date' }, '_acme.x', /lies in _acme, which has a value/],
  ['a long expression', { x: `"${'x'.repeat(1_000)}"` }, 'x', /1000 characters or less/],
  [
    'too many paths',
    Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`a.b${i}`, 'date'])),
    '',
    /at most 500/,
  ],
])('%s is a problem that can be seen without a row', (_, mapping, path, message) => {
  expect(mappingProblems(mapping as Record<string, string>)).toEqual([
    { path, message: expect.stringMatching(message) as unknown },
  ]);
});

test.each([
  ['a text and a number', 'campaign_id + 1', /must evaluate to a number/],
  ['a division by nothing', 'total_impression / 0', /number/i],
  ['a function', '$sum', /a function, not a value/],
  ['a lambda', 'function($x){ $x }', /a function, not a value/],
  ['what never ends', '($f := function(){ $f() }; $f())', /more than 100000 steps/],
  ['a list of a million', '[1..1000000]', /maximum sequence length/],
  [
    'a text that doubles',
    '($d := function($s, $n){ $n = 0 ? $s : $d($s & $s, $n - 1) }; $d("x", 20))',
    /more than 100000 characters/,
  ],
])('%s is a problem of a row, and names its path', async (_, expression, message) => {
  expect(mappingProblems({ '_acme.x': expression })).toEqual([]);
  expect(await mapped({ '_acme.day': 'date', '_acme.x': expression })).toEqual({
    problem: { path: '_acme.x', message: expect.stringMatching(message) as unknown },
  });
});

test('what an expression gives does not depend on how long the machine takes', async () => {
  let now = Date.now();
  jest.spyOn(Date, 'now').mockImplementation(() => (now += 1_000));
  expect(await mapped({ '_acme.sum': '$sum([1..100])' })).toEqual({ row: { _acme: { sum: 5_050 } } });
});

test('each row has all the steps', async () => {
  const mapping = new Mapping({ sum: '$sum([1..9000].($ * 2 + 1))' });
  for (let i = 0; i < 5; i++) expect(await mapping.row(ROW)).toEqual({ row: { sum: 81_018_000 } });
});
