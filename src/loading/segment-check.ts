// Checks one segment and writes its good rows to one Parquet file, its misfits to another.
import { rm } from 'node:fs/promises';
import type { AnswerShape } from './answer-shape.js';
import type { Engine } from '../engine/engine.js';
import { literal } from '../engine/sql-text.js';
import { MAX_LINE_BYTES, sortLines } from './bad-lines.js';
import { keysRead, layoutOf } from './row-layout.js';
import { DROPPED, RowQuery, source } from './row-query.js';
import type { Segment } from './segment-writer.js';
import { IS_ID } from './row-rules.js';

export interface CheckedSegment {
  rowFile: string;
  rows: number;
  rejectFile: string;
  rejectedRows: number;
}

/** With no more than this in a segment, the next one has a fair chance to have none. */
const FEW_MISFITS = 5;

const MAX_RAW_CHARACTERS = 10_000;

export class SegmentCheck {
  private readonly query: RowQuery;
  private readonly keysRead: ReadonlySet<string>;
  /** One misfit stops the trusting query. Where there were many it is not tried on the next segment. */
  private trusting = true;

  private constructor(
    private readonly engine: Engine,
    private readonly shape: AnswerShape,
  ) {
    this.query = new RowQuery(shape);
    this.keysRead = keysRead(layoutOf(shape));
  }

  static async prepare(engine: Engine, shape: AnswerShape): Promise<SegmentCheck> {
    await engine.run('CREATE TABLE asked (id VARCHAR); CREATE TABLE wanted (id VARCHAR)');
    if (shape.ids !== 'all') await engine.append('asked', rowsOf(shape.ids));
    if (shape.wantedIds) await engine.append('wanted', rowsOf(shape.wantedIds));
    return new SegmentCheck(engine, shape);
  }

  async check(segment: Segment): Promise<CheckedSegment> {
    const checked = (await this.trust(segment)) ?? (await this.lookClosely(segment));
    this.trusting = checked.rejectedRows <= FEW_MISFITS;
    if (checked.rows === 0) await rm(checked.rowFile, { force: true });
    return checked;
  }

  private async trust(segment: Segment): Promise<CheckedSegment | undefined> {
    if (!this.trusting || segment.odd || segment.longestLine > MAX_LINE_BYTES) return undefined;
    const { rowFile, rejectFile } = filesOf(segment);
    try {
      const rows = await this.engine.writeParquet(this.query.trusting(segment), rowFile);
      return { rowFile, rows, rejectFile, rejectedRows: 0 };
    } catch {
      return undefined; // whatever it was: the careful query says which row, or fails as well
    }
  }

  private async lookClosely(segment: Segment): Promise<CheckedSegment> {
    await this.engine.run('CREATE OR REPLACE TABLE broken (key VARCHAR, raw VARCHAR, reason VARCHAR)');
    if (segment.longestLine <= MAX_LINE_BYTES) {
      try {
        return await this.judge(segment, segment);
      } catch {
        // A line that DuckDB cannot read: take it out first.
      }
    }
    const good: Segment = { file: `${segment.file}.good`, lines: 0, longestLine: 0, odd: true };
    try {
      await this.engine.append('broken', sortLines(segment, good, this.keysRead));
      return await this.judge(good, segment);
    } finally {
      await rm(good.file, { force: true });
    }
  }

  private async judge(readable: Segment, segment: Segment): Promise<CheckedSegment> {
    const { engine } = this;
    const { rowFile, rejectFile } = filesOf(segment);
    await engine.run(`CREATE OR REPLACE TABLE judged AS ${this.query.careful(readable)}`);
    const rows = await engine.writeParquet(
      'SELECT * EXCLUDE (line, verdict) FROM judged WHERE verdict IS NULL',
      rowFile,
    );
    const misfits = `SELECT count(*) FROM judged WHERE verdict <> ${literal(DROPPED)}`;
    const some = (await engine.number(misfits)) + (await engine.number('SELECT count(*) FROM broken'));
    const rejectedRows = some > 0 ? await engine.writeParquet(this.rejects(readable), rejectFile) : 0;
    await engine.run('DROP TABLE judged');
    return { rowFile, rows, rejectFile, rejectedRows };
  }

  /** The misfits with the text they came in, found again by line. */
  private rejects(segment: Segment): string {
    const unwanted = `regexp_full_match(key, ${IS_ID}) AND key NOT IN (SELECT id FROM wanted)`;
    const broken = this.shape.wantedIds ? `broken WHERE NOT coalesce(${unwanted}, false)` : 'broken';
    const id = (column: string): string =>
      `CASE WHEN regexp_full_match(${column}, ${IS_ID}) THEN ${column} END`;
    return `
      SELECT left(replace(raw, chr(13), chr(10)), ${MAX_RAW_CHARACTERS}) AS raw, reason, object_id, date FROM (
        SELECT substr(text, position(',"row":' IN text) + 7, length(text) - position(',"row":' IN text) - 7) AS raw,
          verdict AS reason, ${id('object_id')} AS object_id, date
        FROM (SELECT json::VARCHAR AS text FROM read_json_objects(${source(segment)}))
        JOIN judged ON line = split_part(substr(text, 9, 12), ',', 1)::UINTEGER
        WHERE verdict <> ${literal(DROPPED)}
        UNION ALL
        SELECT raw, reason, ${id('key')}, NULL::DATE FROM ${broken}
      )`;
  }
}

function filesOf({ file }: Segment): { rowFile: string; rejectFile: string } {
  return { rowFile: `${file}.rows.parquet`, rejectFile: `${file}.rejects.parquet` };
}

function rowsOf(ids: string[]): string[][] {
  return ids.map((id) => [id]);
}
