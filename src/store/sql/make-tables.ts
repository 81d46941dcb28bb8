// A dataflow's schema and tables: made if absent, given the columns they lack. Safe to repeat, and side by side.
import { schemaName } from '../dataflow-account.js';
import { InvalidSpec } from '../../dataflow/invalid-spec.js';
import { MARKS, type Table } from '../tables.js';
import { literal, quote } from '../../engine/sql-text.js';
import type { Session } from './session.js';

const NAMES_TOLD = 5;

/**
 * A schema that somebody prepared is empty, one of ours has our tables.
 * @param held of our tables, what stands there
 * @throws InvalidSpec if it is neither
 */
export const refuseForeign = async (
  session: Session,
  dataflow: string,
  held: ReadonlyMap<string, unknown>,
): Promise<void> => {
  if (MARKS.every((name) => held.has(name))) return;
  const contents = await session.contents(dataflow);
  if (contents.length === 0 || MARKS.every((name) => contents.includes(name))) return;
  const more = contents.length > NAMES_TOLD ? ` and ${contents.length - NAMES_TOLD} more` : '';
  const message =
    `the schema ${schemaName(dataflow)} of this store belongs to another program: it holds ` +
    `${contents.slice(0, NAMES_TOLD).join(', ')}${more}, and not the tables of a dataflow; give this dataflow another name`;
  throw new InvalidSpec([{ path: 'name', message }]);
};

/** Writes what columns mean beside them; both databases keep that. */
const explain = async (
  session: Session,
  dataflow: string,
  { name: table, columns }: Pick<Table, 'name' | 'columns'>,
): Promise<void> => {
  for (const { name, comment } of columns)
    if (comment !== undefined)
      await session.run(
        `COMMENT ON COLUMN ${session.table(dataflow, table)}.${quote(name)} IS ${literal(comment)}`,
      );
};

/** @throws InvalidSpec if the schema is not a dataflow's */
export const makeTables = (session: Session, dataflow: string, tables: readonly Table[]): Promise<void> =>
  session.transaction(async () => {
    await session.lock(`${dataflow}/tables`);
    const names = [...MARKS, ...tables.map(({ name }) => name)];
    const held = await session.columns(dataflow, [...new Set(names)]);
    await refuseForeign(session, dataflow, held);
    await session.createSchema(dataflow);
    for (const table of tables) {
      const columns = held.get(table.name);
      if (!columns) {
        await session.createTable(dataflow, table);
        await explain(session, dataflow, table);
      } else {
        const absent = table.columns.filter(({ name }) => !columns.includes(name));
        for (const { name, type } of absent)
          await session.run(
            `ALTER TABLE ${session.table(dataflow, table.name)} ADD COLUMN ${quote(name)} ${type}`,
          );
        await explain(session, dataflow, { ...table, columns: absent });
      }
    }
  });
