// Reads what comes from outside, field by field: by hand, since a library for it would cost memory in every workflow.

/** What was sent is not what it should be; the message names the field and the value. */
export class Misfit extends Error {
  override readonly name = 'Misfit';
}

/**
 * Takes a value for what it should be; `name` is what a message calls it, nothing for the whole.
 * @throws Misfit
 */
export type Read<T> = (value: unknown, name: string) => T;

const misfit = (name: string, what: string, value: unknown): Misfit => {
  const found = value === undefined ? 'but is left out' : `not ${JSON.stringify(value).slice(0, 60)}`;
  return new Misfit(`${name || 'the message'} must be ${what}, ${found}`);
};

export const integer =
  (least: number, most: number): Read<number> =>
  (value, name) => {
    if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most)
      return value as number;
    throw misfit(name, `a whole number from ${least} to ${most}`, value);
  };

/** A length of time, or a point in it up to `most`. */
export const milliseconds =
  (most = Number.MAX_VALUE): Read<number> =>
  (value, name) => {
    if (Number.isFinite(value) && (value as number) >= 0 && (value as number) <= most) return value as number;
    throw misfit(name, 'a number of milliseconds', value);
  };

export const text =
  (least: number, most: number): Read<string> =>
  (value, name) => {
    if (typeof value === 'string' && value.length >= least && value.length <= most) return value;
    throw misfit(name, `a text of ${least} to ${most} characters`, value);
  };

export const oneOf =
  <T extends string>(words: readonly T[]): Read<T> =>
  (value, name) => {
    const word = words.find((one) => one === value);
    if (word !== undefined) return word;
    throw misfit(name, words.map((one) => JSON.stringify(one)).join(' or '), value);
  };

export const list =
  <T>(item: Read<T>, least: number, most: number): Read<T[]> =>
  (value, name) => {
    if (Array.isArray(value) && value.length >= least && value.length <= most)
      return value.map((one, i) => item(one, `${name}[${i}]`));
    throw misfit(name, `a list of ${least > 0 ? `${least} to` : 'at most'} ${most}`, value);
  };

/** The fields named here; others are left out. */
export const record =
  <T>(fields: { [Key in keyof T]: Read<T[Key]> }): Read<T> =>
  (value, name) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw misfit(name, 'an object', value);
    const prefix = name === '' ? '' : `${name}.`;
    const read = Object.entries<Read<unknown>>(fields).map(([key, field]) => [
      key,
      field((value as Record<string, unknown>)[key], `${prefix}${key}`),
    ]);
    return Object.fromEntries(read) as T;
  };

export const optional =
  <T>(read: Read<T>): Read<T | undefined> =>
  (value, name) =>
    value === undefined ? undefined : read(value, name);

/** What does not fit is replaced. */
export const orElse =
  <T>(read: Read<T>, instead: T): Read<T> =>
  (value, name) => {
    try {
      return read(value, name);
    } catch (error) {
      if (error instanceof Misfit) return instead;
      throw error;
    }
  };

/** Those items that fit, up to so many. */
export const fitting =
  <T>(item: Read<T>, most: number): Read<T[]> =>
  (value, name) =>
    (Array.isArray(value) ? value : [])
      .map((one) => orElse<T | undefined>(item, undefined)(one, name))
      .filter((one) => one !== undefined)
      .slice(0, most);
