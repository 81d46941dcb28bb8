// The life of reports: made when polled often enough and old enough, gone after an hour, behind URLs that live five minutes.
import { randomUUID } from 'node:crypto';
import type { SimulatorSettings } from './settings.js';
import { hashText } from './truth/hash.js';
import type { RowQuery } from './truth/row.js';
import type { ReportFate } from './wire/faults.js';
import { clockMs } from './wire/request-log.js';

export type ReportStatus = 'DOES_NOT_EXIST' | 'FINISHED' | 'IN_PROGRESS' | 'EXPIRED' | 'FAILED' | 'CANCELLED';

interface Report {
  query: RowQuery;
  createdAt: number;
  polls: number;
  fate: ReportFate | undefined;
}

export interface ReportStore {
  create(query: RowQuery, fate: ReportFate | undefined): string;
  /** `path` is where storage has it. A status of null is how the live API sometimes says "not yet". */
  poll(token: string, accountId: string): { status: ReportStatus | null; path?: string };
  /** The report behind a signed path, or undefined if there is none or the URL has expired. */
  find(key: string, signature: string): RowQuery | undefined;
}

const FATES: Partial<Record<ReportFate, ReportStatus>> = {
  'report-failed': 'FAILED',
  'report-cancelled': 'CANCELLED',
  'report-expired': 'EXPIRED',
};

export const createReportStore = (settings: SimulatorSettings): ReportStore => {
  const reports = new Map<string, Report>();
  const signed = new Map<string, { query: RowQuery; signature: string; expiresAt: number }>();

  const sign = (query: RowQuery): string => {
    const key = randomUUID();
    const signature = randomUUID();
    signed.set(key, { query, signature, expiresAt: clockMs() + settings.downloadUrlLifetimeMs });
    return `/storage/reports/${key}.json?sig=${signature}`;
  };

  return {
    create: (query, fate) => {
      // like the real ones, a token needs escaping in a URL
      const token = `INT_ASYNC+${Buffer.from(`${reports.size + 1} ${query.accountId}`).toString('base64')}/==`;
      reports.set(token, { query, createdAt: clockMs(), polls: 0, fate });
      return token;
    },
    poll: (token, accountId) => {
      const report = reports.get(token);
      if (!report || report.query.accountId !== accountId || report.fate === 'report-missing')
        return { status: 'DOES_NOT_EXIST' };
      report.polls += 1;
      const ageMs = clockMs() - report.createdAt;
      if (ageMs > settings.reportLifetimeMs) return { status: 'EXPIRED' };
      const made = report.polls >= settings.reportPollsUntilReady && ageMs >= settings.reportReadyAfterMs;
      const ready = made && report.fate !== 'report-stuck';
      if (!ready) {
        const unsaid = settings.nullReportStatus && report.polls === 1;
        return { status: unsaid && hashText(token, settings.seed) % 2 === 0 ? null : 'IN_PROGRESS' };
      }
      const end = report.fate && FATES[report.fate];
      return end ? { status: end } : { status: 'FINISHED', path: sign(report.query) };
    },
    find: (key, signature) => {
      const found = signed.get(key);
      const valid = found?.signature === signature && found.expiresAt > clockMs();
      return valid ? found.query : undefined;
    },
  };
};
