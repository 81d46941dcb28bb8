// The records of flow runs.
import type { FlowRun, RunStatus } from '../../dataflow/flow-run.js';
import type { DataflowAccount } from '../store.js';
import { FLOW_RUNS } from '../tables.js';
import { epochMs, fromMs, insert, time } from './rows.js';
import type { Session } from './session.js';

export const saveFlowRun = (
  session: Session,
  place: DataflowAccount,
  workflowId: string,
  run: FlowRun,
): Promise<void> =>
  session.transaction(async () => {
    const table = session.table(place.dataflow, 'flow_runs');
    await session.lock(`${place.dataflow}/flow_runs`);
    await session.run(`DELETE FROM ${table} WHERE id = $1`, [run.id]);
    const { startedAtUTC, completedAtUTC } = run.durationSummary;
    await insert(session, table, FLOW_RUNS.columns, [
      [
        run.id,
        workflowId,
        place.adAccountId,
        run.status,
        time(Date.parse(startedAtUTC)),
        time(Date.parse(completedAtUTC)),
        JSON.stringify(run),
      ],
    ]);
  });

/** When the last run of each status ended, epoch ms. */
export const readLastRuns = async (
  session: Session,
  place: DataflowAccount,
): Promise<Map<RunStatus, number>> => {
  const rows = await session.all(
    `SELECT status, ${epochMs('max(completed)')} AS completed
     FROM ${session.table(place.dataflow, 'flow_runs')} WHERE ad_account_id = $1 GROUP BY status`,
    [place.adAccountId],
  );
  return new Map(rows.map((row) => [row['status'] as RunStatus, fromMs(row['completed'])]));
};
