// The newest rows that a spec would bring, under the store's names: a page of catalogue and one call for numbers.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { methodReads, metricsOf, storeName } from '../../dataflow/columns.js';
import type { Method } from '../../dataflow/chunk.js';
import {
  addDays,
  dateOf,
  daysIn,
  earlier,
  later,
  type DateOnly,
  type DateRange,
} from '../../dataflow/dates.js';
import { furthestDate, limitsOf } from '../../dataflow/guardrails.js';
import { findNames } from '../../dataflow/names.js';
import { datasetsOf, windowOf } from '../../dataflow/need.js';
import { describeIds, factsOf, isListed, type ObjectType } from '../../dataflow/object-types.js';
import { parseSpec } from '../../dataflow/parse-spec.js';
import type { DataflowSpec } from '../../dataflow/spec.js';
import { periodsIn } from '../../dataflow/window.js';
import { newestRows, type ReadRow } from '../../loading/newest-rows.js';
import { Staging } from '../../loading/staging.js';
import { fetchAnalytics } from '../../pinterest/analytics.js';
import { fetchCataloguePage, type CatalogueItem } from '../../pinterest/catalogue.js';
import { createReport, pollReport } from '../../pinterest/reports.js';
import { PAGE_SIZE } from '../../pinterest/page.js';
import type { Extraction } from '../../pinterest/request.js';
import type { Caller } from '../../pinterest/transport.js';
import { analyticsTable, type Column } from '../../store/tables.js';
import type { Dependencies } from '../dependencies.js';
import { counts } from '../interceptors/count-calls.js';
import { addAnswer, addDownload } from '../load-chunk.js';
import { shapeOf } from '../prepare-run.js';
import { scheduledAtMs } from '../run.js';
import { asking, Fitting, type Problem } from './answer.js';
import { mappedRows, type MappedRows } from './mapped-rows.js';

export interface PreviewColumn {
  /** As Pinterest's API calls it. */
  column: string;
  /** As the store does. */
  name: string;
  /** The store's type: TEXT, DATE, SMALLINT or DOUBLE. */
  type: string;
}

export interface Preview {
  /** The first of the spec. */
  objectType: ObjectType;
  /** The dates that were asked for. */
  window: DateRange;
  columns: PreviewColumn[];
  /** The newest first; a value that Pinterest left out is null. */
  rows: ReadRow[];
  apiCalls: number;
  /** Only if a target of the spec has a mapping: the first rows as it would send them. */
  mapped?: MappedRows[];
  /** Only if something is wrong that a person can mend. */
  problems?: Problem[];
}

/** A report that is being made; ids of up to 20 digits, a page of them. */
export interface PendingReport {
  token: string;
  ids: string[];
  apiCalls: number;
}

const MOST_ROWS = 100;
/** Periods to ask for: enough for a look, few enough that the answer of a page of objects stays small. */
const PERIODS = { TOTAL: 1, DAY: 7, HOUR: 2, WEEK: 2, MONTH: 2 } as const;

interface Question {
  spec: DataflowSpec;
  objectType: ObjectType;
  method: Method;
  window: DateRange;
}

/** The newest dates of a spec, and how they can be read. */
const questionOf = (spec: DataflowSpec, today: DateOnly): Question => {
  const { objectType } = datasetsOf(spec)[0]!;
  const { granularity, columns, api } = spec.source;
  const whole = windowOf(spec, scheduledAtMs());
  const newest = periodsIn(whole, granularity, today).slice(-PERIODS[granularity]);
  const window = {
    from: newest[0]?.from ?? whole.from,
    to: earlier(newest.at(-1)?.to ?? whole.to, later(today, whole.from)),
  };
  const { daysBack, rangeDays } = limitsOf(api, 'analytics', granularity);
  const reached = window.to >= furthestDate(today, daysBack);
  if (!methodReads('analytics', columns) || !reached) return { spec, objectType, method: 'report', window };
  const from = later(window.from, furthestDate(today, daysBack));
  const cut = daysIn({ from, to: window.to }) > rangeDays ? addDays(window.to, -(rangeDays - 1)) : from;
  return { spec, objectType, method: 'analytics', window: { from: cut, to: window.to } };
};

/** One page of what the spec names, the newest objects first. */
const objectsOf = async (
  { transport }: Dependencies,
  caller: Caller,
  { spec, objectType }: Question,
): Promise<Pick<CatalogueItem, 'id'>[]> => {
  if (!isListed(objectType)) return [{ id: spec.connection.adAccountId }];
  const selections = spec.source.objects.filter(({ type }) => type === objectType);
  const ids = selections.flatMap((selection) => (Array.isArray(selection.ids) ? selection.ids : []));
  const names = selections.flatMap((selection) => selection.names ?? []);
  const all = selections.some((selection) => selection.ids === 'all');
  const from =
    all || names.length > 0
      ? { bookmark: null, newestFirst: true }
      : { ids: ids.filter((id) => id.length <= 18).slice(0, PAGE_SIZE) };
  const { items } = await fetchCataloguePage(
    transport,
    caller,
    spec.connection.adAccountId,
    objectType,
    from,
  );
  if (all) return items;
  const found = findNames(
    names,
    items.map(({ name }) => (typeof name === 'string' ? name : null)),
  ).flat();
  return items.filter(({ id }, place) => ids.includes(id) || found.includes(place));
};

const extractionOf = (question: Question, ids: string[]): Extraction & { ids: string[] } => {
  const { spec, objectType, window } = question;
  const { granularity, columns, attribution } = spec.source;
  const { adAccountId } = spec.connection;
  return { adAccountId, objectType, ids, ...window, granularity, columns, attribution };
};

/** How the store's columns are called here and there; those that only the store fills are left out. */
const columnsOf = ({ spec, objectType }: Question): PreviewColumn[] =>
  analyticsTable(shapeOf(spec, { objectType }))
    .columns.filter(({ name }) => name !== '_loaded_at')
    .map(({ name, type }: Column) => ({
      column: name.toUpperCase(),
      name,
      type: type === 'DOUBLE PRECISION' ? 'DOUBLE' : type,
    }));

/** Takes an answer in as a load does, and reads its newest rows. */
const rowsOf = async (
  { workFolder }: Dependencies,
  question: Question,
  objects: readonly Pick<CatalogueItem, 'id'>[],
  add: (staging: Staging) => Promise<void>,
): Promise<ReadRow[]> => {
  const { spec, objectType, window, method } = question;
  const { granularity, columns } = spec.source;
  const folder = join(workFolder, randomUUID());
  const staging = await Staging.open(folder, {
    objectType,
    granularity,
    listOnly: method === 'analytics',
    ...window,
    columns: metricsOf(objectType, columns),
  });
  try {
    await add(staging);
    const { rowFiles } = await staging.finish();
    const read = await newestRows(rowFiles, MOST_ROWS, folder);
    const known = new Map(objects.map((object) => [object.id, object as CatalogueItem]));
    const shown = columnsOf(question);
    const names = shown.map(({ name }) => name);
    const own = storeName(factsOf(objectType).idColumn);
    const fitting = new Fitting<ReadRow>(MOST_ROWS, shown);
    for (const row of read) {
      const id = row['object_id'] as string;
      const values = { ...row, ad_account_id: spec.connection.adAccountId, [own]: id } as ReadRow;
      // Where a row does not say what it belongs to, the catalogue does.
      const value = (name: string) => values[name] ?? (known.get(id)?.[name] as string | undefined) ?? null;
      if (!fitting.add(Object.fromEntries(names.map((name) => [name, value(name)])))) break;
    }
    return fitting.items;
  } finally {
    await staging.close();
  }
};

const questionFrom = async (dependencies: Dependencies, input: unknown): Promise<Question> => {
  const today = dateOf(scheduledAtMs());
  const spec = parseSpec(input, {
    credentials: await dependencies.credentials.names(),
    missingVariables: dependencies.targets.missing,
    today,
  });
  return questionOf(spec, today);
};

type Read = { rows: ReadRow[] } | { pending: PendingReport };

/** @param spent before this activity, by the preview it belongs to */
const answered = async (
  question: Question,
  read: { answer: Read } | { problem: Problem },
  spent = 0,
): Promise<Preview | { pending: PendingReport }> => {
  const apiCalls = spent + counts().apiCalls.total;
  const { objectType, window } = question;
  const answer = { objectType, window, columns: columnsOf(question) };
  if ('problem' in read) return { ...answer, rows: [], apiCalls, problems: [read.problem] };
  if ('pending' in read.answer) return { pending: { ...read.answer.pending, apiCalls } };
  const whole = { ...answer, rows: read.answer.rows, apiCalls };
  const mapped = await mappedRows(question.spec, whole);
  return { ...whole, ...(mapped.length > 0 && { mapped }) };
};

/** Answers, or asks for a report. */
export const preview =
  (dependencies: Dependencies) =>
  async ({ input }: { input: unknown }): Promise<Preview | { pending: PendingReport }> => {
    const question = await questionFrom(dependencies, input);
    const { method, spec } = question;
    const { transport } = dependencies;
    const read = async (caller: Caller): Promise<Read> => {
      const { ids: most } = limitsOf(spec.source.api, method, spec.source.granularity);
      const objects = (await objectsOf(dependencies, caller, question)).slice(0, most);
      const ids = objects.map(({ id }) => id);
      if (ids.length === 0) return { rows: [] };
      const extraction = extractionOf(question, ids);
      if (method === 'report')
        return { pending: { token: await createReport(transport, caller, extraction), ids, apiCalls: 0 } };
      const answer = await fetchAnalytics(transport, caller, extraction);
      const add = (staging: Staging) => addAnswer(staging, answer, ids, caller.counter);
      return { rows: await rowsOf(dependencies, question, objects, add) };
    };
    return answered(question, await asking(dependencies, spec.connection, read));
  };

/** Looks whether the report is ready. */
export const previewReport =
  (dependencies: Dependencies) =>
  async ({
    input,
    report,
  }: {
    input: unknown;
    report: PendingReport;
  }): Promise<Preview | { pending: PendingReport }> => {
    const question = await questionFrom(dependencies, input);
    const { objectType, window, spec } = question;
    const { token, ids } = report;
    const { transport } = dependencies;
    const what = `the report of ${describeIds(objectType, ids)}, ${window.from} to ${window.to}`;
    const read = async (caller: Caller): Promise<Read> => {
      const url = await pollReport(transport, caller, spec.connection.adAccountId, token, what);
      if (url === null) return { pending: report };
      const body = await transport.download(url, what, caller.signal);
      const objects = ids.map((id) => ({ id }));
      const add = (staging: Staging) => addDownload(staging, body, ids);
      return { rows: await rowsOf(dependencies, question, objects, add) };
    };
    return answered(question, await asking(dependencies, spec.connection, read), report.apiCalls);
  };
