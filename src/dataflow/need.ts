// From a spec, what the store holds and the time to what planning needs: wanted objects, periods, freshness.
import { datasetOf, isOfDataset, type Dataset, type ObjectType } from './object-types.js';
import type { CoverageRow, KnownObject } from './coverage.js';
import { dateOf, midnightMs, type DateRange } from './dates.js';
import type { FailedChunk, Need } from './gaps.js';
import type { DataflowSpec } from './spec.js';
import { periodsIn, rollingWindow } from './window.js';

/** What the catalogue holds of one object type; null objects if it was never read through. */
export interface Catalogue {
  objects: readonly (KnownObject & { name: string | null })[] | null;
}

/** `spring *` matches "Spring Sale 2026": `*` is a wildcard, case does not count. */
export const matchesName = (pattern: string, name: string): boolean => {
  const escaped = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`, 'isu').test(name);
};

/** The object types of a spec: the lists of the catalogue that it needs. */
export const objectTypesOf = (spec: DataflowSpec): ObjectType[] => [
  ...new Set(spec.source.objects.map(({ type }) => type)),
];

/** The datasets of a spec. */
export const datasetsOf = (spec: DataflowSpec): Dataset[] =>
  objectTypesOf(spec).map((objectType) => ({ objectType }));

export interface WantedObjects {
  selection: Need['selection'];
  objects: readonly KnownObject[] | null;
  /** Ids and names that the account does not have. */
  unknown: string[];
}

/** Which objects of a dataset a spec wants, as far as the catalogue is known. */
export const wantedObjects = (
  spec: DataflowSpec,
  { objectType }: Dataset,
  { objects }: Catalogue,
): WantedObjects => {
  const selections = spec.source.objects.filter(({ type }) => type === objectType);
  if (selections.some(({ ids }) => ids === 'all')) return { selection: 'all', objects, unknown: [] };

  const ids = new Set(selections.flatMap((selection) => (Array.isArray(selection.ids) ? selection.ids : [])));
  const names = selections.flatMap((selection) => selection.names ?? []);
  if (objects === null) {
    // Ids can be asked for without the catalogue; names cannot.
    return { selection: 'some', objects: [...ids].map((id) => ({ id, firstSeenMs: 0 })), unknown: [] };
  }
  const chosen = objects.filter(
    ({ id, name }) => ids.has(id) || (name !== null && names.some((pattern) => matchesName(pattern, name))),
  );
  const have = new Set(chosen.map(({ id }) => id));
  const unmatched = names.filter(
    (pattern) => !objects.some(({ name }) => name !== null && matchesName(pattern, name)),
  );
  return {
    selection: 'some',
    objects: chosen,
    unknown: [...[...ids].filter((id) => !have.has(id)), ...unmatched.map((name) => JSON.stringify(name))],
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
      rereadFinal: spec.window !== undefined,
    },
    failed: failed.filter(({ chunk }) => isOfDataset(chunk, dataset)),
  };
};
