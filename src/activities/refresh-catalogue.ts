// Reads the catalogue if it is due, daily and at once for ids that turn up unknown, and the ad account, weekly.
import type { ApiCalls, RunError } from '../dataflow/flow-run.js';
import { addProblems, NO_PROBLEMS, tellProblems } from '../dataflow/list-problems.js';
import { objectTypesOf } from '../dataflow/need.js';
import { describeDataset, type ListedType } from '../dataflow/object-types.js';
import { batches } from '../dataflow/plan.js';
import type { DataflowSpec } from '../dataflow/spec.js';
import { fetchAdAccount } from '../pinterest/accounts.js';
import { fetchCataloguePage, MOST_CATALOGUE_PAGES, type CataloguePage } from '../pinterest/catalogue.js';
import { PinterestError } from '../pinterest/errors.js';
import { PAGE_SIZE } from '../pinterest/page.js';
import { Reading } from '../pinterest/reading.js';
import type { Caller } from '../pinterest/transport.js';
import type { LeaseClass } from '../quota/budget/budget-state.js';
import { misfitsOf } from '../store/catalogue-values.js';
import type { DataflowAccount } from '../store/store.js';
import type { Dependencies } from './dependencies.js';
import { counts } from './interceptors/count-calls.js';
import { claimedSpec } from './own-run.js';
import { callerOf, scheduledAtMs, wantedFromStore, type RunRef } from './run.js';

export interface CatalogueRefreshed {
  apiCalls: ApiCalls;
  /** What was wrong with lists that were read all the same; earlier versions told nothing. */
  errors?: RunError[];
}

const HOUR_MS = 3_600_000;

/** The catalogue is read daily: a run at the same time each day finds it a little younger. */
const CATALOGUE_AGE_MS = 20 * HOUR_MS;

/** Name and permissions of an ad account seldom change, its currency never: a call a week is enough. */
const AD_ACCOUNT_AGE_MS = (7 * 24 - 4) * HOUR_MS;

const isDue = (readAtMs: number | null, maxAgeMs = CATALOGUE_AGE_MS): boolean =>
  readAtMs === null || scheduledAtMs() - readAtMs >= maxAgeMs;

/** The first sign of a wrong id or token, and where the currency comes from. */
const readAdAccount = async (
  { store, transport }: Dependencies,
  caller: Caller,
  account: DataflowAccount,
): Promise<void> => {
  if (!isDue(await store.catalogue.adAccountReadAtMs(account), AD_ACCOUNT_AGE_MS)) return;
  const adAccount = await fetchAdAccount(transport, caller, account.adAccountId);
  await store.catalogue.saveAdAccount(account, adAccount, scheduledAtMs());
};

/** Reads one list to its end, page by page, from where an earlier attempt stopped. */
const readWhole = async (
  { store, transport }: Dependencies,
  caller: Caller,
  account: DataflowAccount,
  objectType: ListedType,
): Promise<void> => {
  const pageAt = (bookmark: string | null): Promise<CataloguePage> =>
    fetchCataloguePage(transport, caller, account.adAccountId, objectType, { bookmark });
  const before = await store.catalogue.state(account, objectType);
  let { reading, bookmark, seen, problems } = before;
  let resumed = reading && bookmark !== null;
  if (!resumed) [bookmark, seen, problems] = [null, undefined, undefined];
  let walk = new Reading(MOST_CATALOGUE_PAGES, seen);
  do {
    let page: CataloguePage;
    try {
      page = await pageAt(bookmark);
    } catch (error) {
      if (!(resumed && isRefusal(error))) throw error;
      // The bookmark of an earlier attempt is too old: the list is read from its beginning.
      [walk, problems] = [new Reading(MOST_CATALOGUE_PAGES), undefined];
      page = await pageAt(null);
    }
    resumed = false;
    const end = walk.took(
      page.items.map(({ id }) => id),
      page.bookmark,
    );
    problems = addProblems(problems ?? NO_PROBLEMS, {
      items: page.leftOut,
      values: misfitsOf(objectType, page.items),
      cutShort: end?.cutShort ?? null,
    });
    reading = end === null;
    bookmark = reading ? page.bookmark : null;
    const now = scheduledAtMs();
    await store.catalogue.savePage(account, objectType, page.items, now, {
      bookmark,
      reading,
      completedAtMs: reading ? before.completedAtMs : now,
      seen: reading ? walk.remembered : [],
      problems,
    });
  } while (reading);
};

const isRefusal = (error: unknown): boolean => error instanceof PinterestError && error.kind === 'Refused';

/** Ids as the API takes them in a list; longer ones cannot be of any object. */
const LISTABLE_ID = /^\d{1,18}$/;

/** Looks up ids that a spec names and the catalogue lacks: one call for 250 of them, once until it is read anew. */
const lookUp = async (
  { store, transport }: Dependencies,
  caller: Caller,
  account: DataflowAccount,
  objectType: ListedType,
  unknown: readonly string[],
): Promise<void> => {
  const ids = unknown.filter((id) => LISTABLE_ID.test(id));
  for (const asked of batches(ids, PAGE_SIZE)) {
    const found = new Set<string>();
    try {
      const { items } = await fetchCataloguePage(transport, caller, account.adAccountId, objectType, {
        ids: asked,
      });
      const known = items.filter(({ id }) => asked.includes(id));
      await store.catalogue.savePage(account, objectType, known, scheduledAtMs(), null);
      for (const { id } of known) found.add(id);
    } catch (error) {
      // Refused for an id that is of no object: they stay unknown, and the run says so.
      if (!isRefusal(error)) throw error;
    }
    await store.unknownIds.add(
      account,
      objectType,
      asked.filter((id) => !found.has(id)),
    );
  }
};

/** What was wrong with the list as it was read last: as long as it is not read again, each run says so. */
const problemsOf = async (
  { store }: Dependencies,
  account: DataflowAccount,
  objectType: ListedType,
): Promise<RunError[]> => {
  const { problems } = await store.catalogue.state(account, objectType);
  return tellProblems(
    `${describeDataset({ objectType })} of ad account ${account.adAccountId}`,
    problems ?? NO_PROBLEMS,
  );
};

export interface RefreshOptions {
  credential: string;
  /** When the run started, server's time: what was looked up since need not be looked up again. */
  startedAtMs: number;
  /** Only read again what has rows of ids that the catalogue lacks. */
  onlyTurnedUp?: boolean;
  /** Whose turn its calls are. */
  class?: LeaseClass;
}

export const refreshCatalogueOf = async (
  dependencies: Dependencies,
  account: DataflowAccount,
  spec: DataflowSpec,
  { credential, startedAtMs, onlyTurnedUp = false, class: leaseClass = 'fresh' }: RefreshOptions,
): Promise<RunError[]> => {
  const { store } = dependencies;
  const caller = callerOf(dependencies, { dataflow: account.dataflow, credential, class: leaseClass });
  const errors: RunError[] = [];
  const unknownIds = async (objectType: ListedType): Promise<string[]> =>
    (await wantedFromStore(dependencies, account, spec, { objectType })).unknown.ids;
  try {
    const turnedUp = await store.catalogue.typesWithUnknownIds(account);
    if (!onlyTurnedUp) await readAdAccount(dependencies, caller, account);
    for (const objectType of objectTypesOf(spec)) {
      const { completedAtMs, reading, problems } = await store.catalogue.state(account, objectType);
      const due = !onlyTurnedUp && (isDue(completedAtMs) || reading);
      // A list that was cut short will not get any longer today, whatever it lacks.
      if (due || (turnedUp.includes(objectType) && !problems?.cutShort)) {
        await readWhole(dependencies, caller, account, objectType);
        const { problems: met } = await store.catalogue.state(account, objectType);
        // What lies behind the end of a list that was cut short can still be looked up.
        await store.unknownIds.replace(
          account,
          objectType,
          met?.cutShort ? [] : await unknownIds(objectType),
        );
      } else if (!onlyTurnedUp && completedAtMs! < startedAtMs) {
        const askedBefore = new Set(await store.unknownIds.of(account, objectType));
        const unknown = (await unknownIds(objectType)).filter((id) => !askedBefore.has(id));
        await lookUp(dependencies, caller, account, objectType, unknown);
      }
      errors.push(...(await problemsOf(dependencies, account, objectType)));
    }
    return errors;
  } finally {
    await caller.gate.end();
  }
};

export interface RefreshInput {
  run: RunRef;
  onlyTurnedUp?: boolean;
}

export const refreshCatalogue =
  (dependencies: Dependencies) =>
  async ({ run, onlyTurnedUp = false }: RefreshInput): Promise<CatalogueRefreshed> => {
    const spec = await claimedSpec(dependencies, run);
    const { credential, startedAtMs } = run;
    const options = { credential, startedAtMs, onlyTurnedUp };
    const errors = await refreshCatalogueOf(dependencies, run.place, spec, options);
    return { apiCalls: counts().apiCalls, errors };
  };
