// Claims: one run at a time per dataflow and ad account. A claim keeps the spec for the activities of its run.
import type { DataflowSpec } from '../dataflow/spec.js';
import type { DataflowAccount } from './dataflow-account.js';
import { keepUpToDate } from './migrations.js';
import { epochMs, fromMs, insert, time } from './sql/rows.js';
import type { Database, Row, Session } from './sql/session.js';
import { CLAIMS } from './tables.js';

/** Who runs a dataflow for an ad account, and with what spec. */
export interface Claim {
  namespace: string;
  workflowId: string;
  /** The workflow's first execution; stays the same when it continues as new. */
  runId: string;
  claimedAtMs: number;
  spec: DataflowSpec;
  /** False once the run has ended. */
  open: boolean;
}

const claimOf = (row: Row): Claim => ({
  namespace: row['namespace'] as string,
  workflowId: row['workflow_id'] as string,
  runId: row['run_id'] as string,
  claimedAtMs: fromMs(row['claimed_at']),
  open: row['open'] as boolean,
  spec: JSON.parse(row['spec'] as string) as Claim['spec'],
});

const select = (session: Session, dataflow: string): string =>
  `SELECT ad_account_id, namespace, workflow_id, run_id, ${epochMs('claimed_at')} AS claimed_at, open, spec
   FROM ${session.table(dataflow, CLAIMS.name)}`;

const readOne = async (
  session: Session,
  { dataflow, adAccountId }: DataflowAccount,
): Promise<Claim | undefined> => {
  const row = await session.one(`${select(session, dataflow)} WHERE ad_account_id = $1`, [adAccountId]);
  return row && claimOf(row);
};

export class Claims {
  constructor(private readonly database: Database) {}

  /** All claims ever made on a dataflow, one an ad account. */
  all(dataflow: string): Promise<(Claim & { adAccountId: string })[]> {
    return this.database.use(async (session) => {
      const rows = await session.all(select(session, dataflow));
      return rows.map((row) => ({ ...claimOf(row), adAccountId: row['ad_account_id'] as string }));
    });
  }

  /** The claim on an ad account; undefined if there never was one. */
  of(account: DataflowAccount): Promise<Claim | undefined> {
    return this.database.use(async (session) => {
      await keepUpToDate(session, account.dataflow);
      return readOne(session, account);
    });
  }

  /**
   * Claims the dataflow unless another workflow holds it; answers with who holds it afterwards. An open claim is
   * taken over only from `takeOverFrom`, the holder that was seen to be gone.
   */
  take(account: DataflowAccount, wanted: Claim, takeOverFrom?: string): Promise<Claim> {
    return this.database.use((session) =>
      session.transaction(async () => {
        await session.lock(`${account.dataflow}/claims`);
        const holder = await readOne(session, account);
        const free =
          !holder ||
          !holder.open ||
          holder.runId === takeOverFrom ||
          (holder.workflowId === wanted.workflowId && holder.namespace === wanted.namespace);
        if (!free) return holder;
        const table = session.table(account.dataflow, CLAIMS.name);
        await session.run(`DELETE FROM ${table} WHERE ad_account_id = $1`, [account.adAccountId]);
        await insert(session, table, CLAIMS.columns, [
          [
            account.adAccountId,
            wanted.namespace,
            wanted.workflowId,
            wanted.runId,
            time(wanted.claimedAtMs),
            wanted.open,
            JSON.stringify(wanted.spec),
          ],
        ]);
        return wanted;
      }),
    );
  }

  /** Gives a claim back; does nothing if another workflow holds it. */
  release({ dataflow, adAccountId }: DataflowAccount, workflowId: string): Promise<void> {
    return this.database.use(async (session) => {
      await session.run(
        `UPDATE ${session.table(dataflow, CLAIMS.name)} SET open = false WHERE ad_account_id = $1 AND workflow_id = $2`,
        [adAccountId, workflowId],
      );
    });
  }
}
