// The records of flow runs.
import type { FlowRun, RunStatus } from '../dataflow/flow-run.js';
import type { DataflowAccount } from './dataflow-account.js';
import { epochMs, fromMs, insert, time } from './sql/rows.js';
import type { Database } from './sql/session.js';
import { FLOW_RUNS } from './tables.js';

export class FlowRuns {
  constructor(private readonly database: Database) {}

  /** Keeps a record; one of the same run is replaced. */
  save({ dataflow, adAccountId }: DataflowAccount, workflowId: string, run: FlowRun): Promise<void> {
    return this.database.use((session) =>
      session.transaction(async () => {
        const table = session.table(dataflow, FLOW_RUNS.name);
        await session.lock(`${dataflow}/flow_runs`);
        await session.run(`DELETE FROM ${table} WHERE id = $1`, [run.id]);
        const { startedAtUTC, completedAtUTC } = run.durationSummary;
        await insert(session, table, FLOW_RUNS.columns, [
          [
            run.id,
            workflowId,
            adAccountId,
            run.status,
            time(Date.parse(startedAtUTC)),
            time(Date.parse(completedAtUTC)),
            JSON.stringify(run),
          ],
        ]);
      }),
    );
  }

  /** The record that a run of this workflow has left. */
  of(
    { dataflow, adAccountId }: DataflowAccount,
    workflowId: string,
    id: string,
  ): Promise<FlowRun | undefined> {
    return this.database.use(async (session) => {
      const row = await session.one(
        `SELECT record FROM ${session.table(dataflow, FLOW_RUNS.name)}
         WHERE id = $1 AND workflow_id = $2 AND ad_account_id = $3`,
        [id, workflowId, adAccountId],
      );
      return row && (JSON.parse(row['record'] as string) as FlowRun);
    });
  }

  /** The record of the run that ended last, of whatever ad account. */
  latest(dataflow: string): Promise<FlowRun | undefined> {
    return this.database.use(async (session) => {
      const row = await session.one(
        `SELECT record FROM ${session.table(dataflow, FLOW_RUNS.name)} ORDER BY completed DESC LIMIT 1`,
      );
      return row && (JSON.parse(row['record'] as string) as FlowRun);
    });
  }

  /** When the last run of each status ended, epoch ms. */
  last({ dataflow, adAccountId }: DataflowAccount): Promise<Map<RunStatus, number>> {
    return this.database.use(async (session) => {
      const rows = await session.all(
        `SELECT status, ${epochMs('max(completed)')} AS completed
         FROM ${session.table(dataflow, FLOW_RUNS.name)} WHERE ad_account_id = $1 GROUP BY status`,
        [adAccountId],
      );
      return new Map(rows.map((row) => [row['status'] as RunStatus, fromMs(row['completed'])]));
    });
  }
}
