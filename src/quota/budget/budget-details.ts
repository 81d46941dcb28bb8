// The budget as Temporal's Web UI shows it among a workflow's details: tables, short enough to be made with every event.
import { detailsTable } from '../../details-table.js';
import type { BudgetView } from './budget-view.js';

/** Rows of a table. */
const SHOWN = 20;

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] => {
  const more = rows.length > SHOWN ? ['', `… and ${rows.length - SHOWN} more`] : [];
  return ['', ...detailsTable(head, rows.slice(0, SHOWN)), ...more];
};

/** To the second. */
const shortly = (time: string): string => `${time.slice(0, 19)}Z`;

/** Markdown. */
export const budgetDetails = (budget: BudgetView): string => {
  const { asOf, callsLeft, heldBack, limits, dataflows, waiting } = budget;
  const now = heldBack
    ? `no call may leave until ${heldBack.until}: ${heldBack.why.replaceAll('\n', ' ')}`
    : `${callsLeft} may leave now`;
  return [
    `**API calls of one Pinterest app**, as of ${shortly(asOf)}: ${now}`,
    ...table(
      ['limit', 'left', 'spent', 'held by workers', 'next free'],
      limits.map(({ limit, callsLeft: left, spent, leased, nextFree: [next] }) => [
        limit,
        left,
        spent,
        leased,
        next ? `${next.calls} at ${shortly(next.at)}` : 'all are',
      ]),
    ),
    ...table(
      ['dataflow', 'spent', 'held by workers'],
      dataflows.map(({ dataflow, spent, leased }) => [
        dataflow,
        Object.entries(spent)
          .map(([limit, calls]) => `${calls} of ${limit}`)
          .join(', '),
        leased,
      ]),
    ),
    ...table(
      ['waiting', 'calls', 'class', 'until'],
      waiting.map(({ dataflow, needs, class: leaseClass, until }) => [
        dataflow,
        needs,
        leaseClass,
        shortly(until),
      ]),
    ),
    '',
    'The query **budget** says the same of this very moment.',
  ].join('\n');
};
