// How settled the numbers of a date are, as the view `freshness` says it.

/** The most settled first. */
export const DATE_STATES = ['final', 'provisional', 'stale', 'never read'] as const;
export type DateState = (typeof DATE_STATES)[number];

/** The state of several together is that of the least settled. */
export const leastSettled = (counts: Readonly<Record<DateState, number>>): DateState =>
  DATE_STATES.toReversed().find((state) => counts[state] > 0) ?? 'never read';
