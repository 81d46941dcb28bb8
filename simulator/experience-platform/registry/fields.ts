// XDM fields: JSON Schema with types of Adobe's own, which differ by the range of a number or the format of a text.
import { badRequest } from '../wire/refusal.js';

export interface Field {
  type: 'string' | 'number' | 'integer' | 'boolean' | 'object' | 'array';
  title?: string;
  description?: string;
  format?: string;
  minimum?: number;
  maximum?: number;
  enum?: string[];
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  properties?: Record<string, Field>;
  /** Of a map: the type of its values. */
  additionalProperties?: Field;
  items?: Field;
  required?: string[];
  'meta:xdmType': string;
}

const INTEGER_RANGES = { byte: 2 ** 7, short: 2 ** 15, int: 2 ** 31, long: 2 ** 53 };
type IntegerType = keyof typeof INTEGER_RANGES;
const TYPES = ['string', 'number', 'integer', 'boolean', 'object', 'array'];
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const integerType = ({ minimum, maximum, 'meta:xdmType': named }: Partial<Field>): IntegerType => {
  if (named !== undefined && named in INTEGER_RANGES) return named as IntegerType;
  if (minimum === undefined && maximum === undefined) return 'int';
  const widest = Math.max(Math.abs(minimum ?? 0), Math.abs(maximum ?? 0));
  return (['byte', 'short', 'int'] as const).find((name) => widest <= INTEGER_RANGES[name]) ?? 'long';
};

const xdmTypeOf = (field: Partial<Field>): string => {
  if (field.type === 'integer') return integerType(field);
  if (field.type === 'string' && (field.format === 'date' || field.format === 'date-time'))
    return field.format;
  return field.type === 'object' && field.additionalProperties ? 'map' : String(field.type);
};

/** A field as the registry keeps it: with its XDM type, and numbers with their range. */
const completed = (given: Field, path: string): Field => {
  const xdmType = xdmTypeOf(given);
  const named = given['meta:xdmType'];
  if (named !== undefined && named !== xdmType)
    throw badRequest(`The field ${path} is ${xdmType} by its type, but its meta:xdmType is ${named}`);
  if (given.type !== 'integer') return { ...given, 'meta:xdmType': xdmType };
  const range = INTEGER_RANGES[xdmType as IntegerType];
  return { minimum: -range, maximum: range, ...given, 'meta:xdmType': xdmType };
};

/** Checks a field of one's own, and everything below it. */
export const checkField = (given: unknown, path: string): Field => {
  if (!isRecord(given)) throw badRequest(`The field ${path} is not an object`);
  if (!TYPES.includes(String(given['type']))) throw badRequest(`The field ${path} requires a type`);
  const field = completed(given as unknown as Field, path);
  if (field.type === 'array') return { ...field, items: checkField(field.items, `${path}/items`) };
  if (field.type !== 'object') return field;
  if (field.additionalProperties)
    return { ...field, additionalProperties: checkField(field.additionalProperties, `${path}/*`) };
  return { ...field, properties: checkFields(field.properties, path) };
};

export const checkFields = (given: unknown, path: string): Record<string, Field> => {
  if (!isRecord(given)) throw badRequest(`The object ${path} requires properties`);
  return Object.fromEntries(
    Object.entries(given).map(([name, field]) => {
      if (!NAME.test(name))
        throw badRequest(
          `The field name ${path}/${name} may hold letters, digits, dashes and underscores, and not start with an underscore`,
        );
      return [name, checkField(field, `${path}/${name}`)];
    }),
  );
};

/** Every leaf with its XDM type, by its path. */
export const leavesOf = (field: Field, path = ''): Map<string, string> => {
  if (field.type !== 'object' || !field.properties) return new Map([[path, field['meta:xdmType']]]);
  return new Map(
    Object.entries(field.properties).flatMap(([name, below]) => [...leavesOf(below, `${path}/${name}`)]),
  );
};
