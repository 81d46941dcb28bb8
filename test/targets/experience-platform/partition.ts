// A target on a simulated platform, and partitions for it: what its tests share.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  startExperiencePlatform,
  type ExperiencePlatform,
} from '../../../simulator/experience-platform/server.js';
import type { ExperiencePlatformOptions } from '../../../simulator/experience-platform/settings.js';
import type { ExperiencePlatformTarget } from '../../../src/dataflow/spec.js';
import { Engine } from '../../../src/engine/engine.js';
import { readSettings } from '../../../src/settings.js';
import type { UploadLimits } from '../../../src/targets/experience-platform/batches.js';
import { experiencePlatformTarget } from '../../../src/targets/experience-platform/experience-platform-target.js';
import type { Begun, Outgoing, Partition, TableOut, Target } from '../../../src/targets/target.js';
import { environmentOf } from '../../support/delivered.js';

export const ACCOUNT = '549755885175';
const COLUMNS: TableOut['columns'] = [
  { name: 'ad_account_id', type: 'TEXT' },
  { name: 'campaign_id', type: 'TEXT' },
  { name: 'date', type: 'DATE' },
  { name: 'spend_in_micro_dollar', type: 'DOUBLE PRECISION' },
  { name: 'ctr', type: 'DOUBLE PRECISION' },
  { name: 'campaign_name', type: 'TEXT' },
];
export const tableWith = (...more: TableOut['columns']): TableOut => ({
  dataset: { objectType: 'campaigns' },
  table: 'campaign_analytics',
  columns: [...COLUMNS, ...more],
});
export const TABLE = tableWith();
export const PARTITION: Partition = {
  dataset: TABLE.dataset,
  table: TABLE.table,
  adAccountId: ACCOUNT,
  week: '2026-05-04',
};

/** Rows of that week, as SELECT gives them. */
export const ROWS = (count: number): string =>
  `SELECT '${ACCOUNT}' AS ad_account_id, (626735565838 + i)::VARCHAR AS campaign_id, DATE '2026-05-04' AS date,
   (i * 1000000)::DOUBLE AS spend_in_micro_dollar, CASE WHEN i % 2 = 0 THEN i / 3.0 END::DOUBLE AS ctr,
   'Grüße "' || i || '" \\' AS campaign_name FROM range(${count}) AS numbers(i)`;

export class Stage {
  readonly signal = new AbortController().signal;
  private readonly folders: string[] = [];

  private constructor(readonly platform: ExperiencePlatform) {}

  static async start(options: ExperiencePlatformOptions = {}): Promise<Stage> {
    return new Stage(await startExperiencePlatform(options));
  }

  /** As of a worker that has just started. */
  target(
    changes: Partial<ExperiencePlatformTarget> = {},
    { environment = {}, limits }: { environment?: Record<string, string>; limits?: UploadLimits } = {},
  ): Target {
    return this.targets({ environment, ...(limits && { limits }) })(changes);
  }

  /** Several of one worker. */
  targets({
    environment = {},
    limits,
  }: { environment?: Record<string, string>; limits?: UploadLimits } = {}) {
    const settings = readSettings({ ...environmentOf(this.platform), ...environment });
    const open = experiencePlatformTarget(settings.experiencePlatform.access!, limits);
    return (changes: Partial<ExperiencePlatformTarget> = {}): Target =>
      open({
        kind: 'experience-platform',
        sandbox: 'prod',
        dataset: 'acme-ads',
        shape: 'columns',
        errorThresholdPercent: 0,
        adopt: false,
        ...changes,
      });
  }

  prepare(target: Target, tables: readonly TableOut[] = [TABLE], whenForgotten: () => void = () => {}) {
    const samples = () => Promise.resolve([]);
    const forgetDelivered = () => Promise.resolve(whenForgotten());
    const { signal } = this;
    return target.prepare({
      dataflow: 'acme',
      adAccountId: ACCOUNT,
      tables,
      samples,
      forgetDelivered,
      signal,
    });
  }

  begun(id: string): Begun {
    return { partition: PARTITION, id, signal: this.signal };
  }

  async outgoing(select: string, { columns } = TABLE): Promise<Outgoing> {
    const folder = await mkdtemp(join(tmpdir(), 'partition-'));
    this.folders.push(folder);
    const file = join(folder, 'rows.parquet');
    const engine = await Engine.open(folder);
    const rows = await engine.writeParquet(select, file);
    engine.close();
    return { columns, file, rows, workFolder: folder };
  }

  /** All the way. */
  async deliver(target: Target, select: string, replaces: string | null = null): Promise<string> {
    const id = await target.begin(PARTITION, replaces, this.signal);
    await target.upload(this.begun(id), await this.outgoing(select));
    await target.complete(this.begun(id));
    while ((await target.look(this.begun(id))).state === 'moving');
    return id;
  }

  async rows(dataset = 'acme-ads'): Promise<Record<string, unknown>[]> {
    const rows: Record<string, unknown>[] = [];
    for await (const row of this.platform.lake.rows('prod', dataset)) rows.push(row);
    return rows;
  }

  async close(): Promise<void> {
    await this.platform.close();
    for (const folder of this.folders) await rm(folder, { recursive: true, force: true });
  }
}
