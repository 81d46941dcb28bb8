// From a spec, what the store holds and the time to what planning needs: wanted objects, periods, freshness.
import { datasetOf, isListed, isOfDataset, type Dataset, type ListedType } from './object-types.js';
import type { CoverageRow, KnownObject } from './coverage.js';
import { dateOf, midnightMs, type DateRange } from './dates.js';
import type { FailedChunk, Need } from './gaps.js';
import { findNames } from './names.js';
import type { DataflowSpec } from './spec.js';
import { periodsIn, rollingWindow } from './window.js';

/** What the catalogue holds of one object type; null objects if it was never read through. */
export interface Catalogue {
  objects: readonly (KnownObject & { name: string | null })[] | null;
}

/** The lists of the catalogue that a spec needs. */
export const objectTypesOf = (spec: DataflowSpec): ListedType[] => [
  ...new Set(spec.source.objects.map(({ type }) => type).filter(isListed)),
];

/** The datasets of a spec: its object types, and each of them by the breakdowns of its entries. */
export const datasetsOf = ({ source: { objects } }: Pick<DataflowSpec, 'source'>): Dataset[] => {
  return [...new Set(objects.map(({ type }) => type))].flatMap((objectType) => {
    const own = objects.filter(({ type }) => type === objectType);
    const breakdowns = new Set(own.flatMap((selection) => selection.breakdowns ?? []));
    return [{ objectType }, ...[...breakdowns].map((breakdown) => ({ objectType, breakdown }))];
  });
};

export interface WantedObjects {
  selection: Need['selection'];
  objects: readonly KnownObject[] | null;
  unknown: UnknownObjects;
}

/** What a spec names and the account does not have. */
export interface UnknownObjects {
  ids: string[];
  /** Names and patterns that find nothing. */
  names: string[];
}

/** Which objects of a dataset a spec wants, as far as the catalogue is known. */
export const wantedObjects = (
  spec: DataflowSpec,
  { objectType, breakdown }: Dataset,
  { objects }: Catalogue,
): WantedObjects => {
  const none = { ids: [], names: [] };
  if (!isListed(objectType)) {
    const itself = { id: spec.connection.adAccountId, firstSeenMs: 0 };
    return { selection: 'some', objects: [itself], unknown: none };
  }
  const selections = spec.source.objects.filter(
    ({ type, breakdowns = [] }) =>
      type === objectType && (breakdown === undefined || breakdowns.includes(breakdown)),
  );
  if (selections.some(({ ids }) => ids === 'all')) return { selection: 'all', objects, unknown: none };

  const ids = new Set(selections.flatMap((selection) => (Array.isArray(selection.ids) ? selection.ids : [])));
  const names = selections.flatMap((selection) => selection.names ?? []);
  if (objects === null) {
    // Ids can be asked for without the catalogue; names cannot.
    return { selection: 'some', objects: [...ids].map((id) => ({ id, firstSeenMs: 0 })), unknown: none };
  }
  const found = findNames(
    names,
    objects.map(({ name }) => name),
  );
  const places = new Set(found.flat());
  const chosen = objects.filter(({ id }, place) => ids.has(id) || places.has(place));
  const have = new Set(chosen.map(({ id }) => id));
  return {
    selection: 'some',
    objects: chosen,
    unknown: {
      ids: [...ids].filter((id) => !have.has(id)),
      names: names.filter((_, i) => found[i]!.length === 0),
    },
  };
};

/** Attribution settings as coverage carries them. */
export const attributionOf = ({ source: { attribution: a } }: DataflowSpec): string =>
  [a.clickWindowDays, a.engagementWindowDays, a.viewWindowDays, a.conversionReportTime].join('/');

export const windowOf = (spec: DataflowSpec, nowMs: number): DateRange =>
  spec.window ?? rollingWindow(dateOf(nowMs), spec.source.backfillDays);

export interface RunMoment {
  /** When the run started, server's time. */
  startedAtMs: number;
  nowMs: number;
}

export const needOf = (
  spec: DataflowSpec,
  dataset: Dataset,
  wanted: Pick<WantedObjects, 'selection' | 'objects'>,
  coverage: readonly CoverageRow[],
  { startedAtMs, nowMs }: RunMoment,
  failed: readonly FailedChunk[] = [],
): Need => {
  const today = dateOf(nowMs);
  return {
    ...datasetOf(dataset),
    selection: wanted.selection,
    objects: wanted.objects,
    periods: periodsIn(windowOf(spec, nowMs), spec.source.granularity, today),
    coverage,
    criteria: {
      columns: spec.source.columns,
      attribution: attributionOf(spec),
      granularity: spec.source.granularity,
      restateDays: spec.source.restateDays,
      freshSinceMs: spec.window ? startedAtMs : Math.max(startedAtMs, midnightMs(today)),
      rereadFinal: spec.window !== undefined && !spec.repairs,
      ...(spec.repairs && { onlyIncomplete: true }),
    },
    failed: failed.filter(({ chunk }) => isOfDataset(chunk, dataset)),
  };
};
