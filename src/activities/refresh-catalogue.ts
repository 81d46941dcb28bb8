// Reads the ad account and its catalogue if they are due: daily, and at once for ids that turn up unknown.
import type { ObjectType } from '../dataflow/object-types.js';
import type { ApiCalls } from '../dataflow/flow-run.js';
import { objectTypesOf } from '../dataflow/need.js';
import { batches } from '../dataflow/plan.js';
import type { DataflowSpec } from '../dataflow/spec.js';
import { fetchAdAccount } from '../pinterest/accounts.js';
import { fetchCataloguePage, type CataloguePage } from '../pinterest/catalogue.js';
import { PinterestError } from '../pinterest/errors.js';
import { PAGE_SIZE } from '../pinterest/page.js';
import type { Caller } from '../pinterest/transport.js';
import type { DataflowAccount } from '../store/store.js';
import type { Dependencies } from './dependencies.js';
import { counts } from './interceptors/count-calls.js';
import { callerOf, claimedSpec, scheduledAtMs, wantedFromStore, type RunRef } from './run.js';

export interface CatalogueRefreshed {
  apiCalls: ApiCalls;
}

/** The ad account and the catalogue are read daily: a run at the same time each day finds them a little younger. */
const MAX_AGE_MS = 20 * 3_600_000;

const isDue = (readAtMs: number | null): boolean =>
  readAtMs === null || scheduledAtMs() - readAtMs >= MAX_AGE_MS;

/** The first sign of a wrong id or token, and where the currency comes from. */
const readAdAccount = async (
  { store, transport }: Dependencies,
  caller: Caller,
  account: DataflowAccount,
): Promise<void> => {
  if (!isDue(await store.catalogue.adAccountReadAtMs(account))) return;
  const adAccount = await fetchAdAccount(transport, caller, account.adAccountId);
  await store.catalogue.saveAdAccount(account, adAccount, scheduledAtMs());
};

/** Reads one list to its end, page by page, from where an earlier attempt stopped. */
const readWhole = async (
  { store, transport }: Dependencies,
  caller: Caller,
  account: DataflowAccount,
  objectType: ObjectType,
): Promise<void> => {
  const before = await store.catalogue.state(account, objectType);
  let bookmark = before.reading ? before.bookmark : null;
  let resumed = bookmark !== null;
  do {
    let page: CataloguePage;
    try {
      page = await fetchCataloguePage(transport, caller, account.adAccountId, objectType, { bookmark });
    } catch (error) {
      if (!(resumed && isRefusal(error))) throw error;
      // The bookmark of an earlier attempt is too old: the list is read from its beginning.
      page = await fetchCataloguePage(transport, caller, account.adAccountId, objectType, { bookmark: null });
    }
    resumed = false;
    bookmark = page.bookmark;
    const now = scheduledAtMs();
    const reading = bookmark !== null;
    await store.catalogue.savePage(account, objectType, page.items, now, {
      bookmark,
      reading,
      completedAtMs: reading ? before.completedAtMs : now,
    });
  } while (bookmark !== null);
};

const isRefusal = (error: unknown): boolean => error instanceof PinterestError && error.kind === 'Refused';

/** Ids as the API takes them in a list; longer ones cannot be of any object. */
const LISTABLE_ID = /^\d{1,18}$/;

/** Looks up ids that a spec names and the catalogue lacks: one call for 250 of them. */
const lookUp = async (
  { store, transport }: Dependencies,
  caller: Caller,
  account: DataflowAccount,
  objectType: ObjectType,
  unknown: readonly string[],
): Promise<void> => {
  const ids = unknown.filter((id) => LISTABLE_ID.test(id));
  for (const asked of batches(ids, PAGE_SIZE)) {
    try {
      const { items } = await fetchCataloguePage(transport, caller, account.adAccountId, objectType, {
        ids: asked,
      });
      const found = items.filter(({ id }) => asked.includes(id));
      await store.catalogue.savePage(account, objectType, found, scheduledAtMs(), null);
    } catch (error) {
      // Refused for an id that is of no object: they stay unknown, and the run says so.
      if (!isRefusal(error)) throw error;
    }
  }
};

export interface RefreshOptions {
  credential: string;
  /** When the run started, server's time: what was looked up since need not be looked up again. */
  startedAtMs: number;
  /** Only read again what has rows of ids that the catalogue lacks. */
  onlyTurnedUp?: boolean;
}

export const refreshCatalogueOf = async (
  dependencies: Dependencies,
  account: DataflowAccount,
  spec: DataflowSpec,
  { credential, startedAtMs, onlyTurnedUp = false }: RefreshOptions,
): Promise<void> => {
  const { store } = dependencies;
  const caller = callerOf(dependencies, { dataflow: account.dataflow, credential });
  try {
    const turnedUp = await store.catalogue.typesWithUnknownIds(account);
    if (!onlyTurnedUp) await readAdAccount(dependencies, caller, account);
    for (const objectType of objectTypesOf(spec)) {
      const { completedAtMs, reading } = await store.catalogue.state(account, objectType);
      const due = !onlyTurnedUp && (isDue(completedAtMs) || reading);
      if (due || turnedUp.includes(objectType)) {
        await readWhole(dependencies, caller, account, objectType);
      } else if (!onlyTurnedUp && completedAtMs! < startedAtMs) {
        const { unknown } = await wantedFromStore(dependencies, account, spec, { objectType });
        await lookUp(dependencies, caller, account, objectType, unknown.ids);
      }
    }
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
    await refreshCatalogueOf(dependencies, run.place, spec, { credential, startedAtMs, onlyTurnedUp });
    return { apiCalls: counts().apiCalls };
  };
