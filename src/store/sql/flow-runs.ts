// The records of flow runs.
import type { FlowRun } from '../../dataflow/flow-run.js';
import type { Place } from '../store.js';
import { FLOW_RUNS } from '../tables.js';
import { insert, time } from './rows.js';
import type { Session } from './session.js';

export const saveFlowRun = (
  session: Session,
  place: Place,
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
