// Rows of a Parquet file → a file of JSON lines, made by the engine: flat in memory, and no row is a JavaScript object.
import { Engine } from '../../../engine/engine.js';
import { literal } from '../../../engine/sql-text.js';
import type { Outgoing } from '../../target.js';
import type { RowField } from './row-shape.js';

/** Of an object: each an expression, or an object itself. */
interface Members {
  [name: string]: string | Members;
}

const membersOf = (fields: readonly Pick<RowField, 'path' | 'json'>[]): Members => {
  const members: Members = {};
  for (const { path, json } of fields) {
    let at = members;
    for (const name of path.slice(0, -1)) {
      at[name] ??= {};
      at = at[name] as Members;
    }
    at[path.at(-1)!] = json;
  }
  return members;
};

/** An object's JSON. `concat_ws` leaves out a member that is NULL, its name with it. */
const objectJson = (object: Members): string => {
  const members = Object.entries(object).map(([name, value]) => {
    const json = typeof value === 'string' ? `(${value})` : objectJson(value);
    return `${literal(`${JSON.stringify(name)}:`)} || ${json}`;
  });
  return `'{' || concat_ws(',', ${members.join(', ')}) || '}'`;
};

/** No JSON holds it: control characters are escaped. */
const NEVER = '\u0001';

/** One line a row, values that are absent left out. */
export const writeJsonLines = async (
  { file, workFolder }: Pick<Outgoing, 'file' | 'workFolder'>,
  fields: readonly Pick<RowField, 'path' | 'json'>[],
  to: string,
): Promise<void> => {
  const line = objectJson(membersOf(fields));
  const engine = await Engine.open(workFolder);
  try {
    await engine.run(
      `COPY (SELECT ${line} FROM read_parquet(${literal(file)})) TO ${literal(to)}
       (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER ${literal(NEVER)})`,
    );
  } finally {
    engine.close();
  }
};
