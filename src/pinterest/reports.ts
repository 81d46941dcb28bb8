// Async reports: POST and GET /ad_accounts/{id}/reports, and the download from storage.
import { z } from 'zod';
import { factsOf } from '../dataflow/object-types.js';
import { PinterestError } from './errors.js';
import { columnsToAsk, describeExtraction, namedIds, type Extraction } from './request.js';
import type { Caller, PinterestTransport } from './transport.js';

/** A token travels through the run's history. */
const LONGEST_TOKEN = 2_000;

const created = z.object({
  token: z.string().min(1).max(LONGEST_TOKEN),
  report_status: z.string().nullish(),
  message: z.string().nullish(),
});
const polled = z.object({ report_status: z.string().nullish(), url: z.string().nullish() });

/** Asks for a report; answers with the token to poll with. */
export const createReport = async (
  transport: PinterestTransport,
  caller: Caller,
  extraction: Extraction,
): Promise<string> => {
  const { adAccountId, objectType, attribution } = extraction;
  const { reportLevel } = factsOf(objectType);
  const what = `the report of ${describeExtraction(extraction)}`;
  const response = await transport.json(caller, {
    kind: 'reports',
    what,
    method: 'POST',
    path: `/ad_accounts/${adAccountId}/reports`,
    body: {
      level: reportLevel,
      start_date: extraction.from,
      end_date: extraction.to,
      granularity: extraction.granularity,
      columns: columnsToAsk(objectType, extraction.columns),
      click_window_days: attribution.clickWindowDays,
      engagement_window_days: attribution.engagementWindowDays,
      view_window_days: attribution.viewWindowDays,
      conversion_report_time: attribution.conversionReportTime,
      report_format: 'JSON',
      ...Object.fromEntries(namedIds(extraction)),
    },
  });
  const parsed = created.safeParse(response);
  if (!parsed.success) {
    throw new PinterestError(
      'ContractViolation',
      `Pinterest's answer to ${what} carries no token of 1 to ${LONGEST_TOKEN} characters`,
    );
  }
  return parsed.data.token;
};

/** Statuses of a report that will never be ready. */
const LOST = new Set(['DOES_NOT_EXIST', 'EXPIRED', 'FAILED', 'CANCELLED']);

/**
 * Looks whether a report is ready: the address to download from, or null while it is being made (its status may be
 * null then).
 * @throws PinterestError `ReportLost` if it never will be
 */
export const pollReport = async (
  transport: PinterestTransport,
  caller: Caller,
  adAccountId: string,
  token: string,
  what: string,
): Promise<string | null> => {
  const response = await transport.json(caller, {
    kind: 'reports',
    what: `the state of ${what}`,
    method: 'GET',
    path: `/ad_accounts/${adAccountId}/reports`,
    query: new URLSearchParams({ token }),
  });
  const parsed = polled.safeParse(response);
  if (!parsed.success) {
    throw new PinterestError(
      'ContractViolation',
      `Pinterest's answer to the state of ${what} names no status`,
    );
  }
  const { report_status: status, url } = parsed.data;
  if (status && LOST.has(status)) {
    throw new PinterestError('ReportLost', `Pinterest lost ${what}: its status is ${status}`);
  }
  if (status !== 'FINISHED') return null;
  if (!url)
    throw new PinterestError('ContractViolation', `Pinterest finished ${what} but gives no address for it`);
  return url;
};
