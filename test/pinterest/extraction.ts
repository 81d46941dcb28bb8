// A small question for tests that care about its answer.
import type { Extraction } from '../../src/pinterest/request.js';

/** CTR of all ads of ad account 7 in May. */
export const EXTRACTION: Extraction = {
  adAccountId: '7',
  objectType: 'ads',
  ids: null,
  from: '2026-05-01',
  to: '2026-05-31',
  granularity: 'DAY',
  columns: ['CTR'],
  attribution: {
    clickWindowDays: 30,
    engagementWindowDays: 30,
    viewWindowDays: 1,
    conversionReportTime: 'TIME_OF_AD_ACTION',
  },
};
