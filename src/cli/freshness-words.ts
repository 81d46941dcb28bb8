// How far a table is current, in a person's words: the same states as in the view `freshness`.
import type { DataflowStatus } from '../client.js';

type Coverage = DataflowStatus['coverage'][number];

/** `final to 2026-10-27, provisional to 2026-11-28`, `never read`. */
export const stateOf = ({
  from,
  to,
  finalTo,
  staleCells,
}: Omit<Coverage, 'adAccountId' | 'objectType'>): string => {
  if (from === null) return 'never read';
  if (finalTo !== null && to !== null && finalTo >= to && staleCells === 0) return `final to ${finalTo}`;
  // Of what is held beyond the final dates, some is stale: it is not as of today.
  const rest = `${staleCells > 0 ? 'held' : 'provisional'} to ${to}`;
  return finalTo === null ? rest : `final to ${finalTo}, ${rest}`;
};

/** `640 cells` that are stale: not as of today. */
export const staleOf = ({ staleCells }: Pick<Coverage, 'staleCells'>): string =>
  staleCells === 0 ? 'none' : `${staleCells} ${staleCells === 1 ? 'cell' : 'cells'}`;
