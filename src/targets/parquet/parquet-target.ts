// Parquet files as a target: `PARQUET_FOLDER/<path>/<table>/ad_account_id=…/week=…/part.parquet`. A part is written beside the one
// that it replaces and renamed, so that readers see the one or the other. Each names the delivery that brought it.
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { ParquetTarget } from '../../dataflow/spec.js';
import { targetName } from '../../dataflow/targets.js';
import { Engine } from '../../engine/engine.js';
import { literal, quote } from '../../engine/sql-text.js';
import type {
  Begun,
  FailedRow,
  Look,
  Outgoing,
  Partition,
  Target,
  TargetNotes,
  TargetPlan,
} from '../target.js';
import { dictionaryOf } from './dictionary.js';
import {
  explained,
  folderOf,
  holdsNoParquet,
  makePartFolder,
  makeRoot,
  removePart,
  secured,
  writeText,
} from './folders.js';

const PART = 'part.parquet';
/** In a part's own metadata: the id of its delivery. */
const DELIVERY = 'delivery';

const gone: Look = { state: 'failed', status: 'gone', rows: 0, failedRows: 0, errors: [] };

export const parquetTarget =
  (parquetFolder: string) =>
  (spec: ParquetTarget): Target =>
    new ParquetFolder(parquetFolder, spec);

/** A delivery's id is the path of its part's folder and a name of its own: `<table>/ad_account_id=…/week=…/<uuid>`. */
export class ParquetFolder implements Target {
  readonly name: string;

  constructor(
    private readonly parquetFolder: string,
    private readonly spec: ParquetTarget,
  ) {
    this.name = targetName(spec);
  }

  prepare(plan: TargetPlan): Promise<TargetNotes> {
    return this.inFolder(async (root) => {
      const empty = await holdsNoParquet(root);
      if (empty) await plan.forgetDelivered();
      for (const [name, text] of dictionaryOf(plan)) await writeText(join(root, name), text);
      return { empty, made: [] };
    });
  }

  begin(partition: Partition): Promise<string> {
    return Promise.resolve(join(folderOf(partition), randomUUID()));
  }

  upload({ id }: Begun, { file, columns, workFolder }: Outgoing): Promise<void> {
    return this.inFolder(async (root) => {
      const { beside } = this.paths(root, id);
      makePartFolder(dirname(beside));
      // The ad account stands in the folder's name: pandas refuses a column that stands in both.
      const names = columns.map(({ name }) => name).filter((name) => name !== 'ad_account_id');
      const engine = await Engine.open(workFolder);
      try {
        await engine.makeRoomFor(names.length);
        await engine.run(
          `COPY (SELECT ${names.map(quote).join(', ')} FROM read_parquet(${literal(file)}) ORDER BY ALL)
           TO ${literal(beside)} (FORMAT parquet, COMPRESSION zstd, KV_METADATA {${DELIVERY}: ${literal(id)}})`,
        );
      } finally {
        engine.close();
      }
      await secured(beside);
    });
  }

  complete({ id }: Begun): Promise<void> {
    return this.inFolder(async (root) => {
      const { beside, part } = this.paths(root, id);
      await rename(beside, part);
    });
  }

  look({ id }: Begun): Promise<Look> {
    return this.inFolder(async (root) => {
      const { beside, part } = this.paths(root, id);
      if (existsSync(beside)) return { ...gone, state: 'open', status: 'being written' };
      if (!existsSync(part)) return gone;
      const engine = await Engine.open(tmpdir());
      try {
        const found = await engine.number(
          `SELECT count(*) FROM parquet_kv_metadata(${literal(part)})
           WHERE decode(key) = ${literal(DELIVERY)} AND decode(value) = ${literal(id)}`,
        );
        if (found === 0) return gone;
        const rows = await engine.number(`SELECT num_rows FROM parquet_file_metadata(${literal(part)})`);
        return { state: 'delivered', status: 'in place', rows, failedRows: 0, errors: [] };
      } finally {
        engine.close();
      }
    });
  }

  abandon({ id }: Pick<Begun, 'id'>): Promise<void> {
    return this.inFolder((root) => rm(this.paths(root, id).beside, { force: true }));
  }

  remove({ id }: Begun): Promise<void> {
    return this.inFolder((root) => removePart(root, this.paths(root, id).part));
  }

  async *failedRows(): AsyncGenerator<FailedRow> {
    // Every row that the store holds fits.
  }

  /** An id that nobody noted has left nothing behind. */
  openSince(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  /** A name that begins with `.` and does not end in `.parquet` is nobody's part of a table. */
  private paths(root: string, id: string): { beside: string; part: string } {
    const folder = join(root, dirname(id));
    return { beside: join(folder, `.${basename(id)}.tmp`), part: join(folder, PART) };
  }

  private async inFolder<T>(work: (root: string) => Promise<T>): Promise<T> {
    const folder = join(this.parquetFolder, this.spec.path);
    try {
      return await work(await makeRoot(this.parquetFolder, this.spec.path));
    } catch (error) {
      throw explained(error, folder);
    }
  }
}
