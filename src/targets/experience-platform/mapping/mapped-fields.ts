// What a mapping will send, tried on sample rows before anything is: a type for each path, or a refusal that names path and row.
import { valueAt, type MappedRow, type SourceRow } from '../../../dataflow/mapping.js';
import type { TableOut } from '../../target.js';
import { PlatformError } from '../access/errors.js';
import { typeOfColumn } from '../rows/row-shape.js';
import type { XdmField } from '../xdm.js';
import { Mapper, refused } from './mapper.js';

type Paths = Readonly<Record<string, string>>;
type Table = Pick<TableOut, 'table' | 'columns'>;

/** A value for every column: an expression that gives none on it gives none on any row. */
const fullRow = ({ columns }: Table): SourceRow =>
  Object.fromEntries(
    columns.map(({ name, type }) => [name, type === 'TEXT' ? '1' : type === 'DATE' ? '2026-01-01' : 1]),
  );

const typeOfValue = (value: unknown): string => (Array.isArray(value) ? 'array' : typeof value);

/** A column that is mapped as it is keeps its type. */
const typeOf = (
  path: string,
  expression: string,
  tables: readonly Table[],
  values: readonly unknown[],
): string => {
  const column = tables.flatMap(({ columns }) => columns).find(({ name }) => name === expression.trim());
  if (column) return typeOfColumn(column);
  const types = [...new Set(values.map(typeOfValue))];
  if (types.length === 1) return types[0]!;
  throw new PlatformError(
    'TargetRefused',
    `mapping["${path}"]: gives values of the types ${types.join(' and ')}`,
  );
};

const good = (mapped: MappedRow): Record<string, unknown>[] => ('row' in mapped ? [mapped.row] : []);

/**
 * @param samples of each table, real rows
 * @throws PlatformError `TargetRefused` for a path whose expression fails, or gives nothing
 */
export const mappedFields = async (
  mapping: Paths,
  tables: readonly Table[],
  samples: (table: Table) => Promise<readonly SourceRow[]>,
): Promise<XdmField[]> => {
  const mapper = new Mapper(mapping);
  try {
    const rows: Record<string, unknown>[] = [];
    for (const table of tables) {
      const sources = await samples(table);
      const mapped = await mapper.map(sources);
      mapped.forEach((one, i) => {
        if ('problem' in one) throw refused(one.problem.path, one.problem.message, sources[i]!);
      });
      rows.push(...mapped.flatMap(good), ...(await mapper.map([fullRow(table)])).flatMap(good));
    }
    return Object.entries(mapping).map(([path, expression]) => {
      const values = rows.map((row) => valueAt(row, path)).filter((value) => value !== undefined);
      if (values.length === 0) {
        const names = tables.flatMap(({ columns }) => columns.map(({ name }) => name));
        const known = [...new Set(names)].join(', ');
        throw new PlatformError(
          'TargetRefused',
          `mapping["${path}"]: ${JSON.stringify(expression)} gives nothing on any row. The columns: ${known}`,
        );
      }
      return { path: path.split('.'), type: typeOf(path, expression, tables, values) };
    });
  } finally {
    await mapper.close();
  }
};
