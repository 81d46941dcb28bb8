// What becomes of a reporting column: its kind, who can read it, its name in the store.
import { ANALYTICS_COLUMNS, REPORT_COLUMNS } from '../../openapi/reporting-columns.js';
import {
  ALL_COLUMNS,
  columnKind,
  DEFAULT_COLUMNS,
  isKnownColumn,
  keyColumns,
  methodReads,
  metricColumns,
  storeName,
} from '../../src/dataflow/columns.js';
import { factsOf, OBJECT_TYPES } from '../../src/dataflow/object-types.js';

describe('kinds', () => {
  test.each([
    'CAMPAIGN_NAME',
    'CAMPAIGN_BRAND_LABEL',
    'CAMPAIGN_CUSTOM_LABELS',
    'PIN_ID',
    'STANDARD_AD_FEED_ITEM_ID',
    'CAMPAIGN_ENTITY_STATUS',
    'CAMPAIGN_OBJECTIVE_TYPE',
    'AD_GROUP_OPTIMIZATION',
    'IS_PREMIERE_CAMPAIGN',
    'PRODUCT_ITEM_PRICE',
    'PRODUCT_ITEM_IMAGE_URL',
    'PRODUCT_GROUP_AD_IMAGE_TAG',
  ])('%s is text', (column) => {
    expect(columnKind(column)).toBe('text');
  });

  test.each([
    'SPEND_IN_MICRO_DOLLAR',
    'IMPRESSION_1',
    'CTR',
    'CHECKOUT_ROAS',
    'COST_PER_LEAD',
    'VIDEO_LENGTH',
    'CAMPAIGN_LIFETIME_SPEND_CAP',
    'AD_GROUP_BUDGET_IN_LOCAL_CURRENCY',
    'TOTAL_VIDEO_P100_COMPLETE',
    'QUIZ_PIN_RESULT_OPEN',
  ])('%s is a number', (column) => {
    expect(columnKind(column)).toBe('number');
  });

  test('every metric of money, rates, counts and conversions is a number', () => {
    const metric =
      /(DOLLAR|_RATE|_ROAS|^CTR|_CLICK|IMPRESSION|_VIEWS|_QUANTITY|_CONVERSION|_PER_ACTION|CHECKOUT|SIGNUP)$/;
    const metrics = ALL_COLUMNS.filter((column) => metric.test(column));
    expect(metrics.length).toBeGreaterThan(200);
    expect(metrics.filter((column) => columnKind(column) !== 'number')).toEqual([]);
  });
});

describe('methods', () => {
  test('the analytics endpoints read their own columns and the shared ones, reports likewise', () => {
    expect(methodReads('analytics', ANALYTICS_COLUMNS)).toBe(true);
    expect(methodReads('report', REPORT_COLUMNS)).toBe(true);
  });

  test('one column that a method does not know is enough to rule it out', () => {
    const reportOnly = REPORT_COLUMNS.filter((column) => !ANALYTICS_COLUMNS.includes(column));
    const analyticsOnly = ANALYTICS_COLUMNS.filter((column) => !REPORT_COLUMNS.includes(column));
    expect([reportOnly.length, analyticsOnly.length]).toEqual([439, 1]);
    for (const column of reportOnly) expect(methodReads('analytics', ['CTR', column])).toBe(false);
    for (const column of analyticsOnly) expect(methodReads('report', ['CTR', column])).toBe(false);
  });

  test('every method reads the columns one gets by default', () => {
    expect(DEFAULT_COLUMNS.every(isKnownColumn)).toBe(true);
    expect(methodReads('analytics', DEFAULT_COLUMNS) && methodReads('report', DEFAULT_COLUMNS)).toBe(true);
  });
});

describe('names', () => {
  test('a column is known by its exact name only', () => {
    expect(ALL_COLUMNS.every(isKnownColumn)).toBe(true);
    expect(['', 'ctr', 'CTR ', 'CTR"; DROP TABLE x', 'constructor'].filter(isKnownColumn)).toEqual([]);
  });

  test('a column is called the same in the store, in lower snake case', () => {
    expect(storeName('SPEND_IN_MICRO_DOLLAR')).toBe('spend_in_micro_dollar');
    expect(ALL_COLUMNS.map(storeName).filter((name) => !/^[a-z][a-z0-9_]*$/.test(name))).toEqual([]);
  });

  test('no two columns share a name in the store, and none takes one the store uses itself', () => {
    const names = ALL_COLUMNS.map(storeName);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => ['date', 'hour', '_loaded_at', 'object_id'].includes(name))).toEqual([]);
  });

  test("an object's id and what it belongs to stand in every table once, also where a spec names them", () => {
    for (const objectType of OBJECT_TYPES) {
      const keys = keyColumns(objectType);
      expect(keys).toContain(factsOf(objectType).idColumn);
      expect(metricColumns(objectType, [...keys, 'CTR', 'SPEND_IN_MICRO_DOLLAR'])).toEqual([
        'CTR',
        'SPEND_IN_MICRO_DOLLAR',
      ]);
    }
    expect(metricColumns('campaigns', ['PIN_ID', 'AD_NAME'])).toEqual(['PIN_ID', 'AD_NAME']);
  });
});
