// The newest rows of a staged answer, for a person to look at.
import { Engine } from '../engine/engine.js';
import { literal } from '../engine/sql-text.js';

/** Ids and dates as texts, numbers as numbers; absent values are null. */
export type ReadRow = Record<string, string | number | null>;

/**
 * At most so many rows, the newest dates first.
 * @param files as `StagedAnswer` has them
 * @param folder for what the engine cannot keep in memory
 */
export const newestRows = async (
  files: readonly string[],
  most: number,
  folder: string,
): Promise<ReadRow[]> => {
  if (files.length === 0) return [];
  const engine = await Engine.open(folder);
  try {
    const rows = `read_parquet([${files.map(literal).join(', ')}])`;
    return (await engine.rows(
      `SELECT * FROM ${rows} ORDER BY date DESC, object_id LIMIT ${most}`,
    )) as ReadRow[];
  } finally {
    engine.close();
  }
};
