// How long reports took, in SQL: a few figures of each kind of report, the newest.
import type { Granularity } from '../../dataflow/chunk.js';
import { datasetKey, type Dataset } from '../../dataflow/object-types.js';
import { FIGURES_KEPT } from '../../dataflow/report-looks.js';
import { REPORT_TIMES } from '../tables.js';
import { insert, time } from './rows.js';
import type { Session } from './session.js';

export interface ReportKind {
  dataset: Dataset;
  granularity: Granularity;
}

const tableOf = (session: Session, dataflow: string): string => session.table(dataflow, REPORT_TIMES.name);

/** In ms, the newest first. */
export const readReportTimes = async (
  session: Session,
  dataflow: string,
  { dataset, granularity }: ReportKind,
): Promise<number[]> => {
  const rows = await session.all(
    `SELECT took_ms FROM ${tableOf(session, dataflow)} WHERE dataset = $1 AND granularity = $2
     ORDER BY asked_for DESC LIMIT ${FIGURES_KEPT}`,
    [datasetKey(dataset), granularity],
  );
  return rows.map((row) => Number(row['took_ms']));
};

/** Keeps one figure more, and not many more than are read. */
export const keepReportTime = async (
  session: Session,
  dataflow: string,
  { dataset, granularity }: ReportKind,
  tookMs: number,
  askedForMs: number,
): Promise<void> => {
  const table = tableOf(session, dataflow);
  const kind = [datasetKey(dataset), granularity];
  await insert(session, table, REPORT_TIMES.columns, [[...kind, BigInt(tookMs), time(askedForMs)]]);
  await session.run(
    `DELETE FROM ${table} WHERE dataset = $1 AND granularity = $2 AND asked_for <
     (SELECT min(asked_for) FROM (SELECT asked_for FROM ${table} WHERE dataset = $1 AND granularity = $2
      ORDER BY asked_for DESC LIMIT ${FIGURES_KEPT}) AS newest)`,
    kind,
  );
};
