// What the store knows of a dataflow: its spec, its last run, how far it is current. Changes nothing.
import { dateOf, earlier, later, type DateOnly } from '../dataflow/dates.js';
import type { FlowRun, RunStatus } from '../dataflow/flow-run.js';
import { isForgotten } from '../dataflow/forget.js';
import { freshnessOf } from '../dataflow/freshness.js';
import type { ObjectType } from '../dataflow/object-types.js';
import { parseAnySpec } from '../dataflow/parse-spec.js';
import { isOfOneAccount, type DataflowSpec, type ManyAccountsSpec } from '../dataflow/spec.js';
import type { Claim } from '../store/claims.js';
import type { HeldDataset, Holding } from '../store/holdings.js';
import type { Dependencies } from './dependencies.js';
import { scheduledAtMs } from './run.js';

/** How far one table of one ad account is current. */
export interface DataflowCoverage {
  adAccountId: string;
  objectType: ObjectType;
  /** One of Pinterest's targeting types, if the table is of one. */
  breakdown?: string;
  /** The first and last date that are held; null if none is. */
  from: DateOnly | null;
  to: DateOnly | null;
  /** The last date whose numbers no later run would read again; null if there is none. */
  finalTo: DateOnly | null;
  /** Cells that are wanted and not held as of today (UTC). */
  staleCells: number;
}

export interface DescribedDataflow {
  /** As its last run was started with; of several ad accounts as one. */
  spec: DataflowSpec | ManyAccountsSpec | null;
  lastRun: FlowRun | null;
  coverage: DataflowCoverage[];
  /** Workflows that hold a claim on it; they may be gone. */
  claimedBy: string[];
}

export interface ListedDataflow {
  name: string;
  lastRun: { status: RunStatus; completedAt: string } | null;
}

const coverageOf = ({ account, spec }: Holding, held: HeldDataset): DataflowCoverage => {
  const { dataset, coverage } = held;
  const { staleCells, newestFinalEndMs } = freshnessOf(spec, dataset, held, scheduledAtMs());
  const rows = coverage.filter((row) => !isForgotten(row));
  return {
    adAccountId: account.adAccountId,
    objectType: dataset.objectType,
    ...(dataset.breakdown !== undefined && { breakdown: dataset.breakdown }),
    from: rows.reduce<DateOnly | null>((from, row) => (from ? earlier(from, row.from) : row.from), null),
    to: rows.reduce<DateOnly | null>((to, row) => (to ? later(to, row.to) : row.to), null),
    finalTo: newestFinalEndMs === null ? null : dateOf(newestFinalEndMs - 1),
    staleCells,
  };
};

type AccountClaim = Claim & { adAccountId: string };

/** The workflow of several ad accounts that a claim's workflow belongs to. */
const parentOf = ({ workflowId, adAccountId }: AccountClaim): string | undefined =>
  workflowId.endsWith(`/${adAccountId}`) ? workflowId.slice(0, -adAccountId.length - 1) : undefined;

/** The spec of the last run, without the dates that only that one was asked for. */
const specOf = (claims: readonly AccountClaim[]): DataflowSpec | ManyAccountsSpec | null => {
  const [last] = claims.toSorted((one, other) => other.claimedAtMs - one.claimedAtMs);
  if (!last) return null;
  const { window: _, ...spec } = last.spec;
  const parent = parentOf(last);
  if (parent === undefined) return spec;
  const { credential } = spec.connection;
  const adAccountIds = claims
    .filter((claim) => parentOf(claim) === parent)
    .map(({ adAccountId }) => adAccountId)
    .sort();
  return { ...spec, connection: { adAccountIds, credential } };
};

/** What a schedule wants of an ad account by now: null if nothing; undefined if that is not known, as of one that cannot run. */
const wantedBy = (scheduled: unknown): ((adAccountId: string) => DataflowSpec | null | undefined) => {
  if (scheduled === undefined) return () => undefined;
  try {
    const spec = parseAnySpec(scheduled, { today: dateOf(scheduledAtMs()) });
    if (isOfOneAccount(spec))
      return (adAccountId) => (adAccountId === spec.connection.adAccountId ? spec : null);
    const { adAccountIds, credential } = spec.connection;
    return (adAccountId) =>
      adAccountIds === 'all' || adAccountIds.includes(adAccountId)
        ? { ...spec, connection: { adAccountId, credential } }
        : null;
  } catch {
    return () => undefined;
  }
};

/**
 * Null if the store has no dataflow of that name.
 * @param scheduled the spec of its schedule, if it has one: what is stale is measured by it, not by the last run's
 */
export const describeDataflow =
  ({ store }: Pick<Dependencies, 'store'>) =>
  async ({ name, scheduled }: { name: string; scheduled?: unknown }): Promise<DescribedDataflow | null> => {
    const wanted = wantedBy(scheduled);
    const holdings = await store.holdings.of(name, (adAccountId) => wanted(adAccountId) ?? undefined);
    if (!holdings) return null;
    const claims = await store.claims.all(name);
    return {
      spec: specOf(claims),
      lastRun: (await store.runs.latest(name)) ?? null,
      coverage: holdings.flatMap((holding) => {
        const coverage = holding.held.map((held) => coverageOf(holding, held));
        // What nobody wants any more is not stale.
        const isWanted = wanted(holding.account.adAccountId) !== null;
        return isWanted ? coverage : coverage.map((one) => ({ ...one, staleCells: 0 }));
      }),
      claimedBy: claims.filter(({ open }) => open).map(({ workflowId }) => workflowId),
    };
  };

export const listDataflows =
  ({ store }: Pick<Dependencies, 'store'>) =>
  async (): Promise<ListedDataflow[]> => {
    const listed: ListedDataflow[] = [];
    for (const name of await store.holdings.names()) {
      const run = await store.runs.latest(name);
      const lastRun = run ? { status: run.status, completedAt: run.durationSummary.completedAtUTC } : null;
      listed.push({ name, lastRun });
    }
    return listed;
  };
