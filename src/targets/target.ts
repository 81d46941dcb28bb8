// What a target is: a place outside the store that is given partitions, each replaced as a whole. The order of the calls, what is
// due, and the ledger of what was delivered are the caller's; a target only knows its own side, and keeps nothing in memory
// that a restart may not lose.
import type { DateOnly } from '../dataflow/dates.js';
import type { Dataset } from '../dataflow/object-types.js';
import type { RunError } from '../dataflow/flow-run.js';
import type { Column } from '../store/tables.js';

/** The unit of delivery: the rows of one table, of one ad account, in one calendar week. */
export interface Partition {
  dataset: Dataset;
  /** In the store: `campaign_analytics`. */
  table: string;
  adAccountId: string;
  /** The Monday of an ISO week. */
  week: DateOnly;
}

/** What is delivered of one table. */
export interface TableOut {
  dataset: Dataset;
  table: string;
  /** As the store has them, in its order; `_loaded_at` is not among them. The key: ids, `date`, perhaps `hour`. */
  columns: readonly Column[];
}

/** What a run is about to deliver. */
export interface TargetPlan {
  /** The dataflow's name, for names and descriptions of what is made. */
  dataflow: string;
  adAccountId: string;
  /** Every table of the dataflow, whether or not something of it is due. */
  tables: readonly TableOut[];
  /** The newest rows of one of them, at most some hundred: columns by their names, dates as text, absent values left out. */
  samples: (table: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** To be called where nothing is there, before it is made: what was delivered before is gone, and all of it is due. */
  forgetDelivered: () => Promise<void>;
  /** Aborted once the run is cancelled; every other call has it too. */
  signal: AbortSignal;
}

export interface TargetNotes {
  /** No row of anybody stands there now. */
  empty: boolean;
  /** What was made or changed, each a sentence for a person, with ids: `Made the dataset acme-ads, 65f0…`. */
  made: readonly string[];
}

/** One delivery under way: a partition, and the id that `begin` gave it. */
export interface Begun {
  partition: Partition;
  /** A batch's id, a file's. Text without secrets; the ledger keeps it. */
  id: string;
  signal: AbortSignal;
}

/** A partition's rows on their way out. */
export interface Outgoing {
  columns: TableOut['columns'];
  /**
   * A Parquet file with `rows` rows (one at least) under `columns`; ids VARCHAR, metrics DOUBLE, absent values NULL. Read it
   * by an `Engine` (`src/engine/`), set-based, at flat memory. The caller deletes it.
   */
  file: string;
  rows: number;
  /** An empty folder of this attempt's own, for files on the way; the caller deletes it. */
  workFolder: string;
}

/**
 * How a delivery stands.
 * - `open`: begun and not completed; nothing of it is seen by readers.
 * - `moving`: completed; what becomes of it will be known later.
 * - `delivered`: readers see it, and no longer what it replaced.
 * - `failed`: it ended and readers see nothing of it.
 * - `unknown`: nobody there knows its id; or not yet, if it is young.
 */
export interface Look {
  state: 'open' | 'moving' | 'delivered' | 'failed' | 'unknown';
  /** The other side's own word, for a person: `staging`, `stalled`. */
  status: string;
  /** Rows that arrived, and rows that were left out; of a `delivered` one. Null if the other side does not say. */
  rows: number | null;
  failedRows: number;
  /** Why it failed, or why rows were left out, or what else the other side complains about. */
  errors: readonly RunError[];
}

/** A row that the other side did not take. */
export interface FailedRow {
  /** As it was sent, or as the other side gives it back. */
  raw: string;
  reason: string;
}

/**
 * A partition goes `begin` → (the ledger notes the id) → `upload` → `complete` → `look` until it is `delivered` or `failed`. After a
 * crash between any two of them the next attempt asks `look` first: it goes on with what is `moving`, settles what has ended, and
 * `abandon`s what is `open`.
 *
 * All calls may be repeated. All throw `KnownError`s of the kinds of fault `target` (`dataflow/failures.ts`):
 * `TargetRefused` for what a person has to mend (a secret, a permission, a field's type), `TargetThrottled` with `retryAtMs`,
 * `TargetUnavailable` for what may pass by itself.
 */
export interface Target {
  /** For messages, records and as key of the ledger: `experience-platform prod/acme-ads`, `parquet acme`. */
  readonly name: string;
  /**
   * Makes what is missing, by name; called before the first `begin` of a run that has something to deliver.
   * @throws KnownError `TargetRefused` for whatever would make deliveries fail and can be known before the first
   */
  prepare(plan: TargetPlan): Promise<TargetNotes>;
  /**
   * Begins a delivery and answers with its id.
   * @param replaces the id of the delivery whose rows this one takes the place of, if there is one
   */
  begin(partition: Partition, replaces: string | null, signal: AbortSignal): Promise<string>;
  /** Brings all rows there; what an earlier attempt brought under this id is overwritten. */
  upload(begun: Begun, outgoing: Outgoing): Promise<void>;
  /** Readers may see it from here on. If its answer is lost, the caller asks `look`, and never simply repeats it. */
  complete(begun: Begun): Promise<void>;
  look(begun: Begun): Promise<Look>;
  /** Gives up a delivery that is `open`. If it is no longer open, it may do nothing: the caller looks again. */
  abandon(begun: Pick<Begun, 'id' | 'signal'>): Promise<void>;
  /** Takes the rows of a `delivered` one away: its partition is empty now. */
  remove(begun: Begun): Promise<void>;
  /** The rows that a `delivered` or `failed` one left out, as far as the other side tells. */
  failedRows(begun: Begun): AsyncIterable<FailedRow>;
  /**
   * The ids of deliveries that this program began since then and that are still open: the answer to a `begin` may have been
   * lost. The caller abandons those that its ledger does not know.
   */
  openSince(epochMs: number, signal: AbortSignal): Promise<readonly string[]>;
}
