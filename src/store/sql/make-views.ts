// The views of a dataflow's schema, made of what stands there. Safe to repeat; what needs no change is not touched.
import { selectList, type Standing, type View } from '../views/view.js';
import { viewsOf } from '../views/views.js';
import { columnsHeld } from './make-tables.js';
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

/** @param anew also views that have all their columns, since their meaning has changed */
export const makeViews = async (session: Session, dataflow: string, anew = false): Promise<void> => {
  const columns = await columnsHeld(session, dataflow);
  const standing: Standing = { columns, table: (name) => session.nameInView(dataflow, name) };
  for (const view of viewsOf(standing)) {
    const held = columns.get(view.name) ?? [];
    if (isAnothers(view, held) || (!anew && held.length === view.columns.length)) continue;
    await session.run(
      `CREATE OR REPLACE VIEW ${session.table(dataflow, view.name)} AS SELECT ${selectList(inOrder(view, held))} FROM ${view.from}`,
    );
  }
};
