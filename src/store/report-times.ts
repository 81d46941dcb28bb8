// How long reports took: kept with the rows that they brought, read to look at the next ones at the right time.
import { dataflows } from './holdings.js';
import { keepUpToDate } from './migrations.js';
import { readReportTimes, type ReportKind } from './sql/report-times.js';
import type { Database, Session } from './sql/session.js';
import { REPORT_TIMES } from './tables.js';

export { type ReportKind } from './sql/report-times.js';

/** Other dataflows that are asked by one that has no figures of its own. */
const OTHERS_ASKED = 20;

export class ReportTimes {
  constructor(private readonly database: Database) {}

  /**
   * How long the last reports of each kind took, in ms and in the order of `kinds`.
   * @param ofOthers another dataflow's are taken for a kind that this one has none of
   */
  known(dataflow: string, kinds: readonly ReportKind[], ofOthers: boolean): Promise<number[][]> {
    return this.database.use(async (session) => {
      await keepUpToDate(session, dataflow);
      let others: string[] | undefined;
      const known: number[][] = [];
      for (const kind of kinds) {
        let figures = await readReportTimes(session, dataflow, kind);
        if (ofOthers && figures.length === 0) {
          others ??= await this.others(session, dataflow);
          for (const other of others)
            if (figures.length === 0) figures = await readReportTimes(session, other, kind);
        }
        known.push(figures);
      }
      return known;
    });
  }

  private async others(session: Session, dataflow: string): Promise<string[]> {
    const found: string[] = [];
    for (const other of await dataflows(session)) {
      if (other === dataflow || !(await session.hasTable(other, REPORT_TIMES.name))) continue;
      found.push(other);
      if (found.length === OTHERS_ASKED) break;
    }
    return found;
  }
}
