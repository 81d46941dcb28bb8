// Answers of ads by day as fast-check makes them up: mostly sound rows, some misfits, in any layout.
import * as fc from 'fast-check';
import type { GivenObject, GivenRow } from './reference.js';

const { oneof, constantFrom } = fc;
/** Mostly the one, rarely the other. */
export const often = <T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  oneof({ weight: 30, arbitrary: usual }, { weight: 1, arbitrary: odd });

const digits = oneof(
  constantFrom('7', '8', '9007199254740993', '687195134316000123'),
  fc.bigInt(1n, 10n ** 18n).map(String),
);
const id = digits.chain((text) => constantFrom(text, `"${text}"`));
const number = oneof(
  fc.integer().map(String),
  fc
    .double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 })
    .map((n) => n.toFixed(6).replace(/^-(?=[0.]+$)/, '')),
  constantFrom('1e3', '9007199254740993', '0.1', 'null'),
);
const text = oneof(
  fc.string({ unit: 'grapheme' }).map((value) => JSON.stringify(value)),
  fc
    .string({ unit: constantFrom('{', '}', '[', ']', '"', '\\', ',', ':', '\n', 'ü', '🌱', 'a') })
    .map((value) => JSON.stringify(value)),
  constantFrom('"\\u00fc\\ud83c\\udf31"', '17', 'true', 'null'),
);
const day = fc.integer({ min: 1, max: 31 }).map((n) => `2026-05-${String(n).padStart(2, '0')}`);

const members = {
  AD_ID: often(id, constantFrom('"x"', 'true', '-1', 'null', '1.5')),
  CAMPAIGN_ID: often(id, constantFrom('"x"', '{}', 'null')),
  AD_GROUP_ID: often(id, constantFrom('""', 'null')),
  DATE: often(
    day.chain((date) => constantFrom(`"${date}"`, `"${date}T05:00:00"`)),
    constantFrom('"2026-02-30"', '"2026-5-1"', '"2026-06-01"', 'null', '20260501'),
  ),
  SPEND_IN_MICRO_DOLLAR: often(
    oneof(
      number,
      number.map((value) => (value === 'null' ? value : `"${value}"`)),
    ),
    constantFrom('"N/A"', '""', 'true', '{"a":1}', '[1]', '"nan"', '"inf"', '"1_000"', '" 12 "'),
  ),
  CTR: number,
  AD_NAME: often(text, constantFrom('{"a":"}"}', '[1,[2]]')),
  UNKNOWN: oneof(text, number, constantFrom('{"a":[{}]}', 'false')),
};

/** A sparse row, its members in any order; rarely with one of them twice, or something that is no row. */
const soundRow = fc
  .tuple(
    fc.record(members, { requiredKeys: ['DATE', 'AD_ID'] }),
    fc.infiniteStream(fc.integer({ min: 0, max: 1e6 })),
  )
  .map(([row, order]): [string, string][] =>
    Object.entries<string>(row)
      .map((member) => ({ member, at: order.next().value as number }))
      .sort((a, b) => a.at - b.at)
      .map(({ member }) => member),
  );
const row: fc.Arbitrary<GivenRow> = oneof(
  { weight: 60, arbitrary: soundRow },
  { weight: 1, arbitrary: soundRow.map((given): GivenRow => [...given, ['CTR', '1'], ['CTR', '2']]) },
  {
    weight: 1,
    arbitrary: soundRow.map((given): GivenRow => [...given, ['UNKNOWN', '"\\ud800"'], ['UNKNOWN', '1']]),
  },
  {
    weight: 1,
    arbitrary: constantFrom('null', '12', '"a}],["', '[{"CTR":1}]', 'nonsense', '{"CTR":01}', '{"CTR":}'),
  },
);

const withoutOwnId = (given: GivenRow): GivenRow =>
  typeof given === 'string' ? given : given.filter(([name]) => name !== 'AD_ID');
/** As a report is laid out: rows under their object's id. */
export const report = fc
  .uniqueArray(fc.tuple(digits, fc.array(oneof(row, row.map(withoutOwnId)), { maxLength: 12 })), {
    selector: ([key]) => key,
    maxLength: 6,
  })
  .map((objects): GivenObject[] => objects.map(([key, rows]) => ({ key, rows })));
/** As analytics are laid out: a bare array. */
export const list = fc.array(row, { maxLength: 40 }).map((rows): GivenObject[] => [{ rows }]);

export const space = fc.infiniteStream(constantFrom('', '', '', ' ', '\n', '\r\n', '\t', '\n    '));

/** Prints with white space wherever JSON allows it. */
export function print(objects: GivenObject[], spaces: Iterator<string>): string {
  const s = (token: string): string => `${spaces.next().value}${token}`;
  const printRow = (given: GivenRow): string =>
    typeof given === 'string'
      ? s(given)
      : `${s('{')}${given.map(([key, json]) => `${s(JSON.stringify(key))}${s(':')}${s(json)}`).join(s(','))}${s('}')}`;
  const printList = (rows: GivenRow[]): string => `${s('[')}${rows.map(printRow).join(s(','))}${s(']')}`;
  if (objects.length === 1 && objects[0]!.key === undefined) return printList(objects[0]!.rows) + s('');
  const entries = objects.map(({ key, rows }) => `${s(`"${key}"`)}${s(':')}${printList(rows)}`);
  return `${s('{')}${entries.join(s(','))}${s('}')}${s('')}`;
}
