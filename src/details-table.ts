// Tables in the details of Temporal's Web UI, as Markdown. It puts no space between two cells, so that numbers side by side would
// be read as one.

/** Not taken away from a cell's end, as plain spaces are. */
const APART = '\u00a0\u00a0';

const line = (cells: readonly (string | number)[]): string =>
  `| ${cells.map((cell) => `${String(cell).replaceAll('|', '/').replaceAll('\n', ' ')}${APART}`).join(' | ')} |`;

/** Its lines; none without rows. */
export const detailsTable = (
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string[] => (rows.length === 0 ? [] : [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)]);
