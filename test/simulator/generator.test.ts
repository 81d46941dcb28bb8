// The truth holds still: the same seed says the same, and only young conversions change.
import fc from 'fast-check';
import { createGenerator, type RowGenerator } from '../../simulator/generator.js';
import { settingsFrom } from '../../simulator/settings.js';
import { DAY_MS, dateOf, dayOf, type Granularity } from '../../simulator/truth/calendar.js';
import type { Level, Row, RowQuery } from '../../simulator/truth/row.js';
import { NOW } from './call.js';
import { runs } from '../support/random.js';

const { adAccounts } = settingsFrom({ adAccounts: [{}, { id: '2', campaigns: 3, adGroups: 5, ads: 40 }] });
const accountId = '549755885175';
const COLUMNS = ['SPEND_IN_MICRO_DOLLAR', 'IMPRESSION_1', 'TOTAL_CHECKOUT', 'TOTAL_CONVERSIONS', 'CTR'];
const CONVERSIONS = ['TOTAL_CHECKOUT', 'TOTAL_CONVERSIONS', 'TOTAL_CHECKOUT_VALUE_IN_MICRO_DOLLAR'];
const make = (seed: number): RowGenerator => createGenerator(seed, () => adAccounts);
const asked = (given: Partial<RowQuery>): RowQuery => ({
  accountId,
  objectType: 'ads',
  from: '2026-05-01',
  to: '2026-05-10',
  columns: COLUMNS,
  granularity: 'DAY',
  now: NOW,
  ...given,
});

const range = fc
  .tuple(fc.integer({ min: dayOf('2026-03-01'), max: dayOf('2026-05-20') }), fc.integer({ min: 0, max: 40 }))
  .map(([first, days]) => ({ from: dateOf(first), to: dateOf(Math.min(first + days, dayOf('2026-05-31'))) }));
const level = fc.constantFrom<Level>('campaigns', 'ad_groups', 'ads', 'ad_accounts');

const sum = (rows: Row[], key: (row: Row) => string): Map<string, number> => {
  const sums = new Map<string, number>();
  for (const row of rows)
    for (const [column, value] of Object.entries(row.values)) {
      const place = `${key(row)} ${column}`;
      if (column !== 'CTR') sums.set(place, (sums.get(place) ?? 0) + Number(value));
    }
  return sums;
};

test('the same seed makes the same objects and rows, another seed makes others', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e6 }), range, (seed, dates) => {
      const query = asked({ ...dates, accountId: '2' });
      expect(make(seed).objects('2')).toEqual(make(seed).objects('2'));
      expect(make(seed).rows(query)).toEqual(make(seed).rows(query));
      expect(make(seed).rows(query)).not.toEqual(make(seed + 1).rows(query));
    }),
    runs(10),
  );
});

test('ids are unique, have at most 18 digits, and some do not fit into a double', () => {
  const small = { campaigns: 3, adGroups: 6, ads: 20 };
  const many = Array.from({ length: 250 }, (_, i) => ({ id: String(1_000 + i), ...small }));
  const accounts = settingsFrom({ adAccounts: [{}, ...many] }).adAccounts;
  const generator = createGenerator(1, () => accounts);
  const ids = accounts.flatMap(({ id }) =>
    Object.values(generator.objects(id)).flatMap((objects: { id: string }[]) => objects.map((one) => one.id)),
  );
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.every((id) => /^[1-9]\d{11,17}$/.test(id))).toBe(true);
  expect(ids.some((id) => String(Number(id)) !== id)).toBe(true);
});

test('conversions only grow, and stand still once the largest attribution window has passed', () => {
  const generator = make(1);
  fc.assert(
    fc.property(
      fc.constantFrom(1, 7, 14, 30, 60),
      fc.integer({ min: 0, max: 80 }),
      fc.integer({ min: 0, max: 80 }),
      (windowDays, a, b) => {
        const day = dayOf('2026-01-15');
        const attribution = {
          click: windowDays,
          engagement: 1,
          view: 0,
          reportTime: 'TIME_OF_AD_ACTION' as const,
        };
        const readAt = (age: number) =>
          sum(
            generator.rows(
              asked({
                from: dateOf(day),
                to: dateOf(day),
                columns: CONVERSIONS,
                attribution,
                now: (day + age) * DAY_MS,
              }),
            ),
            ({ id }) => id,
          );
        const [early, late, final] = [readAt(Math.min(a, b)), readAt(Math.max(a, b)), readAt(windowDays)];
        for (const [place, value] of early) expect(late.get(place)).toBeGreaterThanOrEqual(value);
        expect(late).toEqual(Math.max(a, b) >= windowDays ? final : late);
      },
    ),
    runs(60),
  );
});

test('conversions are restated at all: yesterday read a month later has more of them, and new rows', () => {
  const query = asked({ from: '2026-05-30', to: '2026-05-30', columns: CONVERSIONS });
  const early = make(1).rows(query);
  const late = make(1).rows({ ...query, now: NOW + 30 * DAY_MS });
  const total = (rows: Row[]) => [...sum(rows, () => '').values()].reduce((a, b) => a + b, 0);
  expect(total(late)).toBeGreaterThan(total(early) * 2);
  expect(late.length).toBeGreaterThan(early.length);
});

test('everything but conversions settles within three days', () => {
  const query = asked({ columns: ['SPEND_IN_MICRO_DOLLAR', 'CTR'], from: '2026-04-01', to: '2026-05-28' });
  expect(make(1).rows(query)).toEqual(make(1).rows({ ...query, now: NOW + 60 * DAY_MS }));
  const today = { ...query, from: '2026-05-31', to: '2026-05-31' };
  expect(make(1).rows(today)).not.toEqual(make(1).rows({ ...today, now: NOW + 60 * DAY_MS }));
});

test('weeks, months and totals are the sums of their days', () => {
  const generator = make(1);
  const periodOf: Partial<Record<Granularity, (date: string) => string>> = {
    TOTAL: () => '',
    WEEK: (date) => dateOf(dayOf(date) - ((new Date(date).getUTCDay() + 6) % 7)),
    MONTH: (date) => `${date.slice(0, 7)}-01`,
  };
  fc.assert(
    fc.property(
      range,
      level,
      fc.constantFrom<Granularity>('WEEK', 'MONTH', 'TOTAL'),
      (dates, objectType, granularity) => {
        const days = generator.rows(asked({ ...dates, objectType }));
        const periods = generator.rows(asked({ ...dates, objectType, granularity }));
        expect(sum(periods, (row) => `${row.id} ${row.date ?? ''}`)).toEqual(
          sum(days, (row) => `${row.id} ${periodOf[granularity]?.(row.date ?? '')}`),
        );
      },
    ),
    runs(25),
  );
});

test('campaigns, ad groups and the account are the sums of their ads', () => {
  const ads = make(1).rows(asked({}));
  const above: [Level, (row: Row) => string | undefined][] = [
    ['campaigns', (row) => row.campaignId],
    ['ad_groups', (row) => row.adGroupId],
    ['ad_accounts', () => accountId],
  ];
  for (const [objectType, parent] of above)
    expect(sum(make(1).rows(asked({ objectType })), (row) => `${row.id} ${row.date}`)).toEqual(
      sum(ads, (row) => `${parent(row)} ${row.date}`),
    );
});

test('archived objects have spend, drafts have none, nothing happens in the future', () => {
  const { ads } = make(1).objects(accountId);
  const rows = make(1).rows(asked({ from: '2026-03-01', to: '2026-12-31' }));
  const active = new Set(rows.map(({ id }) => id));
  expect(ads.some((ad) => ad.status === 'ARCHIVED' && active.has(ad.id))).toBe(true);
  expect(ads.some((ad) => ad.status === 'DRAFT')).toBe(true);
  expect(ads.every((ad) => ad.status !== 'DRAFT' || !active.has(ad.id))).toBe(true);
  expect(rows.every((row) => row.date !== undefined && row.date <= '2026-05-31')).toBe(true);
});

test('hours have no conversions, and today has only the hours that have begun', () => {
  const rows = make(1).rows(asked({ granularity: 'HOUR', from: '2026-05-31', to: '2026-05-31' }));
  expect(rows.length).toBeGreaterThan(100);
  expect(rows.every(({ hour = -1 }) => hour >= 0 && hour <= 12)).toBe(true);
  expect(rows.every(({ values }) => !('TOTAL_CHECKOUT' in values))).toBe(true);
});

test('rows are sparse: silent days have none, and columns without a value are missing', () => {
  const rows = make(1).rows(asked({}));
  expect(rows.length).toBeLessThan(300 * 10);
  expect(rows.some(({ values }) => !('CTR' in values))).toBe(true);
});

test('columns about the object give its own data', () => {
  const { ads, campaigns } = make(1).objects(accountId);
  const ad = ads[0]!;
  const [row] = make(1).rows(
    asked({
      ids: new Set([ad.id]),
      columns: ['AD_ID', 'CAMPAIGN_NAME', 'AD_NAME', 'PIN_ID'],
      from: '2026-03-01',
    }),
  );
  expect(row?.values).toEqual({
    AD_ID: ad.id,
    CAMPAIGN_NAME: campaigns.find(({ id }) => id === ad.campaign_id)?.name,
    AD_NAME: ad.name,
    PIN_ID: ad.pin_id,
  });
});
