// A report as a reader's program meets it: a document with everything in it, names as text, numbers that are right.
import { parseHTML } from 'linkedom';
import { addDays, lastOfMonth } from '../../src/dataflow/dates.js';
import type { ReportFacts } from '../../src/report/facts.js';
import { renderReport } from '../../src/report/report.js';
import { emptyFacts, figures, freshness, fullFacts, run } from './facts.js';

const pageOf = (facts: ReportFacts) => {
  const text = renderReport(facts);
  const { document } = parseHTML(text);
  const wordsOf = ({ textContent }: { textContent: string }): string =>
    textContent.replace(/\s+/g, ' ').trim();
  const textsOf = (selector: string): string[] => [...document.querySelectorAll(selector)].map(wordsOf);
  const textOf = (selector: string): string => textsOf(selector)[0] ?? '';
  return { text, document, textOf, textsOf };
};

test('a report has each section, and says how current the numbers are', () => {
  const { document, textOf } = pageOf(fullFacts);
  expect([...document.querySelectorAll('h2')].map(({ textContent }) => textContent)).toEqual([
    'Which dates are final',
    'Is it right?',
    'Numbers by day',
    'Largest campaigns',
    'Breakdowns',
    'What Pinterest revised',
    'Calls against the budget',
    'Runs',
    'Rejected rows',
  ]);
  expect(textOf('.lede')).toBe(
    'All numbers up to 26 May 2026 are final. 2 dates are provisional: read today, and Pinterest may still revise them. ' +
      '2 dates are stale: the next run reads them. 1 date is not read yet.',
  );
  expect(textOf('.facts')).toContain(
    'partial success, 31 May 2026, 10:02 UTC, in 2 min: 1,198 rows, 300 API calls, 2 rows rejected',
  );
});

test('final dates count also while older ones are still to be read', () => {
  const saying = (dates: typeof freshness.dates): string =>
    pageOf({ ...fullFacts, freshness: [{ ...freshness, dates }] }).textOf('.lede');
  const unread = { ...freshness.dates[0]!, accounts: freshness.dates[9]!.accounts };
  expect(saying([unread, ...freshness.dates.slice(1, 5)])).toBe(
    '4 dates are final in every table. 1 date is not read yet.',
  );
  expect(saying([unread])).toMatch(/^No date is final in every table yet\. /);
});

test('sums are in units, rates are quotients of sums, and what is not final is told', () => {
  const { textOf } = pageOf(fullFacts);
  const tiles = textOf('.tiles');
  expect(tiles).toMatch(/Spend, EUR ?50\.00 ?75% of it not final/);
  expect(tiles).toMatch(/CTR ?1\.25%/);
  expect(tiles).toMatch(/CPC, EUR ?1\.00/);
  expect(textOf('#restatement')).toContain('a larger restateDays may find more');
  expect(textOf('#calls')).toContain('30% of the 1,000 a day');
  expect(textOf('#runs')).toContain('Refused: ads 1 (and 2 more)');
  expect(textOf('#runs')).toContain('249 older runs');
  expect(textOf('#breakdowns')).toContain('3 others not shown');
});

test('the last comparison with Pinterest says when it was, and whether it matches or what differs', () => {
  const { textOf, textsOf } = pageOf(fullFacts);
  expect(textOf('#reconciled p')).toBe(
    'Compared with Pinterest’s own totals on 31 May 2026, 11:00 UTC, 22 May – 31 May 2026. It differs: 1 of 2 sums were the same. ' +
      'npx pinterest-ads reconcile acme-ads --repair compares again, and reads again what is wrong.',
  );
  expect(textsOf('#reconciled tbody tr > *')).toEqual([
    'wrong',
    'campaign 1',
    '22 May 2026',
    'CLICKTHROUGH_1',
    '20',
    '18',
  ]);
  expect(textOf('#reconciled .note')).toMatch(
    /^2 more differences in the table reconciliations\. wrong: one date/,
  );
  expect(textOf('#reconciled details')).toContain('CTR: a rate does not add up over days');

  const [last] = fullFacts.reconciled.listed;
  const found = { ...last!.found, status: 'match' as const, differences: [] };
  const same = found.checks.map((check) => ({ ...check, pinterest: check.store }));
  const saying = (of: Partial<typeof found>, accounts = fullFacts.accounts): string =>
    pageOf({
      ...fullFacts,
      accounts,
      reconciled: { accounts: 1, listed: [{ ...last!, found: { ...found, ...of } }] },
    }).textOf('#reconciled');
  expect(saying({ checks: same })).toContain('It matches: all 2 sums were the same.');
  // That nothing was compared is no match.
  expect(saying({ checks: [] })).toContain('Nothing could be compared.');
  expect(saying({ checks: same }, { ...fullFacts.accounts, count: 3 })).toMatch(
    /Acme: compared.*2 ad accounts never compared/,
  );
  expect(pageOf(emptyFacts).textOf('#reconciled')).toContain('npx pinterest-ads reconcile acme-ads does so');
});

test('a date that was read and has no row is 0, one that was never read has no number', () => {
  const { textsOf } = pageOf(fullFacts);
  const cells = (row: string): string[] => textsOf(`#numbers tbody tr:${row} > *`).slice(0, 3);
  expect(cells('first-child')).toEqual(['31 May 2026', 'never read', '–']);
  expect(cells('nth-child(2)')).toEqual(['30 May 2026', 'stale', '0.00']);
  expect(cells('last-child')).toEqual(['22 May 2026', 'final', '12.50']);
});

test('weeks are told as the dates they last, not by their first day', () => {
  const weeks = freshness.dates.slice(0, 7).map((one, i) => {
    const date = addDays('2026-04-13', 7 * i);
    return { ...one, date, period: { from: date, to: addDays(date, 6) } };
  });
  const window = { from: '2026-04-13', to: '2026-05-31' };
  const dates = [{ date: '2026-05-25', sums: [12.5, 1_000, 20] }];
  const { textOf } = pageOf({
    ...fullFacts,
    freshness: [{ ...freshness, granularity: 'WEEK', dates: weeks }],
    numbers: { ...fullFacts.numbers!, window, currencies: [{ currency: 'EUR', accounts: 1, dates }] },
  });
  expect(textOf('.lede')).toMatch(/^All numbers up to 17 May 2026 are final\. 2 weeks are provisional: /);
  expect(textOf('.facts')).toContain('13 Apr – 31 May 2026, by week');
  expect(textOf('#freshness h2')).toBe('Which weeks are final');
  expect(textOf('#freshness tbody td')).toBe('17 May 2026');
  expect(textOf('#freshness details')).toContain('13 Apr – 17 May 2026final');
  expect(textOf('#numbers h2')).toBe('Numbers by week');
  expect(textOf('#numbers figcaption')).toBe('Spend, EUR up to 12.50 a week');
  expect(textOf('#numbers tbody th')).toBe('25 May – 31 May 2026');
});

test('a month has one name wherever it stands, and a range says its year once', () => {
  const dates = freshness.dates.slice(0, 2).map((one, i) => {
    const date = i === 0 ? '2025-09-30' : '2026-09-30';
    return { ...one, date, period: { from: date, to: date } };
  });
  const { text, textOf } = pageOf({
    ...fullFacts,
    freshness: [{ ...freshness, dates }],
    madeAtMs: Date.parse('2026-09-30T12:00:00Z'),
  });
  expect(textOf('.facts')).toContain('30 Sep 2025 – 30 Sep 2026, by day');
  expect(textOf('#numbers p')).toContain('22 May – 31 May 2026');
  expect(textOf('.facts')).toContain('30 Sep 2026, 12:00 UTC');
  expect(text).not.toContain('Sept');
  // As numbers, dates stand for programs alone.
  expect(text.replaceAll(/datetime="[^"]*"/g, '')).not.toMatch(/\b20\d\d-\d\d/);
});

test('each month of a calendar has its name', () => {
  const months = freshness.dates.slice(0, 5).map((one, i) => {
    const date = `2026-0${i + 1}-01`;
    return { ...one, date, period: { from: date, to: lastOfMonth(date) } };
  });
  const { document } = pageOf({
    ...fullFacts,
    freshness: [{ ...freshness, granularity: 'MONTH', dates: months }],
  });
  const names = [...document.querySelectorAll('.calendars text')].map(({ textContent }) => textContent);
  expect(names).toEqual(['Jan', 'Feb', 'Mar', 'Apr', 'May']);
});

test('a number that no row has is no 0, and what may still come is not called final', () => {
  const { document, textOf } = pageOf({
    ...fullFacts,
    freshness: [{ ...freshness, granularity: 'HOUR', dates: freshness.dates.slice(5, 7) }],
    numbers: {
      ...fullFacts.numbers!,
      currencies: [{ currency: 'EUR', accounts: 1, dates: [{ date: '2026-05-27', sums: [0, 1_000, null] }] }],
    },
  });
  expect(textOf('.tiles')).toBe(
    'Spend, EUR 0.00not final Impressions, paid 1,000100% of it not final Clicks, paid –no row has a value CPM, EUR 0.00spend ÷ 1,000 impressions',
  );
  expect(document.querySelectorAll('#numbers figure')).toHaveLength(2);
  expect(
    [...document.querySelectorAll('#numbers tbody tr')].map(
      ({ lastElementChild }) => lastElementChild!.textContent,
    ),
  ).toEqual(['–', '–']);
});

test('names that differ at their ends differ on the chart of the largest', () => {
  const { objects } = fullFacts;
  const named = (end: string) => ({
    ...objects!.ranked[0]!,
    name: `US | Spring 2026 | Prospecting | Broad | Shopping | All devices | Women ${end}`,
  });
  const { document } = pageOf({
    ...fullFacts,
    objects: { ...objects!, ranked: [named('25-44'), named('45-64')] },
  });
  const names = [...document.querySelectorAll('#objects figure text')].map(
    // Each has its whole name as a title.
    ({ firstChild }) => firstChild!.textContent,
  );
  expect(names).toContainEqual(expect.stringMatching(/^US \| Spring.*….*25-44$/));
  expect(names).toContainEqual(expect.stringMatching(/^US \| Spring.*….*45-64$/));
});

test('that hours and totals are not compared is said, instead of how to compare them', () => {
  const { textOf } = pageOf({ ...emptyFacts, freshness: [{ ...freshness, granularity: 'TOTAL' }] });
  expect(textOf('#reconciled')).toMatch(/Numbers by TOTAL are not compared/);
  expect(textOf('#reconciled')).not.toContain('pinterest-ads reconcile');
});

test('whatever a name holds is shown as text', () => {
  const evil = '<script>alert(1)</script>"><img src=x onerror=alert(1)>\'&amp;';
  const { objects, breakdowns } = fullFacts;
  const { document, textOf } = pageOf({
    ...fullFacts,
    store: evil,
    accounts: { count: 1, listed: [{ id: evil, name: evil, currency: evil, country: evil }] },
    numbers: {
      ...fullFacts.numbers!,
      currencies: [{ ...fullFacts.numbers!.currencies[0]!, currency: evil }],
    },
    objects: { ...objects!, ranked: [{ ...objects!.ranked[0]!, name: evil, currency: evil }] },
    breakdowns: [{ ...breakdowns[0]!, type: evil, values: [{ ...breakdowns[0]!.values[0]!, value: evil }] }],
    runs: { ...fullFacts.runs, listed: [{ ...run, adAccountId: evil, firstError: evil }] },
    rejected: {
      ...fullFacts.rejected,
      listed: [{ ...fullFacts.rejected.listed[0]!, reason: evil, target: evil }],
    },
  });
  expect(document.querySelectorAll('script, img')).toHaveLength(0);
  expect([...document.querySelectorAll('*')].filter((one) => one.hasAttribute('onerror'))).toEqual([]);
  for (const section of ['.facts', '#objects table', '#breakdowns table', '#runs', '#rejected'])
    expect(textOf(section)).toContain(evil);
});

test('a page asks nothing of anybody: no script, no address outside', () => {
  const { text, document } = pageOf(fullFacts);
  expect(text).not.toMatch(/<script|\son\w+=|@import|url\((?!#)/);
  // The namespace of SVG is a name and no address to load.
  expect(text.replaceAll('http://www.w3.org/', '')).not.toMatch(/https?:|src=/);
  expect(document.querySelector('meta[http-equiv]')!.getAttribute('content')).toMatch(/^default-src 'none';/);
});

test('every chart has its words and a table, headings are in order, ids are single', () => {
  const { document } = pageOf(fullFacts);
  for (const figure of document.querySelectorAll('figure')) {
    expect(figure.querySelector('figcaption')!.textContent.trim()).not.toBe('');
    expect(figure.querySelector('svg')!.getAttribute('aria-label')).toMatch(/\w+ \w+/);
    expect(figure.closest('section')!.querySelectorAll('table').length).toBeGreaterThan(0);
  }
  expect(document.querySelectorAll('h1')).toHaveLength(1);
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const link of document.querySelectorAll('nav a'))
    expect(document.querySelector(link.getAttribute('href'))).not.toBeNull();
});

test('a dataflow that nobody has run yet has a page that says so', () => {
  const { document, textOf } = pageOf(emptyFacts);
  expect(textOf('.lede')).toBe('No run has planned anything yet.');
  expect(document.querySelectorAll('figure')).toHaveLength(0);
  expect(document.querySelectorAll('.nothing')).toHaveLength(9);
});

test('without spend, what is read is shown; a window of one date has sums and no chart', () => {
  const clicks = [figures[2]!];
  const { document, textOf } = pageOf({
    ...fullFacts,
    freshness: [{ ...freshness, granularity: 'TOTAL', dates: freshness.dates.slice(0, 1) }],
    numbers: {
      ...fullFacts.numbers!,
      figures: clicks,
      currencies: [{ currency: null, accounts: 1, dates: [{ date: '2026-05-22', sums: [20] }] }],
    },
  });
  expect(textOf('.tiles')).toMatch(/^Clicks, paid ?20 ?final$/);
  expect(document.querySelectorAll('#numbers figure')).toHaveLength(0);
});

test('ad accounts of several currencies have their money apart, and are told by number', () => {
  const [euro] = fullFacts.numbers!.currencies;
  const account = fullFacts.accounts.listed[0]!;
  const { document, textOf, textsOf } = pageOf({
    ...fullFacts,
    accounts: { count: 300, listed: Array.from({ length: 50 }, (_, i) => ({ ...account, id: String(i) })) },
    numbers: {
      ...fullFacts.numbers!,
      currencies: [
        { ...euro!, accounts: 200 },
        { ...euro!, currency: 'USD', accounts: 100 },
      ],
      currenciesLeftOut: 2,
    },
  });
  expect([...document.querySelectorAll('#numbers h3')].map(({ textContent }) => textContent)).toEqual([
    'EUR, 200 ad accounts',
    'USD, 100 ad accounts',
  ]);
  expect(textOf('.facts')).toContain('and 294 more');
  expect(textOf('#numbers')).toContain('2 more currencies');
  expect(textOf('#freshness')).toContain('least settled of its ad accounts');
  expect(textsOf('#runs [aria-label="The newest runs: errors"] td')).toEqual([
    run.adAccountId,
    'Refused: ads 1 (and 2 more)',
  ]);
});
