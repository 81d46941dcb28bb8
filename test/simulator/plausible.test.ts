// The columns of a row fit together as Pinterest's do, and an account looks like one: large and small campaigns, weekdays, seasons.
import fc from 'fast-check';
import { createGenerator } from '../../simulator/generator.js';
import { settingsFrom } from '../../simulator/settings.js';
import { DAY_MS, dateOf, dayOf, type Granularity } from '../../simulator/truth/calendar.js';
import { metricOf } from '../../simulator/truth/metrics.js';
import type { Level, RowQuery } from '../../simulator/truth/row.js';
import { ANALYTICS_COLUMNS, REPORT_COLUMNS } from '../../openapi/reporting-columns.js';
import { columnKind, whyNotAdded } from '../../src/dataflow/columns.js';
import { runs } from '../support/random.js';

const { adAccounts } = settingsFrom({});
const accountId = adAccounts[0]!.id;
const generator = createGenerator(1, () => adAccounts);

type Values = (column: string) => number;
const NUMBERS = [...new Set([...ANALYTICS_COLUMNS, ...REPORT_COLUMNS])].filter(
  (column) => columnKind(column) === 'number',
);

/** Left of `=` is what the columns right of it add up to. */
const SUMS: readonly (readonly [sum: string, parts: readonly string[]])[] = [
  ['TOTAL_IMPRESSION', ['IMPRESSION_1', 'IMPRESSION_2']],
  ['PAID_IMPRESSION', ['IMPRESSION_1']],
  ['TOTAL_CLICKTHROUGH', ['CLICKTHROUGH_1', 'CLICKTHROUGH_2']],
  ['TOTAL_ENGAGEMENT', ['ENGAGEMENT_1', 'ENGAGEMENT_2']],
  ['TOTAL_WEB_SESSIONS', ['WEB_SESSIONS_1', 'WEB_SESSIONS_2']],
  ...[
    'MRC_VIEWS',
    'P0_COMBINED',
    'P25_COMBINED',
    'P50_COMBINED',
    'P75_COMBINED',
    'P95_COMBINED',
    'P100_COMPLETE',
  ].map((stage) => [`TOTAL_VIDEO_${stage}`, [`VIDEO_${stage}_1`, `VIDEO_${stage}_2`]] as const),
];
/** Conversions are whole numbers of a day that are cut in another order when they are broken down. */
const CONVERSION_SUMS: typeof SUMS = [
  ['TOTAL_CHECKOUT', ['TOTAL_CLICK_CHECKOUT', 'TOTAL_ENGAGEMENT_CHECKOUT', 'TOTAL_VIEW_CHECKOUT']],
  [
    'TOTAL_CHECKOUT',
    ['TOTAL_WEB_CHECKOUT', 'TOTAL_INAPP_CHECKOUT', 'TOTAL_OFFLINE_CHECKOUT', 'TOTAL_PINTEREST_CHECKOUT'],
  ],
  ['TOTAL_WEB_SIGNUP', ['TOTAL_WEB_CLICK_SIGNUP', 'TOTAL_WEB_ENGAGEMENT_SIGNUP', 'TOTAL_WEB_VIEW_SIGNUP']],
  [
    'TOTAL_CHECKOUT_VALUE_IN_MICRO_DOLLAR',
    ['CLICK', 'ENGAGEMENT', 'VIEW'].map((source) => `TOTAL_${source}_CHECKOUT_VALUE_IN_MICRO_DOLLAR`),
  ],
  [
    'TOTAL_PAGE_VISIT',
    ['DESKTOP', 'MOBILE', 'TABLET'].flatMap((from) =>
      ['DESKTOP', 'MOBILE', 'TABLET'].map((to) => `TOTAL_PAGE_VISIT_${from}_ACTION_TO_${to}_CONVERSION`),
    ),
  ],
  [
    'TOTAL_CONVERSIONS',
    `PAGE_VISIT VIEW_CATEGORY SEARCH ADD_TO_CART ADD_TO_WISHLIST CHECKOUT SIGNUP LEAD WATCH_VIDEO APP_INSTALL SUBSCRIBE
     CUSTOM WEB_UNKNOWN INAPP_UNKNOWN OFFLINE_UNKNOWN`
      .split(/\s+/)
      .map((kind) => `TOTAL_${kind}`),
  ],
];

const RATES: readonly (readonly [rate: string, over: string, per: string, times: number])[] = [
  ['CTR', 'CLICKTHROUGH_1', 'IMPRESSION_1', 1],
  ['ECTR', 'TOTAL_CLICKTHROUGH', 'TOTAL_IMPRESSION', 1],
  ['OUTBOUND_CTR_1', 'OUTBOUND_CLICK_1', 'IMPRESSION_1', 1],
  ['ENGAGEMENT_RATE', 'ENGAGEMENT_1', 'IMPRESSION_1', 1],
  ['EENGAGEMENT_RATE', 'TOTAL_ENGAGEMENT', 'TOTAL_IMPRESSION', 1],
  ['REPIN_RATE', 'REPIN_1', 'IMPRESSION_1', 1],
  ['CPC_IN_MICRO_DOLLAR', 'SPEND_IN_MICRO_DOLLAR', 'CLICKTHROUGH_1', 1],
  ['ECPC_IN_DOLLAR', 'SPEND_IN_DOLLAR', 'TOTAL_CLICKTHROUGH', 1],
  ['CPM_IN_MICRO_DOLLAR', 'SPEND_IN_MICRO_DOLLAR', 'IMPRESSION_1', 1000],
  ['ECPM_IN_MICRO_DOLLAR', 'SPEND_IN_MICRO_DOLLAR', 'TOTAL_IMPRESSION', 1000],
  ['COST_PER_OUTBOUND_CLICK_IN_DOLLAR_1', 'SPEND_IN_DOLLAR', 'OUTBOUND_CLICK_1', 1],
  ['CHECKOUT_ROAS', 'TOTAL_CHECKOUT_VALUE_IN_MICRO_DOLLAR', 'SPEND_IN_MICRO_DOLLAR', 1],
];

/** No column has more than the one before it. */
const FUNNELS = [
  ['IMPRESSION_1', 'CLICKTHROUGH_1', 'OUTBOUND_CLICK_1', 'WEB_SESSIONS_1'],
  ['IMPRESSION_2', 'CLICKTHROUGH_2', 'OUTBOUND_CLICK_2', 'WEB_SESSIONS_2'],
  ['IMPRESSION_1', 'ENGAGEMENT_1', 'REPIN_1'],
  ['TOTAL_IMPRESSION', 'TOTAL_IMPRESSION_USER'],
  [
    'TOTAL_IMPRESSION',
    'TOTAL_VIDEO_P0_COMBINED',
    'TOTAL_VIDEO_MRC_VIEWS',
    'TOTAL_VIDEO_3SEC_VIEWS',
    'TOTAL_VIDEO_15SEC_UNIQUE_VIEWS',
  ],
  [0, 25, 50, 75, 95]
    .map((percent) => `TOTAL_VIDEO_P${percent}_COMBINED`)
    .concat('TOTAL_VIDEO_P100_COMPLETE'),
  ['TOTAL_PAGE_VISIT', 'TOTAL_ADD_TO_CART', 'TOTAL_CHECKOUT'],
];

const COMPARED = [
  ...new Set([
    'SPEND_IN_DOLLAR',
    ...[...SUMS, ...CONVERSION_SUMS].flatMap(([sum, parts]) => [sum, ...parts]),
    ...RATES.flatMap(([rate, over, per]) => [rate, over, per]),
    ...FUNNELS.flat(),
  ]),
];

const isCompared = new Set(COMPARED);

/** Each row as a function of the column; what it lacks is 0. Of parts of it, where it is broken down. */
const rowsOf = (given: Partial<RowQuery>): Values[] =>
  generator
    .rows({
      accountId,
      objectType: 'ads',
      from: '2026-05-04',
      to: '2026-05-10',
      columns: COMPARED,
      granularity: 'DAY',
      now: Date.parse('2026-05-10T12:00:00Z'),
      ...given,
    })
    .flatMap(({ values, parts }) => parts ?? [values])
    .map((values) => (column) => {
      if (!isCompared.has(column)) throw new Error(`no column ${column}`);
      return Number(values[column] ?? 0);
    });

// What does not fit is listed, and the lists are expected to be empty: an `expect` for each number would take most of the time.
const sumMisfits = (value: Values, sums: typeof SUMS): string[] =>
  sums.flatMap(([sum, parts]) => {
    const added = parts.reduce((all, column) => all + value(column), 0);
    return value(sum) === added ? [] : [`${sum} is ${value(sum)}, its parts add up to ${added}`];
  });

const rateMisfits = (value: Values): string[] =>
  RATES.flatMap(([rate, over, per, times]) => {
    const expected = value(per) === 0 ? 0 : (value(over) / value(per)) * times;
    // millionths are whole
    const off = Math.abs(value(rate) - expected) - (rate.includes('MICRO') ? 0.5 : 0);
    return off <= 1e-9 * expected ? [] : [`${rate} is ${value(rate)}, ${over} per ${per} is ${expected}`];
  });

const funnelMisfits = (value: Values): string[] =>
  FUNNELS.flatMap((funnel) =>
    funnel.slice(1).flatMap((below, i) => {
      const above = funnel[i]!;
      const fits = value(above) >= value(below);
      return fits ? [] : [`${below} is ${value(below)}, ${above} before it ${value(above)}`];
    }),
  );

const misfits = (value: Values): string[] => {
  const dollars = value('SPEND_IN_DOLLAR');
  const same = dollars === value('SPEND_IN_MICRO_DOLLAR') / 1e6;
  return [
    ...sumMisfits(value, SUMS),
    ...(same ? [] : [`SPEND_IN_DOLLAR is ${dollars}, not what SPEND_IN_MICRO_DOLLAR says`]),
    ...rateMisfits(value),
    ...funnelMisfits(value),
  ];
};

const question = fc.record({
  objectType: fc.constantFrom<Level>('ads', 'campaigns', 'ad_accounts'),
  granularity: fc.constantFrom<Granularity>('DAY', 'WEEK', 'TOTAL', 'HOUR'),
  from: fc.integer({ min: dayOf('2026-04-20'), max: dayOf('2026-05-09') }).map(dateOf),
  age: fc.integer({ min: 0, max: 70 }),
});
const asked = ({
  age,
  from,
  ...rest
}: {
  age: number;
  from: string;
  objectType: Level;
  granularity: Granularity;
}) => ({
  ...rest,
  from,
  to: dateOf(dayOf(from) + 1),
  now: (dayOf(from) + 1 + age) * DAY_MS,
});

test('sums, rates and funnels hold in every row, whenever it is read', () => {
  fc.assert(
    fc.property(question, (given) => {
      const rows = rowsOf(asked(given));
      expect(rows.length).toBeGreaterThan(0);
      expect(rows.flatMap((value) => [...misfits(value), ...sumMisfits(value, CONVERSION_SUMS)])).toEqual([]);
    }),
    runs(12),
  );
});

test('they hold in the parts of a breakdown too, which add up to the whole', () => {
  fc.assert(
    fc.property(question, fc.integer({ min: 2, max: 7 }), (given, parts) => {
      const whole = rowsOf(asked(given));
      const broken = rowsOf({ ...asked(given), parts });
      expect(broken).toHaveLength(whole.length * parts);
      expect(broken.flatMap(misfits)).toEqual([]);
      for (const column of ['SPEND_IN_MICRO_DOLLAR', 'IMPRESSION_1', 'TOTAL_CHECKOUT', 'TOTAL_CONVERSIONS']) {
        const added = whole.map((_, i) =>
          broken.slice(i * parts, (i + 1) * parts).reduce((sum, part) => sum + part(column), 0),
        );
        expect(added).toEqual(whole.map((value) => value(column)));
      }
    }),
    runs(12),
  );
});

test('what adds up over days is a sum, what does not is none', () => {
  const odd = NUMBERS.filter(
    (column) =>
      !/^(CAMPAIGN|AD_GROUP|IS|ORDER_LINE|PRODUCT|PROMO)_|USER$|UNIQUE/.test(column) &&
      (metricOf(column).per === undefined) !== (whyNotAdded(column) === null),
  );
  expect(odd).toEqual([]);
});

const YEAR = { from: '2025-01-01', to: '2025-12-31', now: Date.parse('2026-05-31T12:00:00Z') };

test('an account is plausible: a click costs what clicks cost, and few of those who see an ad click', () => {
  const columns = [
    'SPEND_IN_DOLLAR',
    'IMPRESSION_1',
    'CLICKTHROUGH_1',
    'TOTAL_CLICKTHROUGH',
    'TOTAL_CHECKOUT',
    'TOTAL_PAGE_VISIT',
  ];
  const campaigns = rowsOf({ ...YEAR, columns, objectType: 'campaigns', granularity: 'TOTAL' });
  for (const value of campaigns) {
    const ctr = value('CLICKTHROUGH_1') / value('IMPRESSION_1');
    const cpc = value('SPEND_IN_DOLLAR') / value('CLICKTHROUGH_1');
    expect(ctr).toBeGreaterThan(0.002);
    expect(ctr).toBeLessThan(0.02);
    expect(cpc).toBeGreaterThan(0.2);
    expect(cpc).toBeLessThan(2);
    expect(value('TOTAL_PAGE_VISIT')).toBeLessThan(value('TOTAL_CLICKTHROUGH'));
    expect(value('TOTAL_CHECKOUT')).toBeLessThan(value('TOTAL_CLICKTHROUGH') / 10);
  }
  const sizes = campaigns.map((value) => value('SPEND_IN_DOLLAR')).sort((a, b) => b - a);
  // a heavy tail: the largest has several times what the middle one has
  expect(sizes[0]).toBeGreaterThan(4 * sizes[Math.floor(sizes.length / 2)]!);
});

test('weekends and the last months of the year have more', () => {
  const days = generator
    .rows({ accountId, objectType: 'ad_accounts', columns: ['IMPRESSION_1'], granularity: 'DAY', ...YEAR })
    .map(({ date = '', values }) => ({ date, impressions: Number(values['IMPRESSION_1']) }));
  const mean = (of: (date: string) => boolean): number => {
    const found = days.filter(({ date }) => of(date));
    return found.reduce((sum, { impressions }) => sum + impressions, 0) / found.length;
  };
  const isWeekend = (date: string): boolean => new Date(date).getUTCDay() % 6 === 0;
  expect(mean(isWeekend)).toBeGreaterThan(1.1 * mean((date) => !isWeekend(date)));
  expect(mean((date) => date >= '2025-10-01')).toBeGreaterThan(1.2 * mean((date) => date < '2025-10-01'));
});
