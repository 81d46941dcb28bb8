// The views over a dataflow's tables, made of what stands there. Safe to repeat; what needs no change is not touched.
import { createHash } from 'node:crypto';
import { InvalidSpec } from '../../dataflow/invalid-spec.js';
import type { DataflowSpec } from '../../dataflow/spec.js';
import { schemaName } from '../dataflow-account.js';
import { MARKS, VIEWS_MADE } from '../tables.js';
import { fivetranViews } from '../views/fivetran.js';
import { selectList, type View } from '../views/view.js';
import { NUMBER_TABLES, viewsOf } from '../views/views.js';
import { insert } from './rows.js';
import type { Session } from './session.js';

/**
 * The columns in the order in which a view has them already, new ones behind: so PostgreSQL changes it in place, and views
 * that an analyst has made of it stand.
 */
const inOrder = ({ columns }: View, held: readonly string[]): View['columns'] => {
  const place = ({ name }: View['columns'][number]): number => {
    const at = held.indexOf(name);
    return at === -1 ? held.length : at;
  };
  return columns.toSorted((one, other) => place(one) - place(other));
};

/** Something of that name has columns that are none of ours: it is another's, and stays. */
const isAnothers = (view: View, held: readonly string[]): boolean =>
  held.some((name) => !view.columns.some((column) => column.name === name));

/**
 * Makes views, and anew those whose definition has changed: the hashes of those that were made stand in `views_made`.
 * @param schema where, as a dataflow is called that would have it
 */
const make = async (
  session: Session,
  dataflow: string,
  schema: string,
  views: readonly View[],
): Promise<void> => {
  const columns = await session.columns(
    schema,
    views.map(({ name }) => name),
  );
  const table = session.table(dataflow, VIEWS_MADE.name);
  const rows = await session.all(`SELECT view, hash FROM ${table}`);
  const made = new Map(rows.map((row) => [row['view'], row['hash']]));
  for (const view of views) {
    const held = columns.get(view.name) ?? [];
    const query = session.viewQuery(`SELECT ${selectList(inOrder(view, held))} FROM ${view.from}`);
    const hash = createHash('sha256').update(query).digest('hex');
    const key = `${schemaName(schema)}.${view.name}`;
    if (isAnothers(view, held) || (held.length === view.columns.length && made.get(key) === hash)) continue;
    await session.run(`CREATE OR REPLACE VIEW ${session.table(schema, view.name)} AS ${query}`);
    if (made.has(key)) await session.run(`DELETE FROM ${table} WHERE view = $1`, [key]);
    await insert(session, table, VIEWS_MADE.columns, [[key, hash]]);
  }
};

export const makeViews = async (session: Session, dataflow: string): Promise<void> => {
  const columns = await session.columns(dataflow, NUMBER_TABLES);
  const standing = { columns, table: (name: string) => session.nameInView(dataflow, name) };
  await make(session, dataflow, dataflow, viewsOf(standing));
};

/** Of the schema beside a dataflow's own. */
export const besides = (dataflow: string, views: NonNullable<DataflowSpec['views']>): string =>
  `${dataflow}-${views}`;

/** @throws InvalidSpec if a dataflow has that schema */
export const makeViewsBesides = async (
  session: Session,
  dataflow: string,
  views: NonNullable<DataflowSpec['views']>,
): Promise<void> => {
  const schema = besides(dataflow, views);
  const contents = await session.contents(schema);
  if (MARKS.some((mark) => contents.includes(mark))) {
    const message = `would stand in the schema ${schemaName(schema)}, which is that of the dataflow ${schema}; give one of them another name`;
    throw new InvalidSpec([{ path: 'views', message }]);
  }
  await session.createSchema(schema);
  const columns = await session.columns(dataflow, NUMBER_TABLES);
  const standing = { columns, table: (name: string) => session.nameElsewhere(dataflow, name) };
  await make(session, dataflow, schema, fivetranViews(standing));
};

/** Takes away what `makeViewsBesides` has made, and the schema if nothing else is in it. */
export const dropViewsBesides = async (
  session: Session,
  dataflow: string,
  views: NonNullable<DataflowSpec['views']>,
): Promise<void> => {
  const schema = besides(dataflow, views);
  const contents = await session.contents(schema);
  if (contents.length === 0 || MARKS.some((mark) => contents.includes(mark))) return;
  const rows = await session.all(`SELECT view FROM ${session.table(dataflow, VIEWS_MADE.name)}`);
  const made = rows.map((row) => String(row['view']));
  const ours = contents.filter((name) => made.includes(`${schemaName(schema)}.${name}`));
  // PostgreSQL drops a view that others, as dbt, have made views of only together with those.
  for (const name of ours) await session.run(`DROP VIEW ${session.table(schema, name)} CASCADE`);
  if ((await session.contents(schema)).length === 0)
    await session.run(`DROP SCHEMA ${session.schema(schema)}`);
};
