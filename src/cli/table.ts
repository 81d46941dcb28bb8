// Tables for people.
import Table from 'cli-table3';

const LONGEST_CELL = 60;

const shown = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > LONGEST_CELL ? `${text.slice(0, LONGEST_CELL - 1)}…` : text;
};

/** Rows under their head; a value that is not there is left blank. */
export const table = (head: readonly string[], rows: readonly (readonly unknown[])[]): string => {
  const drawn = new Table({ head: [...head], style: { head: [], border: [] } });
  for (const row of rows) drawn.push(row.map(shown));
  return drawn.toString();
};

/** `2026-11-28 14:00 UTC` */
export const time = (iso: string | null): string =>
  iso === null ? '' : `${iso.slice(0, 16).replace('T', ' ')} UTC`;
