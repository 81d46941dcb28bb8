// The rules of loading once more, one row at a time in plain JavaScript, for tests to compare with.
import type { AnswerShape, AskedIds } from '../../src/loading/staging.js';
import type { Row } from './staged.js';

/** A row as key and JSON text of each member, or the text of something that is no row. */
export type GivenRow = [key: string, json: string][] | string;
export interface GivenObject {
  /** The id of a report's object; undefined in a bare array. */
  key?: string;
  rows: GivenRow[];
}

/** Ads by day only. */
export function expectedOf(
  shape: AnswerShape,
  objects: GivenObject[],
  asked: AskedIds = 'all',
): { rows: Row[]; rejectedRows: number } {
  const cells = new Map<string, Row[]>();
  let rejectedRows = 0;
  for (const { key, rows } of objects) {
    for (const given of rows) {
      const row = judge(shape, asked, key, given);
      if (row === 'rejected') rejectedRows++;
      else if (row !== 'dropped') {
        const cell = `${row.object_id} ${row.date}`;
        cells.set(cell, [...(cells.get(cell) ?? []), row]);
      }
    }
  }
  const rows: Row[] = [];
  for (const received of cells.values()) {
    if (new Set(received.map((row) => JSON.stringify(row))).size === 1) rows.push(received[0]!);
    else rejectedRows += received.length;
  }
  return { rows, rejectedRows };
}

function judge(
  shape: AnswerShape,
  asked: AskedIds,
  key: string | undefined,
  given: GivenRow,
): Row | 'rejected' | 'dropped' {
  const isWanted = (id: string): boolean => !shape.wantedIds || shape.wantedIds.includes(id);
  if (typeof given === 'string' || isBroken(given))
    return key === undefined || isWanted(key) ? 'rejected' : 'dropped';
  const members = new Map(given);
  const text = (name: string): string | null => {
    const json = members.get(name);
    if (json === undefined || json === 'null') return null;
    return json.startsWith('"') ? (JSON.parse(json) as string) : json;
  };
  const own = [text('AD_ID'), text('PIN_PROMOTION_ID')].filter((id) => id !== null);
  const id = key ?? own[0];
  if (id === undefined || !isId(id)) return 'rejected';
  if (asked !== 'all' && !asked.includes(id)) return 'rejected';
  if (!isWanted(id)) return 'dropped';
  if (own.some((other) => other !== id)) return 'rejected';
  const parents = [text('CAMPAIGN_ID'), text('AD_GROUP_ID')];
  if (parents.some((parent) => parent !== null && !isId(parent))) return 'rejected';
  const date = /^(\d{4}-\d\d-\d\d)(T\d\d:00:00)?$/.exec(text('DATE') ?? '')?.[1];
  if (date === undefined || !isRealDate(date) || date < shape.from || date > shape.to) return 'rejected';
  const row: Row = { object_id: id, date, campaign_id: parents[0]!, ad_group_id: parents[1]! };
  for (const { name, kind } of shape.columns) {
    const value = text(name);
    if (value !== null && kind === 'number' && !/^-?\d+(\.\d+)?(e\d+)?$/.test(value)) return 'rejected';
    if (kind === 'text' && /^[{[]/.test(members.get(name) ?? '')) return 'rejected';
    row[name.toLowerCase()] = value !== null && kind === 'number' ? Number(value) : value;
  }
  return row;
}

function isId(text: string): boolean {
  return /^\d{1,20}$/.test(text);
}

/** A key twice, or half of a surrogate pair. */
function isBroken(row: [string, string][]): boolean {
  return new Set(row.map(([name]) => name)).size < row.length || row.some(([, json]) => json === '"\\ud800"');
}

function isRealDate(date: string): boolean {
  const time = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date);
}
