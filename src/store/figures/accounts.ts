// The ad accounts of a dataflow.
import { CLAIMS } from '../tables.js';
import { accountJoin, tableIn, textOrNull, type DataflowSchema } from './schema.js';

export interface Account {
  id: string;
  /** Null, as all else, until the ad account has been read. */
  name: string | null;
  currency: string | null;
  country: string | null;
}

export interface Accounts {
  /** Those that were ever claimed. */
  count: number;
  /** By name. */
  listed: Account[];
}

const MOST_LISTED = 50;

export const readAccounts = async (schema: DataflowSchema): Promise<Accounts> => {
  const rows = await schema.session.all(
    `SELECT r.ad_account_id AS id, account.name, account.currency, account.country, count(*) OVER () AS total
     FROM ${tableIn(schema, CLAIMS.name)} r ${accountJoin(schema)}
     ORDER BY account.name, r.ad_account_id LIMIT ${MOST_LISTED}`,
  );
  return {
    count: Number(rows[0]?.['total'] ?? 0),
    listed: rows.map((row) => ({
      id: String(row['id']),
      name: textOrNull(row['name']),
      currency: textOrNull(row['currency']),
      country: textOrNull(row['country']),
    })),
  };
};
