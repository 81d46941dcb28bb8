// Reads the ad account and its catalogue where they are due: daily, and at once for ids that turn up unknown.
import type { ObjectType } from '../dataflow/chunk.js';
import type { ApiCalls } from '../dataflow/flow-run.js';
import { objectTypesOf } from '../dataflow/need.js';
import type { DataflowSpec } from '../dataflow/spec.js';
import { fetchAdAccount } from '../pinterest/accounts.js';
import { fetchCataloguePage, PAGE_SIZE } from '../pinterest/catalogue.js';
import type { Caller } from '../pinterest/transport.js';
import type { Place } from '../store/store.js';
import type { Dependencies } from './dependencies.js';
import { callerOf, claimedSpec, scheduledAtMs, wantedFromStore, type RunRef } from './run.js';
import { tracked, type Tracked } from './tracked.js';

export interface CatalogueRefreshed {
  apiCalls: ApiCalls;
}

/** The ad account and the catalogue are read again after this. */
const MAX_AGE_MS = 24 * 3_600_000;

const isDue = (readAtMs: number | null): boolean =>
  readAtMs === null || scheduledAtMs() - readAtMs >= MAX_AGE_MS;

/** The first sign of a wrong id or token, and where the currency comes from. */
const readAdAccount = async (
  { store, transport }: Dependencies,
  caller: Caller,
  place: Place,
): Promise<void> => {
  if (!isDue(await store.adAccountReadAtMs(place))) return;
  const account = await fetchAdAccount(transport, caller, place.adAccountId);
  await store.saveAdAccount(place, account, scheduledAtMs());
};

/** Reads one list to its end, page by page, from where an earlier attempt stopped. */
const readWhole = async (
  { store, transport }: Dependencies,
  caller: Caller,
  place: Place,
  objectType: ObjectType,
  track: Tracked,
): Promise<void> => {
  const before = await store.catalogueState(place, objectType);
  let bookmark = before.reading ? before.bookmark : null;
  do {
    const page = await fetchCataloguePage(transport, caller, place.adAccountId, objectType, { bookmark });
    bookmark = page.bookmark;
    const now = scheduledAtMs();
    const reading = bookmark !== null;
    await store.saveCataloguePage(place, objectType, page.items, now, {
      bookmark,
      reading,
      completedAtMs: reading ? before.completedAtMs : now,
    });
    track.beat();
  } while (bookmark !== null);
};

/** Looks up ids that a spec names and the catalogue lacks: one call for 250 of them. */
const lookUp = async (
  { store, transport }: Dependencies,
  caller: Caller,
  place: Place,
  objectType: ObjectType,
  ids: readonly string[],
): Promise<void> => {
  for (let at = 0; at < ids.length; at += PAGE_SIZE) {
    const slice = ids.slice(at, at + PAGE_SIZE);
    const { items } = await fetchCataloguePage(transport, caller, place.adAccountId, objectType, {
      ids: slice,
    });
    const asked = new Set(slice);
    const found = items.filter(({ id }) => asked.has(id));
    await store.saveCataloguePage(place, objectType, found, scheduledAtMs(), null);
  }
};

export const refreshCatalogueOf = async (
  dependencies: Dependencies,
  place: Place,
  spec: DataflowSpec,
  credential: string,
  track: Tracked,
): Promise<void> => {
  const caller = callerOf(dependencies, track, { dataflow: place.dataflow, credential });
  await readAdAccount(dependencies, caller, place);
  const turnedUp = await dependencies.store.typesWithUnknownIds(place);
  for (const objectType of objectTypesOf(spec)) {
    const { completedAtMs, reading } = await dependencies.store.catalogueState(place, objectType);
    if (isDue(completedAtMs) || reading || turnedUp.includes(objectType)) {
      await readWhole(dependencies, caller, place, objectType, track);
      continue;
    }
    const { unknown } = await wantedFromStore(dependencies, place, spec, objectType);
    const ids = unknown.filter((id) => /^\d+$/.test(id));
    if (ids.length > 0) await lookUp(dependencies, caller, place, objectType, ids);
  }
};

export const refreshCatalogue =
  (dependencies: Dependencies) =>
  (run: RunRef): Promise<CatalogueRefreshed> =>
    tracked(async (track) => {
      const spec = await claimedSpec(dependencies, run);
      await refreshCatalogueOf(dependencies, run.place, spec, run.credential, track);
      return { apiCalls: track.apiCalls };
    });
