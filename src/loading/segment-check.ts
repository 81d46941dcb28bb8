// Checks one segment and writes its good rows to one Parquet file, its misfits to another.
import { rm } from 'node:fs/promises';
import { MOST_RAW_REJECTS, type AnswerShape, type AskedIds } from './answer-shape.js';
import type { Engine } from '../engine/engine.js';
import { literal } from '../engine/sql-text.js';
import { ROW_DEPTH, sortLines } from './bad-lines.js';
import { keysRead, layoutOf } from './row-layout.js';
import { DROPPED, IS_MISFIT, RowQuery, source } from './row-query.js';
import type { SegmentFile } from './segment-file.js';
import { emptySegment, readLines, type Segment } from './segment.js';
import { IS_ID } from './row-rules.js';

export interface CheckedSegment {
  rowFile: string;
  rows: number;
  rejectFile: string;
  rejectedRows: number;
}

/** With no more than this in a segment that could not be read fast, the next one has a fair chance to have none. */
const FEW_MISFITS = 5;

/** More are found sooner by a close look at the whole segment. */
const MANY_MISFITS = 1_000;

const MAX_RAW_CHARACTERS = 10_000;

export class SegmentCheck {
  private readonly keysRead: ReadonlySet<string>;
  private readonly rowDepth: number;
  /** One number that is none stops the fast query. Where many rows were bad it is not tried on the next segment. */
  private trusting = true;
  private asked: AskedIds = 'all';
  /** Lines of the segment that is being checked. */
  private misfits: number[] = [];
  private rawRoom = MOST_RAW_REJECTS;

  private constructor(
    private readonly engine: Engine,
    private readonly shape: AnswerShape,
  ) {
    this.keysRead = keysRead(layoutOf(shape));
    this.rowDepth = ROW_DEPTH[shape.breakdown === undefined ? 'plain' : 'targeting'];
    engine.onCall(IS_MISFIT, (line) => void this.misfits.push(line));
  }

  static async prepare(engine: Engine, shape: AnswerShape): Promise<SegmentCheck> {
    await engine.run('CREATE TABLE wanted (id VARCHAR)');
    if (shape.wantedIds) await engine.append('wanted', rowsOf(shape.wantedIds));
    return new SegmentCheck(engine, shape);
  }

  /** @param aside where misfits of a segment are put that is sound otherwise: its caller has them checked in the end */
  async check(segment: Segment, asked: AskedIds, aside: SegmentFile): Promise<CheckedSegment> {
    await this.expect(asked);
    const query = new RowQuery(this.shape, asked !== 'all');
    const checked = (await this.trust(segment, query, aside)) ?? (await this.lookClosely(segment, query));
    if (checked.rows === 0) await rm(checked.rowFile, { force: true });
    return checked;
  }

  private async expect(asked: AskedIds): Promise<void> {
    if (asked === this.asked) return;
    await this.engine.run('CREATE OR REPLACE TABLE asked (id VARCHAR)');
    if (asked !== 'all') await this.engine.append('asked', rowsOf(asked));
    this.asked = asked;
  }

  private async trust(
    segment: Segment,
    query: RowQuery,
    aside: SegmentFile,
  ): Promise<CheckedSegment | undefined> {
    if (segment.odd || !this.trusting) return undefined;
    const files = filesOf(segment);
    this.misfits = [];
    let rows: number;
    try {
      rows = await this.engine.writeParquet(query.good(segment), files.rowFile);
    } catch {
      return undefined; // whatever it was: the careful query says which row, or fails as well
    }
    if (this.misfits.length > MANY_MISFITS) return undefined;
    for await (const line of readLines(segment, this.misfits)) aside.addLine(line);
    return { ...files, rows, rejectedRows: 0 };
  }

  private async lookClosely(segment: Segment, query: RowQuery): Promise<CheckedSegment> {
    const checked = await this.judgeWhatCanBeRead(segment, query);
    if (!segment.odd) this.trusting = checked.rejectedRows <= FEW_MISFITS;
    return checked;
  }

  private async judgeWhatCanBeRead(segment: Segment, query: RowQuery): Promise<CheckedSegment> {
    await this.engine.run('CREATE OR REPLACE TABLE broken (key VARCHAR, raw VARCHAR, reason VARCHAR)');
    await this.engine.append('broken', segment.broken);
    try {
      return await this.judge(segment, segment, query);
    } catch {
      // A line that DuckDB cannot read: take it out first.
    }
    const good = emptySegment(`${segment.file}.good`, true);
    try {
      await this.engine.append('broken', sortLines(segment, good, this.keysRead, this.rowDepth));
      return await this.judge(good, segment, query);
    } finally {
      await rm(good.file, { force: true });
    }
  }

  private async judge(readable: Segment, segment: Segment, query: RowQuery): Promise<CheckedSegment> {
    const { engine } = this;
    const files = filesOf(segment);
    await engine.run(`CREATE OR REPLACE TABLE judged AS ${query.careful(readable)}`);
    const rows = await engine.writeParquet(
      'SELECT * EXCLUDE (line, verdict) FROM judged WHERE verdict IS NULL',
      files.rowFile,
    );
    const rejectedRows = await this.reject(readable, files.rejectFile);
    await engine.run('DROP TABLE judged');
    return { ...files, rows, rejectedRows };
  }

  /**
   * Writes the rejects with the text they came in, found again by line; those without room for it by their cells.
   * @returns how many there are
   */
  private async reject(readable: Segment, file: string): Promise<number> {
    const { engine, rawRoom } = this;
    const unwanted = `regexp_full_match(key, ${IS_ID}) AND key NOT IN (SELECT id FROM wanted)`;
    await engine.run(`CREATE OR REPLACE TABLE rejected AS
      SELECT * REPLACE (CASE WHEN regexp_full_match(object_id, ${IS_ID}) THEN object_id END AS object_id),
        row_number() OVER () <= ${rawRoom} AS kept
      FROM (
        SELECT line, NULL AS raw, verdict AS reason, object_id, date FROM judged WHERE verdict <> ${literal(DROPPED)}
        UNION ALL SELECT NULL, raw, reason, key, NULL FROM broken
        ${this.shape.wantedIds ? `WHERE NOT coalesce(${unwanted}, false)` : ''}
      )`);
    const count = await engine.number('SELECT count(*) FROM rejected');
    if (count === 0) return 0;
    this.rawRoom = Math.max(0, rawRoom - count);
    await engine.writeParquet(
      `SELECT left(replace(coalesce(raw, text), chr(13), chr(10)), ${MAX_RAW_CHARACTERS}) AS raw, reason, object_id, date
       FROM rejected LEFT JOIN (${textsOf(readable)}) USING (line) WHERE kept
       UNION ALL SELECT DISTINCT NULL, NULL, object_id, date FROM rejected WHERE NOT kept`,
      file,
    );
    return count;
  }
}

/** The texts of the rows that `rejected` keeps, by line. */
function textsOf(segment: Segment): string {
  return `SELECT line, substr(text, position(',"row":' IN text) + 7, length(text) - position(',"row":' IN text) - 7) AS text
    FROM (SELECT split_part(substr(json::VARCHAR, 9, 12), ',', 1)::UINTEGER AS line, json::VARCHAR AS text
      FROM read_json_objects(${source(segment)})) WHERE line IN (SELECT line FROM rejected WHERE kept)`;
}

function filesOf({ file }: Segment): { rowFile: string; rejectFile: string } {
  return { rowFile: `${file}.rows.parquet`, rejectFile: `${file}.rejects.parquet` };
}

function rowsOf(ids: readonly string[]): string[][] {
  return ids.map((id) => [id]);
}
