// The queries that read and check a segment: a fast one that trusts its numbers, and those that say what is wrong with which row.
import { storeName, type ColumnKind } from '../dataflow/columns.js';
import type { AnswerShape } from './answer-shape.js';
import { literal, quote } from '../engine/sql-text.js';
import { keysRead, layoutOf, type RowLayout } from './row-layout.js';
import type { Segment } from './segment.js';
import { field, judgement, misfit, type Step } from './row-rules.js';

/** The verdict of a row that is none of our business. A good row has none. */
export const DROPPED = '';

/** What `RowQuery.good` calls with the line of a misfit; it answers false. */
export const IS_MISFIT = 'is_misfit';

const MIN_OBJECT_BYTES = 1 << 20;

export class RowQuery {
  private readonly layout: RowLayout;
  private readonly steps: Step[];
  private readonly numbers: string[];
  private readonly texts: string[];

  /** @param named only the ids in the table `asked` were asked for */
  constructor(
    private readonly shape: AnswerShape,
    named: boolean,
  ) {
    this.layout = layoutOf(shape);
    this.steps = judgement(shape, this.layout, named);
    this.numbers = this.layout.metrics.filter(({ kind }) => kind === 'number').map(({ name }) => name);
    this.texts = this.layout.metrics.filter(({ kind }) => kind === 'text').map(({ name }) => name);
  }

  /**
   * The good rows, with numbers read as numbers; the lines of misfits are told. Fails as a whole at a text that no typed
   * read takes for a number: the splitter keeps nearly all rows with one apart.
   */
  good(segment: Segment): string {
    const steps = [...this.steps];
    const sum = this.numbers.map((name) => `coalesce(${field(name)}, 0)`).join(' + ');
    if (sum) steps.push({ when: `NOT isfinite(${sum})`, reason: `'a number is not finite'` });
    const cases = steps.map(
      ({ when, reason }) => `WHEN ${when} THEN ${reason === null ? 'false' : `${IS_MISFIT}(line)`}`,
    );
    const metrics = this.layout.metrics.map(({ name, column }) => `${field(name)} AS ${quote(column)}`);
    const rows = this.dated(this.read(segment, { number: 'DOUBLE', text: 'VARCHAR' }));
    return `SELECT ${[...this.cell(), ...metrics].join(', ')} FROM (${rows}) WHERE CASE ${cases.join(' ')} ELSE true END`;
  }

  /** Every row with its line and a verdict: NULL for a good one, DROPPED, or the reason to reject it. */
  careful(segment: Segment): string {
    const verdicts = [
      ...this.steps.map(({ when, reason }) => `WHEN ${when} THEN ${reason ?? literal(DROPPED)}`),
      `WHEN ${this.metricsFit()} THEN NULL`,
      ...this.numbers.map(
        (name) => `WHEN NOT ${isNumber(name)} THEN ${misfit(name, field(name), 'is not a number')}`,
      ),
      ...this.texts.map(
        (name) => `WHEN NOT ${isText(name)} THEN ${misfit(name, field(name), 'is not a text')}`,
      ),
    ];
    const metrics = this.layout.metrics.map(
      ({ name, kind, column }) =>
        `${kind === 'number' ? parsed(name) : `${field(name)}->>'$'`} AS ${quote(column)}`,
    );
    const casts = this.numbers.map((name) => `, TRY_CAST(${field(name)} AS DOUBLE) AS ${parsed(name)}`);
    const all =
      this.numbers.length > 0
        ? `, concat_ws('.', ${this.numbers.map(field).join(', ')}) AS ${ALL_NUMBERS}`
        : '';
    const rows = `SELECT *${casts.join('')}${all}
      FROM (${this.dated(this.read(segment, { number: 'VARCHAR', text: 'JSON' }))})`;
    return `SELECT line, CASE ${verdicts.join(' ')} END AS verdict, ${[...this.cell(), ...metrics].join(', ')} FROM (${rows})`;
  }

  /** One look at all metrics, cheap enough for every row; which of them it is, is asked for the few that fail. */
  private metricsFit(): string {
    const { numbers } = this;
    const fits = this.texts.map(isText);
    if (numbers.length > 0) {
      fits.push(...numbers.map((name) => `(${field(name)} IS NULL) = (${parsed(name)} IS NULL)`));
      fits.push(`isfinite(${numbers.map((name) => `coalesce(${parsed(name)}, 0)`).join(' + ')})`);
      // A cast would let "1_000" and " 12 " pass. Seven looks for one character cost a fifth of one regular expression.
      fits.push(...LET_PASS_BY_CAST.map((code) => `NOT contains(${ALL_NUMBERS}, chr(${code}))`));
    }
    return fits.join(' AND ') || 'true';
  }

  /** The columns in front of the metrics. */
  private cell(): string[] {
    const { hasHour, hasTargeting, parents } = this.layout;
    return [
      'object_id',
      'date',
      ...(hasHour ? ['TRY_CAST(hour_text AS UTINYINT) AS hour'] : []),
      ...(hasTargeting ? ['targeting_value'] : []),
      ...parents.map((name) => `${field(name)} AS ${storeName(name)}`),
    ];
  }

  /** Adds the object, the day (NULL when the row's DATE is no date), the period's date and the hour. */
  private dated(rows: string): string {
    const { ownIds, hasDate, hasHour } = this.layout;
    const objectId = `coalesce(key, ${ownIds.map(field).join(', ')}) AS object_id`;
    if (!hasDate) return `SELECT *, ${objectId}, DATE ${literal(this.shape.to)} AS date FROM ${rows}`;
    const text = field('DATE');
    // A cast alone takes 2026-1-5 and "epoch" for dates, so it must read as it would be written.
    const isDate = `TRY_CAST(left(${text}, 10) AS DATE)::VARCHAR = left(${text}, 10)
      AND (length(${text}) = 10 OR regexp_full_match(substr(${text}, 11), ${TIME_OF_DAY}))`;
    const day = `CASE WHEN ${isDate} THEN TRY_CAST(left(${text}, 10) AS DATE) END AS day`;
    const hour = `, coalesce(${field('HOUR')}, nullif(substr(${text}, 12, 2), '')) AS hour_text`;
    const unit = { WEEK: 'week', MONTH: 'month' }[this.shape.granularity as string];
    const date = unit ? `date_trunc('${unit}', day)::DATE` : 'day';
    return `SELECT *, ${date} AS date FROM
      (SELECT *, ${objectId}, ${text} AS date_text, ${day}${hasHour ? hour : ''} FROM ${rows})`;
  }

  private read(segment: Segment, metrics: Record<ColumnKind, string>): string {
    const types = new Map([...keysRead(this.layout)].map((name) => [name, 'VARCHAR']));
    for (const { name, kind } of this.layout.metrics) types.set(name, metrics[kind]);
    const row = `STRUCT(${Array.from(types, ([name, type]) => `${quote(name)} ${type}`).join(', ')})`;
    const read = (type: string): string =>
      `read_json(${source(segment)}, columns = {line: 'UINTEGER', key: 'VARCHAR', row: ${literal(type)}})`;
    if (!this.layout.hasTargeting) return read(row);
    const around = `STRUCT(targeting_type VARCHAR, targeting_value VARCHAR, metrics ${row})`;
    return `(SELECT line, key, row.metrics AS row, row.targeting_type AS targeting_type, row.targeting_value AS targeting_value
      FROM ${read(around)})`;
  }
}

const TIME_OF_DAY = `'[T ]([01][0-9]|2[0-3])(:[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?)?(Z|[+-]00:?00)?'`;
/** A column with the texts of all numbers of a row, for checks that one look can make. */
const ALL_NUMBERS = '"all numbers"';
const LET_PASS_BY_CAST = [' ', '\t', '\n', '\v', '\f', '\r', '_'].map((character) => character.charCodeAt(0));
const NOT_OF_A_NUMBER = `'[^0-9.eE+-]'`;

/** The arguments that make DuckDB read a segment line by line. Small objects make small buffers, so say how small. */
export function source({ file, longestLine }: Segment): string {
  const objectBytes = Math.max(MIN_OBJECT_BYTES, longestLine + 1_024);
  return `${literal(file)}, format = 'newline_delimited', maximum_object_size = ${objectBytes}`;
}

function parsed(name: string): string {
  return quote(`${name} as a number`);
}

function isNumber(name: string): string {
  const value = field(name);
  return `(${value} IS NULL OR coalesce(isfinite(${parsed(name)}), false) AND NOT regexp_matches(${value}, ${NOT_OF_A_NUMBER}))`;
}

function isText(name: string): string {
  return `coalesce(left(${field(name)}, 1) NOT IN ('{', '['), true)`;
}
