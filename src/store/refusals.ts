// What Pinterest refuses an ad account, kept until the next UTC midnight.
import type { Method } from '../dataflow/chunk.js';
import { dateOf, midnightMs } from '../dataflow/dates.js';
import { isSame, type Refusal } from '../dataflow/refusals.js';
import type { DataflowAccount } from './dataflow-account.js';
import { keepUpToDate } from './migrations.js';
import { insert, time } from './sql/rows.js';
import type { Database, Session } from './sql/session.js';
import { REFUSALS } from './tables.js';

/** More than a day can teach of one ad account, unless what Pinterest says is no sense. */
const MOST_KEPT = 100;

const readToday = async (
  session: Session,
  { dataflow, adAccountId }: DataflowAccount,
  nowMs: number,
): Promise<Refusal[]> => {
  const rows = await session.all(
    `SELECT method, what, value, said FROM ${session.table(dataflow, REFUSALS.name)}
     WHERE ad_account_id = $1 AND learned_at >= $2::TIMESTAMP ORDER BY learned_at, method, what, value`,
    [adAccountId, time(midnightMs(dateOf(nowMs)))],
  );
  return rows.map((row) => ({
    method: row['method'] as Method,
    what: row['what'] as Refusal['what'],
    value: row['value'] as string,
    said: row['said'] as string,
  }));
};

export class Refusals {
  constructor(private readonly database: Database) {}

  /** What was found out today, the oldest first. */
  today(account: DataflowAccount, nowMs: number): Promise<Refusal[]> {
    return this.database.use(async (session) => {
      await keepUpToDate(session, account.dataflow);
      return readToday(session, account, nowMs);
    });
  }

  /** Keeps what is new for the rest of the day, a hundred refusals at most; those of days before go. */
  keep(account: DataflowAccount, refusals: readonly Refusal[], nowMs: number): Promise<void> {
    return this.database.use((session) =>
      session.transaction(async () => {
        const table = session.table(account.dataflow, REFUSALS.name);
        await session.lock(`${account.dataflow}/refusals`);
        await session.run(`DELETE FROM ${table} WHERE ad_account_id = $1 AND learned_at < $2::TIMESTAMP`, [
          account.adAccountId,
          time(midnightMs(dateOf(nowMs))),
        ]);
        const known = await readToday(session, account, nowMs);
        const added = refusals
          .filter((refusal) => !known.some((other) => isSame(refusal, other)))
          .slice(0, MOST_KEPT - known.length);
        await insert(
          session,
          table,
          REFUSALS.columns,
          added.map(({ method, what, value, said }) => [
            account.adAccountId,
            method,
            what,
            value,
            said,
            time(nowMs),
          ]),
        );
      }),
    );
  }
}
