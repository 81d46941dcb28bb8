// The analytics endpoints: GET /ad_accounts/{id}[/{campaigns|ad_groups|ads}]/analytics, an unpaginated array of rows; and
// …/targeting_analytics, `{"data":[rows]}`, each row with a targeting type, a value of it, and the metrics.
import { factsOf } from '../dataflow/object-types.js';
import { columnsToAsk, describeExtraction, namedIds, type Extraction } from './request.js';
import type { ApiResponse, Caller, PinterestTransport } from './transport.js';

/** Asks for one batch of ids over one range; the body is JSON, one object a row. */
export const fetchAnalytics = (
  transport: PinterestTransport,
  caller: Caller,
  extraction: Extraction & { ids: readonly string[] },
): Promise<ApiResponse> => {
  const { adAccountId, objectType, breakdown, attribution } = extraction;
  const query = new URLSearchParams({
    start_date: extraction.from,
    end_date: extraction.to,
    granularity: extraction.granularity,
    // One comma-separated value, though ids are repeated: so the API description has it.
    columns: columnsToAsk(objectType, extraction.columns).join(','),
    click_window_days: String(attribution.clickWindowDays),
    engagement_window_days: String(attribution.engagementWindowDays),
    view_window_days: String(attribution.viewWindowDays),
    conversion_report_time: attribution.conversionReportTime,
  });
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
