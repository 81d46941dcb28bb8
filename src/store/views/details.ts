// The views `campaign_details` and the like: an object type's catalogue with names, times as timestamps and amounts in units of
// the account's currency.
import { storeName } from '../../dataflow/columns.js';
import { factsOf, OBJECT_TYPES, type ListedType, type ObjectType } from '../../dataflow/object-types.js';
import { AD_ACCOUNTS, catalogueTable } from '../tables.js';
import { column, type Standing, type View, type ViewColumn } from './view.js';

/** `CAMPAIGN_ID` → `campaigns`. */
const typeOfId = new Map(OBJECT_TYPES.map((type) => [factsOf(type).idColumn, type]));

/** `campaign_name`, beside `campaign_id`. */
export const nameColumn = (idColumn: string): string => storeName(idColumn).replace(/_id$/, '_name');

/** The ids and names of the objects above a row's own, and what to join for the names; `r` is the row. */
export const parentsOf = (
  objectType: ObjectType,
  { table }: Pick<Standing, 'table'>,
): { columns: ViewColumn[]; joins: string } => {
  const { parents } = factsOf(objectType);
  const joined = parents.map((idColumn) => ({ id: storeName(idColumn), type: typeOfId.get(idColumn)! }));
  return {
    columns: joined.flatMap(({ id, type }) => [
      column(id, `r.${id}`),
      column(id.replace(/_id$/, '_name'), `${type}.name`),
    ]),
    joins: joined
      .map(
        ({ id, type }) =>
          ` LEFT JOIN ${table(type)} ${type} ON ${type}.ad_account_id = r.ad_account_id AND ${type}.id = r.${id}`,
      )
      .join(''),
  };
};

/** The ad account's name and currency, and what to join for them. */
export const accountOf = ({ table }: Pick<Standing, 'table'>): { columns: ViewColumn[]; joins: string } => ({
  columns: [
    column('ad_account_id', 'r.ad_account_id'),
    column('ad_account_name', 'account.name'),
    column('currency', 'account.currency'),
  ],
  joins: ` LEFT JOIN ${table(AD_ACCOUNTS.name)} account ON account.id = r.ad_account_id`,
});

/** Beyond it no calendar reaches; a time that is none is absent. */
const LAST_SECOND = Date.UTC(9999, 11, 31) / 1000;

/** SQL for the time of a field of `r`, which is in unix seconds. */
export const timestamp = (name: string): string =>
  `CASE WHEN r.${name} BETWEEN 0 AND ${LAST_SECOND} THEN TIMESTAMP '1970-01-01' + r.${name} * INTERVAL '1 second' END`;

const AMOUNT = /_cap$|_in_micro_currency$/;

/** A field of the catalogue as a person reads it. */
const readable = (name: string): ViewColumn => {
  if (name.endsWith('_time')) return column(name, timestamp(name));
  if (AMOUNT.test(name))
    return column(name.replace('_in_micro_currency', ''), `r.${name} / 1e6::DOUBLE PRECISION`);
  return column(name, `r.${name}`);
};

export const detailsView = (objectType: ListedType, standing: Standing): View => {
  const { idColumn, analyticsTable } = factsOf(objectType);
  const account = accountOf(standing);
  const parents = parentsOf(objectType, standing);
  const taken = new Set(['ad_account_id', 'id', 'name', ...parents.columns.map(({ name }) => name)]);
  const fields = catalogueTable(objectType).columns.filter(
    ({ name }) => !taken.has(name) && !name.startsWith('_'),
  );
  return {
    name: analyticsTable.replace(/_analytics$/, '_details'),
    columns: [
      ...account.columns,
      ...parents.columns,
      column(storeName(idColumn), 'r.id'),
      column(nameColumn(idColumn), 'r.name'),
      ...fields.map(({ name }) => readable(name)),
    ],
    from: `${standing.table(objectType)} r${account.joins}${parents.joins}`,
  };
};
