// What Pinterest cannot answer is refused before any call, with the limit, the value and the nearest valid one.
import { addDays } from '../../src/dataflow/dates.js';
import { minimal, problemsOf, TODAY } from './specs.js';

const windowed = (from: string, to: string, source: object = {}): object =>
  minimal(source, { window: { from, to } });

describe('columns', () => {
  test('that no single method can read together are refused', () => {
    const columns = ['CTR', 'QUIZ_PIN_RESULT_OPEN', 'CAMPAIGN_STATUS'];
    expect(problemsOf(minimal({ columns }))['source.columns[1]']).toMatch(
      /QUIZ_PIN_RESULT_OPEN.*two dataflows/,
    );
    expect(problemsOf(minimal({ columns: columns.slice(1) }))).toHaveProperty(['source.columns[0]']);
    expect(problemsOf(minimal({ columns: ['CTR', 'CAMPAIGN_STATUS'] }))).toEqual({});
  });

  test('that only the analytics endpoints know reach as far back as those', () => {
    const columns = ['QUIZ_PIN_RESULT_OPEN'];
    expect(problemsOf(minimal({ columns, backfillDays: 90 }))).toEqual({});
    expect(problemsOf(minimal({ columns, backfillDays: 91 }))['source.backfillDays']).toContain(
      'Use 90 or less',
    );
    expect(problemsOf(minimal({ columns, backfillDays: 914, api: 'v5-2023' }))).toEqual({});
  });
});

describe('the days a dataflow goes back', () => {
  test.each([
    ['HOUR', 30, 8],
    ['HOUR', 9, 8],
    ['DAY', 915, 914],
    ['WEEK', 2_000, 914],
    ['MONTH', 915, 914],
    ['TOTAL', 187, 186],
  ])('%s: %i are too many, %i are not', (granularity, tooMany, most) => {
    const problem = problemsOf(minimal({ granularity, backfillDays: tooMany }))['source.backfillDays'];
    expect(problem).toContain(`${tooMany} is too many`);
    expect(problem).toContain(`Use ${most} or less`);
    expect(problemsOf(minimal({ granularity, backfillDays: most }))).toEqual({});
  });

  test.each([0, -1, 1.5, '30', null])('%j is no number of days', (backfillDays) => {
    expect(Object.keys(problemsOf(minimal({ backfillDays })))).toEqual(['source.backfillDays']);
  });
});

describe('a window', () => {
  test('may end today and begin as far back as Pinterest reaches, counted conservatively', () => {
    const earliest = addDays(TODAY, -913);
    expect(problemsOf(windowed(earliest, TODAY))).toEqual({});
    expect(problemsOf(windowed(addDays(earliest, -1), TODAY))['window.from']).toContain(
      `The earliest date is ${earliest}`,
    );
    expect(problemsOf(windowed('2026-07-08', TODAY, { granularity: 'HOUR' }))).toEqual({});
    expect(problemsOf(windowed('2026-07-07', TODAY, { granularity: 'HOUR' }))).toHaveProperty([
      'window.from',
    ]);
  });

  test('does not lie in the future', () => {
    expect(problemsOf(windowed('2026-07-01', '2026-07-16'))['window.to']).toContain(`today is ${TODAY}`);
  });

  test('does not end before it begins', () => {
    expect(problemsOf(windowed('2026-07-02', '2026-07-01'))['window.from']).toContain('after window.to');
    expect(problemsOf(windowed('2026-07-01', '2026-07-01'))).toEqual({});
  });

  test('holds a whole week or month where those are asked for', () => {
    const weekly = { granularity: 'WEEK' };
    expect(problemsOf(windowed('2026-06-02', '2026-06-10', weekly))['window']).toContain('no whole ISO week');
    expect(problemsOf(windowed('2026-06-01', '2026-06-07', weekly))).toEqual({});
    const monthly = { granularity: 'MONTH' };
    expect(problemsOf(windowed('2026-05-02', '2026-06-29', monthly))['window']).toContain('no whole month');
    expect(problemsOf(windowed('2026-06-01', '2026-06-30', monthly))).toEqual({});
  });

  test('of a TOTAL fits one call', () => {
    const total = { granularity: 'TOTAL' };
    const from = addDays('2026-06-30', -185);
    expect(problemsOf(windowed(from, '2026-06-30', total))).toEqual({});
    expect(problemsOf(windowed(addDays(from, -1), '2026-06-30', total))['window']).toContain('at most 186');
  });

  test('of a TOTAL that begins too far back is told how far numbers reach', () => {
    const problem = problemsOf(windowed('2023-01-01', '2023-02-01', { granularity: 'TOTAL' }))['window.from'];
    expect(problem).toContain(`914 days back`);
    expect(problem).toContain(`The earliest date is ${addDays(TODAY, -913)}`);
  });
});

test('views of numbers by day are refused for longer periods', () => {
  expect(problemsOf(minimal({ granularity: 'WEEK' }, { views: 'fivetran' }))).toEqual({
    views:
      '"fivetran" is by day, and numbers by WEEK would stand there as if they were of one; leave it out, or read by DAY',
  });
  expect(problemsOf(minimal({ granularity: 'HOUR' }, { views: 'fivetran' }))).toEqual({});
  expect(problemsOf(minimal({}, { views: 'fivetrain' }))['views']).toMatch(/"fivetran"/);
});
