// A value into the type of its field, as far as Adobe's table of conversions goes.
import type { Field } from '../registry/fields.js';

export class ConversionError extends Error {}

const fail = (value: unknown, { 'meta:xdmType': type }: Field): never => {
  throw new ConversionError(`Cannot convert ${JSON.stringify(value)?.slice(0, 100)} to ${type}`);
};

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

/** ISO 8601, or milliseconds since 1970. A day that no calendar has is refused. */
const toTime = (value: unknown, field: Field, shape: RegExp, digits: number): string => {
  const time = typeof value === 'number' ? new Date(value) : undefined;
  if (time && !Number.isNaN(time.getTime())) return time.toISOString().slice(0, digits);
  if (typeof value !== 'string' || !shape.test(value)) return fail(value, field);
  const day = new Date(`${value.slice(0, 10)}T00:00:00Z`);
  const real = !Number.isNaN(day.getTime()) && day.toISOString().startsWith(value.slice(0, 10));
  return real && !Number.isNaN(Date.parse(value)) ? value : fail(value, field);
};

const toText = (value: unknown, field: Field): string => {
  if (field.format === 'date') return toTime(value, field, DATE, 10);
  if (field.format === 'date-time') return toTime(value, field, DATE_TIME, 24);
  if (typeof value !== 'string' && typeof value !== 'number') return fail(value, field);
  const text = String(value);
  const allowed =
    (field.enum?.includes(text) ?? true) &&
    text.length >= (field.minLength ?? 0) &&
    text.length <= (field.maxLength ?? Infinity) &&
    (field.pattern === undefined || new RegExp(field.pattern).test(text));
  return allowed ? text : fail(value, field);
};

const toNumber = (value: unknown, field: Field): number => {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return fail(value, field);
  const fitting = field.type === 'integer' ? Math.trunc(number) : number;
  const inRange = fitting >= (field.minimum ?? -Infinity) && fitting <= (field.maximum ?? Infinity);
  return inRange ? fitting : fail(value, field);
};

/** Scalars only. */
export const converted = (value: unknown, field: Field): unknown => {
  if (field.type === 'string') return toText(value, field);
  if (field.type === 'number' || field.type === 'integer') return toNumber(value, field);
  return typeof value === field.type ? value : fail(value, field);
};
