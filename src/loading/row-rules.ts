// The judgement of a row, in SQL: an ordered list of what makes it a misfit or none of our business.
//
// The conditions speak of the columns that `row-query.ts` makes: line, key, row, object_id, date_text, day, date, hour_text.
// The order matters: whose row it is comes first, so that a broken row of an object nobody wants is dropped, not rejected.
import type { AnswerShape } from './answer-shape.js';
import { literal, quote } from '../engine/sql-text.js';
import type { RowLayout } from './row-layout.js';

export interface Step {
  when: string;
  /** An SQL text that says why the row is rejected; null: the row is dropped without a word. */
  reason: string | null;
}

/** Pinterest's ids have 18 digits at most; the longest that 64 bits write has 20. */
export const IS_ID = `'[0-9]{1,20}'`;

/** @param named only the ids in the table `asked` were asked for */
export function judgement(shape: AnswerShape, layout: RowLayout, named: boolean): Step[] {
  return [
    ...whose(shape, layout, named),
    ...ids(layout),
    ...targeting(shape),
    ...dates(shape, layout),
    ...hours(layout),
  ];
}

function whose(shape: AnswerShape, { ownIds }: RowLayout, named: boolean): Step[] {
  const name = ownIds[0]!;
  const steps: Step[] = [
    { when: 'row IS NULL AND key IS NULL', reason: `'the row is not an object'` },
    { when: 'object_id IS NULL', reason: literal(`the row has no ${name}`) },
    { when: `NOT regexp_full_match(object_id, ${IS_ID})`, reason: misfit(name, 'object_id', 'is not an id') },
  ];
  if (named) {
    const reason = `${literal(`${name}: `)} || object_id || ' was not asked for'`;
    steps.push({ when: 'object_id NOT IN (SELECT id FROM asked)', reason });
  }
  if (shape.wantedIds) steps.push({ when: 'object_id NOT IN (SELECT id FROM wanted)', reason: null });
  steps.push({ when: 'row IS NULL', reason: `'the row is not an object'` });
  return steps;
}

function ids({ ownIds, parents }: RowLayout): Step[] {
  return [
    ...ownIds.map((name) => ({
      when: `coalesce(${field(name)} <> object_id, false)`,
      reason: `${misfit(name, field(name), 'contradicts')} || ' ' || object_id || ', the object the row came for'`,
    })),
    ...parents.map((name) => ({
      when: `coalesce(NOT regexp_full_match(${field(name)}, ${IS_ID}), false)`,
      reason: misfit(name, field(name), 'is not an id'),
    })),
  ];
}

function targeting({ breakdown }: AnswerShape): Step[] {
  if (breakdown === undefined) return [];
  const type = `coalesce(targeting_type, 'null')`;
  return [
    {
      when: `targeting_type IS DISTINCT FROM ${literal(breakdown)}`,
      reason: `${misfit('targeting_type', type, 'is not')} || ${literal(` ${breakdown}, which was asked for`)}`,
    },
    { when: 'targeting_value IS NULL', reason: `'the row has no targeting_value'` },
  ];
}

function dates({ granularity, from, to }: AnswerShape, { hasDate }: RowLayout): Step[] {
  if (!hasDate) return [];
  // The date of a week or month may be any of its days: it is ours when that day or the first one is.
  const truncated = granularity === 'WEEK' || granularity === 'MONTH';
  const span = `BETWEEN DATE ${literal(from)} AND DATE ${literal(to)}`;
  const within = truncated ? `(date ${span} OR day ${span})` : `date ${span}`;
  const outside = literal(`is outside of ${from} to ${to}, which was asked for`);
  return [
    { when: 'date_text IS NULL', reason: `'the row has no DATE'` },
    { when: 'day IS NULL', reason: misfit('DATE', 'date_text', 'is not a date') },
    { when: `NOT ${within}`, reason: `'DATE: ' || day || ' ' || ${outside}` },
  ];
}

function hours({ hasHour }: RowLayout): Step[] {
  if (!hasHour) return [];
  return [
    { when: 'hour_text IS NULL', reason: `'the row has no HOUR'` },
    {
      when: `NOT regexp_full_match(hour_text, '[0-9]{1,2}') OR coalesce(TRY_CAST(hour_text AS UTINYINT) > 23, true)`,
      reason: misfit('HOUR', 'hour_text', 'is not an hour of the day'),
    },
  ];
}

/** A key of the row, as read. */
export function field(name: string): string {
  return `row.${quote(name)}`;
}

/** SQL for a sentence such as `SPEND_IN_MICRO_DOLLAR: "N/A" is not a number`. */
export function misfit(name: string, value: string, problem: string): string {
  const bare = `regexp_matches(${value}, '^(true$|false$|[{[])')`;
  const quote = `CASE WHEN ${bare} THEN '' ELSE '"' END`;
  return `${literal(`${name}: `)} || ${quote} || left(${value}, 200) || ${quote} || ${literal(` ${problem}`)}`;
}
