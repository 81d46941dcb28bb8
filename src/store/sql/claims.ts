// Claims: one run at a time per dataflow and ad account.
import { CLAIMS } from '../tables.js';
import type { Claim, DataflowAccount } from '../store.js';
import { epochMs, fromMs, insert, time } from './rows.js';
import type { Session } from './session.js';

export const readClaims = async (
  session: Session,
  dataflow: string,
): Promise<(Claim & { adAccountId: string })[]> => {
  const rows = await session.all(
    `SELECT ad_account_id, namespace, workflow_id, run_id, ${epochMs('claimed_at')} AS claimed_at, open, spec
     FROM ${session.table(dataflow, 'claims')}`,
  );
  return rows.map((row) => ({
    adAccountId: row['ad_account_id'] as string,
    namespace: row['namespace'] as string,
    workflowId: row['workflow_id'] as string,
    runId: row['run_id'] as string,
    claimedAtMs: fromMs(row['claimed_at']),
    open: row['open'] as boolean,
    spec: JSON.parse(row['spec'] as string) as Claim['spec'],
  }));
};

export const claim = (
  session: Session,
  place: DataflowAccount,
  wanted: Claim,
  takeOverFrom?: string,
): Promise<Claim> =>
  session.transaction(async () => {
    await session.lock(`${place.dataflow}/claims`);
    const holder = (await readClaims(session, place.dataflow)).find(
      (row) => row.adAccountId === place.adAccountId,
    );
    const free =
      !holder ||
      !holder.open ||
      holder.runId === takeOverFrom ||
      (holder.workflowId === wanted.workflowId && holder.namespace === wanted.namespace);
    if (!free) return holder;
    await session.run(`DELETE FROM ${session.table(place.dataflow, 'claims')} WHERE ad_account_id = $1`, [
      place.adAccountId,
    ]);
    await insert(session, session.table(place.dataflow, 'claims'), CLAIMS.columns, [
      [
        place.adAccountId,
        wanted.namespace,
        wanted.workflowId,
        wanted.runId,
        time(wanted.claimedAtMs),
        wanted.open,
        JSON.stringify(wanted.spec),
      ],
    ]);
    return wanted;
  });

export const release = async (
  session: Session,
  place: DataflowAccount,
  workflowId: string,
): Promise<void> => {
  await session.run(
    `UPDATE ${session.table(place.dataflow, 'claims')} SET open = false WHERE ad_account_id = $1 AND workflow_id = $2`,
    [place.adAccountId, workflowId],
  );
};
