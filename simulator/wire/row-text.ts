// Rows as JSON text, written by hand: ids beyond 2^53 come out as exact numbers in some rows and as strings in others.
import { isIdColumn } from '../truth/dimensions.js';
import { hashText } from '../truth/hash.js';
import type { Level, Measured, Value } from '../truth/row.js';
import type { RowText } from './malformed.js';

const OWN_ID: Record<Level, string> = {
  ad_accounts: 'AD_ACCOUNT_ID',
  campaigns: 'CAMPAIGN_ID',
  ad_groups: 'AD_GROUP_ID',
  ads: 'AD_ID',
};

export interface RowTextOptions {
  level: Level;
  columns: readonly string[];
  idsAsNumbers: boolean;
  seed: number;
}

/** Every row starts with the object's own id, then its DATE (not for TOTAL) and HOUR, then the asked columns. */
export function* rowTexts(rows: Iterable<Measured>, options: RowTextOptions): Iterable<RowText> {
  const ownId = OWN_ID[options.level];
  const prefixes = options.columns.map((name) => `,"${name}":`);
  const ids = options.columns.map(isIdColumn);
  const skipped = options.columns.indexOf(ownId);
  for (const { subject, period, values } of rows) {
    const asNumber = options.idsAsNumbers && hashText(subject.id, options.seed + period.first) % 4 === 0;
    let text = `{"${ownId}":${asNumber ? subject.id : `"${subject.id}"`}`;
    if (period.date !== undefined) text += `,"DATE":"${period.date}"`;
    if (period.hour !== undefined) text += `,"HOUR":${period.hour}`;
    for (let i = 0; i < values.length; i += 1) {
      const value = values[i];
      if (value === undefined || i === skipped) continue;
      text += prefixes[i]! + jsonOf(value, ids[i] === true && asNumber);
    }
    yield { id: subject.id, text: `${text}}` };
  }
}

const jsonOf = (value: NonNullable<Value>, bare: boolean): string =>
  typeof value === 'number' || bare ? String(value) : JSON.stringify(value);
