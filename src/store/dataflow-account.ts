// Whose data it is: every table of the store is looked at by dataflow and ad account.

/** One dataflow's data of one ad account. */
export interface DataflowAccount {
  /** The dataflow's name, `acme-ads`; its schema is `acme_ads`. */
  dataflow: string;
  adAccountId: string;
}

/** `acme-ads` → `acme_ads`. */
export const schemaName = (dataflow: string): string => dataflow.replaceAll('-', '_');
