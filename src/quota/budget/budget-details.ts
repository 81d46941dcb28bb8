// The budget as Temporal's Web UI shows it among a workflow's details: tables, short enough to be made with every event.
import type { BudgetView } from './budget-view.js';

/** Rows of a table. */
const SHOWN = 20;

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] => {
  if (rows.length === 0) return [];
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  const more = rows.length > SHOWN ? ['', `… and ${rows.length - SHOWN} more`] : [];
  return ['', line(head), line(head.map(() => '---')), ...rows.slice(0, SHOWN).map(line), ...more];
};

/** Markdown. */
export const budgetDetails = (budget: BudgetView): string => {
  const { asOf, callsLeft, heldBack, limits, dataflows, waiting } = budget;
  const now = heldBack
    ? `no call may leave until ${heldBack.until}: ${heldBack.why.replaceAll('\n', ' ')}`
    : `${callsLeft} may leave now`;
  return [
    `**API calls of one Pinterest app**, as of ${asOf}: ${now}`,
    ...table(
      ['limit', 'left', 'spent', 'held by workers', 'next free'],
      limits.map(({ limit, callsLeft: left, spent, leased, nextFree: [next] }) => [
        limit,
        left,
        spent,
        leased,
        next ? `${next.calls} at ${next.at}` : 'all are',
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
      ['waits for calls', 'calls', 'for', 'until'],
      waiting.map(({ dataflow, needs, class: leaseClass, until }) => [dataflow, needs, leaseClass, until]),
    ),
    '',
    'The query **budget** says the same of this very moment.',
  ].join('\n');
};
