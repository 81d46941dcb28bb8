// A field of an object as Pinterest gives it → the value of its column.
import { addLeftOut, type LeftOut } from '../dataflow/list-problems.js';
import type { ListedType } from '../dataflow/object-types.js';
import type { Value } from './sql/session.js';
import { catalogueTable, type Column } from './tables.js';

/** An object as Pinterest gives it. */
export type CatalogueItem = { id: string } & Record<string, unknown>;

/** Beyond the longest address that a browser takes. */
const LONGEST_TEXT = 10_000;
/** More zeros than any column's number has. */
const MOST_ZEROS = 100;

/** A whole number in any form of JSON's: `1500000000`, `1500000000.0`, `1.5e9`; undefined if it has a fraction. */
const wholeNumber = (text: string): bigint | undefined => {
  const [, sign, whole, fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const digits = `${whole}${fraction}`.replace(/0+$/, '');
  // How many digits stand behind the point, or zeros before it.
  const zeros = whole.length + Number(exponent) - digits.length;
  if (digits === '') return 0n;
  if (zeros < 0 || zeros > MOST_ZEROS || digits.length > MOST_ZEROS) return undefined;
  return BigInt(`${sign}${digits}${'0'.repeat(zeros)}`);
};

const bigint = (text: string): bigint | undefined => {
  const whole = wholeNumber(text);
  return whole !== undefined && BigInt.asIntN(64, whole) === whole ? whole : undefined;
};

/** PostgreSQL takes no NUL in a text. */
const fits = (text: string): boolean => text.length <= LONGEST_TEXT && !text.includes('\0');

/** Null for what is absent; undefined for what the column cannot hold. */
export const fieldValue = ({ type }: Column, value: unknown): Value | undefined => {
  if (value === null || value === undefined) return null;
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  if (type === 'BIGINT') return bigint(text);
  return fits(text) ? text : undefined;
};

const misfit = (item: CatalogueItem, { name }: Column): LeftOut => {
  const value = JSON.stringify(item[name]).replace(/\p{Surrogate}/gu, '\ufffd');
  const shown = value.length > 60 ? `${value.slice(0, 60)}…` : value;
  return { count: 1, first: `${name} of ${item.id}: ${shown}` };
};

/** What the columns of these objects cannot hold. */
export const misfitsOf = (objectType: ListedType, items: readonly CatalogueItem[]): LeftOut | null => {
  const { columns } = catalogueTable(objectType);
  return items
    .flatMap((item) =>
      columns
        .filter((column) => fieldValue(column, item[column.name]) === undefined)
        .map((column) => misfit(item, column)),
    )
    .reduce<LeftOut | null>(addLeftOut, null);
};
