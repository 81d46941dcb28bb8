// How long reports took: kept with the rows that they brought, read to look at the next ones at the right time.
import { datasetKey } from '../dataflow/object-types.js';
import { dataflows } from './holdings.js';
import { keepUpToDate } from './migrations.js';
import { readReportTimes, type ReportKind } from './sql/report-times.js';
import type { Database, Session } from './sql/session.js';
import { REPORT_TIMES } from './tables.js';

export { type ReportKind } from './sql/report-times.js';

/** Other dataflows that are asked by one that has no figures of its own. */
const OTHERS_ASKED = 20;
/** So long what was found is taken for all dataflows that have none: to ask others is slow, if they are many. */
const REMEMBERED_MS = 300_000;

const keyOf = ({ dataset, granularity }: ReportKind): string => `${datasetKey(dataset)} ${granularity}`;

export class ReportTimes {
  /** The figures of some dataflow, by kind; there are as many as kinds of report. */
  private readonly remembered = new Map<string, { figures: number[]; atMs: number }>();

  constructor(private readonly database: Database) {}

  /**
   * How long the last reports of each kind took, in ms and in the order of `kinds`.
   * @param ofOthers another dataflow's are taken for a kind that this one has none of; some minutes old, perhaps
   */
  known(dataflow: string, kinds: readonly ReportKind[], ofOthers: boolean): Promise<number[][]> {
    return this.database.use(async (session) => {
      await keepUpToDate(session, dataflow);
      let others: string[] | undefined;
      const fromOthers = async (kind: ReportKind): Promise<number[]> => {
        others ??= await this.others(session, dataflow);
        let figures: number[] = [];
        for (const other of others)
          if (figures.length === 0) figures = await readReportTimes(session, other, kind);
        this.remember(kind, figures);
        return figures;
      };
      const known: number[][] = [];
      for (const kind of kinds) {
        const own = await readReportTimes(session, dataflow, kind);
        if (own.length > 0) this.remember(kind, own);
        if (own.length > 0 || !ofOthers) known.push(own);
        else known.push(this.recall(kind) ?? (await fromOthers(kind)));
      }
      return known;
    });
  }

  private remember(kind: ReportKind, figures: number[]): void {
    this.remembered.set(keyOf(kind), { figures, atMs: performance.now() });
  }

  private recall(kind: ReportKind): number[] | undefined {
    const found = this.remembered.get(keyOf(kind));
    return found && performance.now() - found.atMs < REMEMBERED_MS ? found.figures : undefined;
  }

  private async others(session: Session, dataflow: string): Promise<string[]> {
    const found: string[] = [];
    for (const other of await dataflows(session)) {
      const { name } = REPORT_TIMES;
      if (other === dataflow || !(await session.columns(other, [name])).has(name)) continue;
      found.push(other);
      if (found.length === OTHERS_ASKED) break;
    }
    return found;
  }
}
