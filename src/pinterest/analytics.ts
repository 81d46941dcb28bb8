// The analytics endpoints: GET /ad_accounts/{id}[/{campaigns|ad_groups|ads}]/analytics, an unpaginated array of rows; and
// …/targeting_analytics, `{"data":[rows]}`, each row with a targeting type, a value of it, and the metrics.
import { z } from 'zod';
import { factsOf } from '../dataflow/object-types.js';
import { PinterestError } from './errors.js';
import { whyNot } from './page.js';
import { columnsToAsk, describeExtraction, namedIds, type Extraction } from './request.js';
import type { ApiResponse, Caller, PinterestTransport } from './transport.js';

/** What all analytics endpoints take. */
const parametersOf = (extraction: Omit<Extraction, 'ids'>): URLSearchParams => {
  const { attribution } = extraction;
  return new URLSearchParams({
    start_date: extraction.from,
    end_date: extraction.to,
    granularity: extraction.granularity,
    // One comma-separated value, though ids are repeated: so the API description has it.
    columns: columnsToAsk(extraction.objectType, extraction.columns).join(','),
    click_window_days: String(attribution.clickWindowDays),
    engagement_window_days: String(attribution.engagementWindowDays),
    view_window_days: String(attribution.viewWindowDays),
    conversion_report_time: attribution.conversionReportTime,
  });
};

/** Asks for one batch of ids over one range; the body is JSON, one object a row. */
export const fetchAnalytics = (
  transport: PinterestTransport,
  caller: Caller,
  extraction: Extraction & { ids: readonly string[] },
): Promise<ApiResponse> => {
  const { adAccountId, objectType, breakdown } = extraction;
  const query = parametersOf(extraction);
  const { path } = factsOf(objectType);
  if (breakdown !== undefined) query.set('targeting_types', breakdown);
  for (const [key, ids] of namedIds(extraction)) for (const id of ids) query.append(key, id);
  return transport.stream(caller, {
    kind: 'analytics',
    what: `analytics of ${describeExtraction(extraction)}`,
    method: 'GET',
    path: `/ad_accounts/${adAccountId}${path}/${breakdown === undefined ? '' : 'targeting_'}analytics`,
    query,
  });
};

const totals = z.array(z.looseObject({})).max(1);

/** The ad account's own totals, in the order of the columns; 0 for what it has no value of. */
export const fetchAccountTotals = async (
  transport: PinterestTransport,
  caller: Caller,
  asked: Omit<Extraction, 'objectType' | 'ids' | 'granularity'>,
): Promise<number[]> => {
  const { adAccountId, columns, from, to } = asked;
  const what = `the totals of ad account ${adAccountId}, ${from} to ${to}`;
  const response = await transport.json(caller, {
    kind: 'analytics',
    what,
    method: 'GET',
    path: `/ad_accounts/${adAccountId}/analytics`,
    query: parametersOf({ ...asked, objectType: 'ad_accounts', granularity: 'TOTAL' }),
  });
  const parsed = totals.safeParse(response);
  if (!parsed.success)
    throw new PinterestError(
      'ContractViolation',
      `Pinterest's answer to ${what} is not one row: ${whyNot(parsed.error)}`,
    );
  return columns.map((column) => Number(parsed.data[0]?.[column] ?? 0));
};
