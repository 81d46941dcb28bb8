// Rows of a Parquet file → a file of JSON lines, made by the engine: flat in memory, and no row is a JavaScript object.
import { Engine } from '../../../engine/engine.js';
import { literal } from '../../../engine/sql-text.js';
import type { Outgoing } from '../../target.js';
import type { RowField } from './row-shape.js';

type Field = Pick<RowField, 'path' | 'json' | 'absent'>;

/** Of an object: each a field, or an object itself. */
interface Members {
  [name: string]: Field | Members;
}

const isField = (member: Field | Members): member is Field => typeof member['json'] === 'string';

const membersOf = (fields: readonly Field[]): Members => {
  const members: Members = {};
  for (const field of fields) {
    let at = members;
    for (const name of field.path.slice(0, -1)) {
      at[name] ??= {};
      at = at[name] as Members;
    }
    at[field.path.at(-1)!] = field;
  }
  return members;
};

/** An object's JSON as pieces for `concat`, which leaves out those that are NULL: a name is one, its value another. */
const piecesOf = (object: Members): string[] => {
  const members = Object.entries(object);
  const [, first] = members[0]!;
  // Without one that is always there, nobody knows which begins without a comma.
  if (!isField(first) || first.absent !== undefined) return [joined(members)];
  const pieces = members.flatMap(([name, member], i) => {
    const key = literal(`${i === 0 ? '{' : ','}${JSON.stringify(name)}:`);
    if (!isField(member)) return [key, ...piecesOf(member)];
    const { json, absent } = member;
    return [absent === undefined ? key : `CASE WHEN ${absent} THEN NULL ELSE ${key} END`, json];
  });
  return [...pieces, literal('}')];
};

const joined = (members: readonly [name: string, member: Field | Members][]): string => {
  const texts = members.map(([name, member]) => {
    const json = isField(member) ? `(${member.json})` : `concat(${piecesOf(member).join(', ')})`;
    return `${literal(`${JSON.stringify(name)}:`)} || ${json}`;
  });
  return `'{' || concat_ws(',', ${texts.join(', ')}) || '}'`;
};

/** No JSON holds it: control characters are escaped. */
const NEVER = '\u0001';

/** One line a row, values that are absent left out. */
export const writeJsonLines = async (
  { file, workFolder }: Pick<Outgoing, 'file' | 'workFolder'>,
  fields: readonly Field[],
  to: string,
): Promise<void> => {
  const line = `concat(${piecesOf(membersOf(fields)).join(', ')})`;
  const engine = await Engine.open(workFolder);
  try {
    await engine.makeRoomFor(fields.length);
    await engine.run(
      `COPY (SELECT ${line} FROM read_parquet(${literal(file)})) TO ${literal(to)}
       (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER ${literal(NEVER)})`,
    );
  } finally {
    engine.close();
  }
};
