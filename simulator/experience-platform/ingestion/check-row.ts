// A row against the schema of its dataset: the row as the data lake keeps it, or everything that is wrong with it.
import type { Field } from '../registry/fields.js';
import { converted, ConversionError } from './convert.js';

/** 1401 and 1555 are Adobe's; for the other two its guides name no code (guess). */
export const CODES = { corrupt: '1401', required: '1555', conversion: '1501', unknownField: '1502' } as const;

export const DESCRIPTIONS: Record<string, string> = {
  [CODES.corrupt]:
    'The row has corrupted data and cannot be read or parsed. Fix the corrupted data and try again.',
  [CODES.required]:
    'A required field is either missing or has a value of null. Add the required field to the input row and try again.',
  [CODES.conversion]: 'A value cannot be converted to the type of its field. Fix the value and try again.',
  [CODES.unknownField]:
    'The row has a field that the schema does not define. Add it to the schema or leave it out.',
};

export interface RowError {
  code: string;
  message: string;
  column?: string;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const checkObject = (value: object, field: Field, path: string, errors: RowError[]): object => {
  const kept: Record<string, unknown> = {};
  for (const [name, below] of Object.entries(value)) {
    const column = path === '' ? name : `${path}.${name}`;
    const known = field.properties?.[name] ?? field.additionalProperties;
    if (known) kept[name] = check(below, known, column, errors);
    else errors.push({ code: CODES.unknownField, message: `The schema has no field ${column}`, column });
  }
  for (const name of field.required ?? []) {
    if (name in value) continue;
    const column = path === '' ? name : `${path}.${name}`;
    errors.push({ code: CODES.required, message: `The required field ${column} is missing`, column });
  }
  return kept;
};

const check = (value: unknown, field: Field, column: string, errors: RowError[]): unknown => {
  // XDM knows no null: what has no value is left out.
  if (value === null) errors.push({ code: CODES.required, message: `The field ${column} is null`, column });
  else if (field.type === 'object' && isObject(value)) return checkObject(value, field, column, errors);
  else if (field.type === 'array' && Array.isArray(value) && field.items)
    return value.map((one) => check(one, field.items!, column, errors));
  else
    try {
      return converted(value, field);
    } catch (error) {
      if (!(error instanceof ConversionError)) throw error;
      errors.push({ code: CODES.conversion, message: error.message, column });
    }
  return undefined;
};

const leafCount = (value: unknown): number =>
  isObject(value) ? Object.values(value).reduce<number>((sum, below) => sum + leafCount(below), 0) : 1;

export interface CheckedRow {
  /** As the data lake keeps it; undefined where there are errors. */
  row?: object;
  /** As it came, where it is an object at all. */
  given?: object;
  errors: RowError[];
}

export const checkRow = (text: string, schema: Field, fieldsPerRow: number): CheckedRow => {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    given = undefined;
  }
  if (!isObject(given))
    return {
      errors: [
        { code: CODES.corrupt, message: 'Row is corrupted and cannot be read, please fix and resend.' },
      ],
    };
  const fields = leafCount(given);
  if (fields > fieldsPerRow)
    return {
      given,
      errors: [{ code: CODES.corrupt, message: `The row has ${fields} fields; ${fieldsPerRow} are allowed` }],
    };
  const errors: RowError[] = [];
  const row = checkObject(given, schema, '', errors);
  return errors.length > 0 ? { given, errors } : { row, errors };
};
