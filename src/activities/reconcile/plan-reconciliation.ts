// The first step of a reconciliation: what is asked is checked, and which totals to ask Pinterest for. No call is spent.
import { whyNotAdded } from '../../dataflow/columns.js';
import { addDays, dateOf, earlier, later, type DateRange } from '../../dataflow/dates.js';
import { didYouMean } from '../../dataflow/did-you-mean.js';
import { FURTHEST_BACK, furthestDate } from '../../dataflow/guardrails.js';
import { InvalidSpec, shown, type SpecProblem } from '../../dataflow/invalid-spec.js';
import { parseReconcile, type ReconcileInput } from '../../dataflow/parse-question.js';
import { askForTotals, type Questions } from '../../dataflow/reconcile/questions.js';
import type { DataflowSpec } from '../../dataflow/spec.js';
import type { Dependencies } from '../dependencies.js';
import { scheduledAtMs } from '../run.js';
import { needsOf, settingsOf, type Compared } from './compared.js';

export interface NotCompared {
  column: string;
  why: string;
}

export interface PlannedReconciliation extends Questions {
  compared: Compared;
  notCompared: NotCompared[];
  repair: boolean;
  reportPollMs: number;
}

const refused = (...problems: SpecProblem[]): InvalidSpec =>
  new InvalidSpec(problems, { whole: 'input', says: 'reconcile cannot run with this input' });

/** @throws InvalidSpec if the store has no such dataflow, or several ad accounts of it and none is named */
const specOf = async (
  { store }: Dependencies,
  { name, adAccountId }: ReconcileInput,
): Promise<DataflowSpec> => {
  const names = await store.holdings.names();
  if (!names.includes(name))
    throw refused({
      path: 'name',
      message: `no dataflow ${shown(name)} is in this store.${didYouMean(name, names)}`,
    });
  const claims = await store.claims.all(name);
  const accounts = claims.map((claim) => claim.adAccountId);
  const chosen = adAccountId ?? (accounts.length === 1 ? accounts[0] : undefined);
  const claim = claims.find((one) => one.adAccountId === chosen);
  if (claim) return claim.spec;
  const held = accounts.length > 0 ? accounts.join(', ') : 'no ad account';
  const message = adAccountId
    ? `${name} holds nothing of ${adAccountId}; it holds ${held}`
    : `${name} holds ${held}: name one`;
  throw refused({ path: 'adAccountId', message });
};

/** Whole periods of these are compared with totals; an HOUR has no total, and a TOTAL is one. */
const ADDED_UP = ['DAY', 'WEEK', 'MONTH'];

const windowOf = ({ from, to }: ReconcileInput, { source }: DataflowSpec, today: string): DateRange => {
  const furthest = furthestDate(today, FURTHEST_BACK.other);
  return {
    from: later(from ?? addDays(today, -(source.backfillDays - 1)), furthest),
    to: earlier(to ?? today, today),
  };
};

const columnsOf = (input: ReconcileInput, { source }: DataflowSpec): [string[], NotCompared[]] => {
  const unread = (input.columns ?? []).filter((column) => !source.columns.includes(column));
  if (unread.length > 0)
    throw refused({
      path: 'columns',
      message: `${unread.join(', ')}: ${input.name} does not read it; it reads ${source.columns.join(', ')}`,
    });
  const asked = input.columns ?? source.columns;
  const notCompared = asked.flatMap((column) => {
    const why = whyNotAdded(column);
    return why === null ? [] : [{ column, why: `${column} ${why}: its days do not add up to its total` }];
  });
  return [asked.filter((column) => whyNotAdded(column) === null), notCompared];
};

export const planReconciliation =
  (dependencies: Dependencies) =>
  async ({ input: given }: { input: unknown }): Promise<PlannedReconciliation> => {
    const input = parseReconcile(given);
    const today = dateOf(scheduledAtMs());
    const { from, to } = input;
    if (from !== undefined && to !== undefined && from > to)
      throw refused({ path: 'to', message: `${to} lies before from, ${from}` });
    const spec = await specOf(dependencies, input);
    const { granularity } = spec.source;
    if (!ADDED_UP.includes(granularity))
      throw refused({
        path: 'name',
        message: `${input.name} holds ${granularity} numbers, and only those by DAY, WEEK or MONTH are compared with Pinterest's totals`,
      });
    const window = windowOf(input, spec, today);
    const [columns, notCompared] = columnsOf(input, spec);
    const account = { dataflow: spec.name, adAccountId: spec.connection.adAccountId };
    const needs = columns.length > 0 ? await needsOf(dependencies, account, { ...spec, window }) : [];
    const questions = askForTotals(needs, settingsOf(spec, columns));
    return {
      ...questions,
      compared: { account, credential: spec.connection.credential, window, columns },
      notCompared,
      repair: input.repair,
      reportPollMs: dependencies.reportPollMs,
    };
  };
