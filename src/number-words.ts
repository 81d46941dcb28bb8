// Numbers as people read them, wherever this program speaks.

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** `2,000` */
export const count = (value: number): string => whole.format(value);

/** `1 row`, `2,000 rows`. */
export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;
