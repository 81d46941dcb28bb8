// Is it right? What the last comparison with Pinterest's own totals found, in words, and what differed.
import { plural } from '../../number-words.js';
import { differ, type DifferenceKind } from '../../dataflow/reconcile/differences.js';
import type { Reconciliation } from '../../dataflow/reconcile/reconciliation.js';
import { factsOf } from '../../dataflow/object-types.js';
import type { LastReconciliation } from '../../store/figures/reconciled.js';
import type { Granularity } from '../../dataflow/chunk.js';
import type { ReportFacts } from '../facts.js';
import { html, type Html } from '../html.js';
import { details, nothing, number, table, type Section } from '../parts.js';
import { amount, range, time } from '../words.js';

const MEANS: Readonly<Record<DifferenceKind, string>> = {
  wrong: 'one date of one object explains it, and it was final when it was read',
  restated: 'Pinterest has revised the date since it was read; the next run brings it',
  unexplained: 'no date of an object that the store holds explains it',
};

const MOST_SHOWN = 10;
const plain = (value: number): string => amount(value, { money: false });

const differencesOf = ({ differences, differencesNotListed = 0 }: Reconciliation, caption: string): Html => {
  const kinds = (Object.keys(MEANS) as DifferenceKind[]).filter((kind) =>
    differences.some((one) => one.kind === kind),
  );
  const left = differences.length + differencesNotListed - MOST_SHOWN;
  return html`${table(
      caption,
      [
        { name: 'What' },
        { name: 'Of' },
        { name: 'Dates' },
        { name: 'Column' },
        number('store'),
        number('Pinterest'),
      ],
      differences
        .slice(0, MOST_SHOWN)
        .map(({ kind, objectType, id, column, store, pinterest, ...dates }) => [
          kind,
          `${factsOf(objectType).nouns[0]} ${id}`,
          range(dates),
          column,
          plain(store),
          plain(pinterest),
        ]),
    )}
    <p class="note">
      ${left > 0 ? `${plural(left, 'more difference')} in the table reconciliations. ` : null}${kinds.map((kind) => html`<b>${kind}</b>: ${MEANS[kind]}. `)}
    </p>`;
};

/** The columns, or dates and objects, that were left out, by reason. */
const notComparedOf = ({ notCompared }: Reconciliation): Html | null => {
  if (notCompared.length === 0) return null;
  const reasons = [...new Set(notCompared.map(({ why }) => why))];
  return details(
    'What was not compared, and why',
    html`<ul>
      ${reasons.map((why) => {
        const columns = notCompared
          .filter((one) => one.why === why && one.column !== '*')
          .map(({ column }) => column);
        return html`<li>${columns.length > 0 ? html`${columns.join(', ')}: ` : null}${why}</li>`;
      })}
    </ul>`,
  );
};

const one = (dataflow: string, { completedAtMs, found }: LastReconciliation, account: string): Html => {
  const { status, checks, window } = found;
  const same = checks.filter(({ store, pinterest }) => !differ(store, pinterest)).length;
  const asOf = html`${account ? `${account}: compared` : 'Compared'} with Pinterest’s own totals on
  ${time(completedAtMs)}, ${range(window)}.`;
  const sums = `${same} of ${plural(checks.length, 'sum')} were the same`;
  const caption = `What differed${account ? `, ${account}` : ''}`;
  if (checks.length === 0 && status === 'match')
    return html`<p>${asOf} <b>Nothing could be compared.</b></p>
      ${notComparedOf(found)}`;
  if (status === 'match')
    return html`<p>${asOf} <b>It matches</b>: all ${plural(checks.length, 'sum')} were the same.</p>
      ${notComparedOf(found)}`;
  return html`<p>
      ${asOf}
      ${
        status === 'repaired'
          ? html`<b>It differed, and was repaired</b>: ${sums}, and what differed was read again.`
          : html`<b>It differs</b>: ${sums}.
              <code>npx pinterest-ads reconcile ${dataflow} <span class="whole">--repair</span></code>
              compares again, and reads again what is wrong.`
      }
    </p>
    ${differencesOf(found, caption)} ${notComparedOf(found)}`;
};

const neverCompared = (dataflow: string, granularity: Granularity | undefined): Html =>
  granularity === 'HOUR' || granularity === 'TOTAL'
    ? nothing(
        `Numbers by ${granularity} are not compared with Pinterest’s own totals; those by DAY, WEEK or MONTH can be.`,
      )
    : html`${nothing('Nobody has compared these numbers with Pinterest’s own totals yet.')}
        <p><code>npx pinterest-ads reconcile ${dataflow}</code> does so for a few API calls.</p>`;

export const reconciledSection = ({ dataflow, freshness, reconciled, accounts }: ReportFacts): Section => {
  const left = reconciled.accounts - reconciled.listed.length;
  const never = accounts.count - reconciled.accounts;
  const nameOf = (id: string): string =>
    accounts.count < 2 ? '' : (accounts.listed.find((account) => account.id === id)?.name ?? id);
  return {
    id: 'reconciled',
    title: 'Is it right?',
    content:
      reconciled.accounts === 0
        ? neverCompared(dataflow, freshness[0]?.granularity)
        : html`${reconciled.listed.map((last) => one(dataflow, last, nameOf(last.found.adAccountId)))}
          ${left > 0 ? html`<p class="note">${plural(left, 'more ad account')}, compared less lately: in the table <code>reconciliations</code>.</p>` : null}
          ${never > 0 ? html`<p class="note">${plural(never, 'ad account')} never compared.</p>` : null}`,
  };
};
