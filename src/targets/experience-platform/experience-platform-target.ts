// A dataset of Adobe Experience Platform as a target: a partition is a batch there, and replaces the one that it was before.
import { join } from 'node:path';
import type { ExperiencePlatformTarget } from '../../dataflow/spec.js';
import { targetName } from '../../dataflow/targets.js';
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
import { Platform, type Access, type Sandbox } from './access/client.js';
import { PlatformError } from './access/errors.js';
import { ADOBE_LIMITS, Batches, isMisplaced, type UploadLimits } from './batches.js';
import { FailedRows } from './failed-rows.js';
import { mapLines } from './mapping/map-lines.js';
import { mappedFields } from './mapping/mapped-fields.js';
import { writeJsonLines } from './rows/json-lines.js';
import {
  columnFields,
  eventFields,
  paidMediaFields,
  plainFields,
  type RowField,
  type Table,
} from './rows/row-shape.js';
import { Catalog } from './set-up/catalog.js';
import { Registry } from './set-up/registry.js';
import { setUp, type Place } from './set-up/set-up.js';
import { pathText, type XdmField } from './xdm.js';

/** Targets that share a token, a rate, and what is known of where their datasets are. */
export const experiencePlatformTarget = (
  access: Access,
  limits: UploadLimits = ADOBE_LIMITS,
): ((spec: ExperiencePlatformTarget) => Target) => {
  const platform = new Platform(access);
  const places = new Map<string, Place>();
  return (spec) => new ExperiencePlatformDataset(platform, places, limits, spec);
};

const readable = ['success', 'active'];

export class ExperiencePlatformDataset implements Target {
  readonly name: string;
  private readonly sandbox: Sandbox;

  constructor(
    private readonly platform: Platform,
    /** By the target's name; found again after a restart. */
    private readonly places: Map<string, Place>,
    private readonly limits: UploadLimits,
    private readonly spec: ExperiencePlatformTarget,
  ) {
    this.name = targetName(spec);
    this.sandbox = platform.sandbox(spec.sandbox);
  }

  async prepare(plan: TargetPlan): Promise<TargetNotes> {
    const { tables, samples, signal } = plan;
    const { mapping } = this.spec;
    const fieldsOf = async (tenant: string): Promise<readonly XdmField[]> => {
      if (mapping) return mappedFields(mapping, tables, ({ table }) => samples(table));
      const fields = tables.flatMap((table) => this.shapeOf(table, tenant));
      return [...new Map(fields.map((field) => [pathText(field.path), field])).values()];
    };
    const { datasetId, tenant, isNew, made } = await setUp(this.sandbox, this.spec, plan, fieldsOf);
    this.places.set(this.name, { datasetId, tenant });
    return { empty: isNew || (await this.isEmpty(datasetId, signal)), made };
  }

  async begin(_partition: Partition, replaces: string | null, signal: AbortSignal): Promise<string> {
    const { errorThresholdPercent } = this.spec;
    const { datasetId } = await this.place(signal);
    try {
      return await (await this.batches(signal)).create(errorThresholdPercent, replaces);
    } catch (error) {
      if (!isMisplaced(error)) throw error;
      // Another worker may have made the dataset anew; and what it is to replace may be gone: expired, or reverted by hand.
      this.places.delete(this.name);
      const batches = await this.batches(signal);
      const standing = replaces !== null && (await batches.stands(replaces)) ? replaces : null;
      if (standing === replaces && (await this.place(signal)).datasetId === datasetId) throw error;
      return batches.create(errorThresholdPercent, standing);
    }
  }

  async upload({ id, partition, signal }: Begun, outgoing: Outgoing): Promise<void> {
    const { tenant } = await this.place(signal);
    const table: Table = { dataset: partition.dataset, columns: outgoing.columns };
    const file = await this.write(table, tenant, outgoing, signal);
    const batches = await this.batches(signal);
    try {
      await batches.upload(id, file);
    } catch (error) {
      const refused = error instanceof PlatformError && error.kind === 'TargetRefused';
      if (!refused || (await batches.look(id)).state === 'open') throw error;
      throw new PlatformError(
        'TargetUnavailable',
        `The batch ${id} was ended by somebody else while rows were sent`,
      );
    }
  }

  async complete({ id, signal }: Begun): Promise<void> {
    await (await this.batches(signal)).complete(id);
  }

  async look({ id, signal }: Begun): Promise<Look> {
    return (await this.batches(signal)).look(id);
  }

  async abandon({ id, signal }: Pick<Begun, 'id' | 'signal'>): Promise<void> {
    await (await this.batches(signal)).abort(id);
  }

  async remove({ id, signal }: Begun): Promise<void> {
    await (await this.batches(signal)).revert(id);
  }

  failedRows({ id, signal }: Begun): AsyncIterable<FailedRow> {
    return new FailedRows(this.sandbox, id, signal).all();
  }

  /**
   * Those of this client; whoever else loads rows into the dataset is left alone. Another dataflow that shares it is this client,
   * too: there nobody's are given up. Readers see nothing of an open batch.
   */
  async openSince(epochMs: number, signal: AbortSignal): Promise<readonly string[]> {
    if (this.spec.adopt) return [];
    const { datasetId } = await this.place(signal);
    const filter = { status: 'loading', createdAfter: String(Math.max(0, Math.floor(epochMs) - 1)) };
    const open: string[] = [];
    for await (const batch of new Catalog(this.sandbox, signal).batches(datasetId, filter)) {
      const { id, status, created = Infinity, createdClient = this.platform.clientId } = batch;
      if (status === 'loading' && created >= epochMs && createdClient === this.platform.clientId)
        open.push(id);
    }
    return open;
  }

  private shapeOf(table: Table, tenant: string): RowField[] {
    return this.spec.shape === 'paid-media' ? paidMediaFields(table) : columnFields(table, tenant);
  }

  /** The rows as JSON lines. */
  private async write(
    table: Table,
    tenant: string,
    outgoing: Outgoing,
    signal: AbortSignal,
  ): Promise<string> {
    const { mapping } = this.spec;
    const file = join(outgoing.workFolder, 'rows.json');
    const fields = mapping ? plainFields(table) : this.shapeOf(table, tenant);
    await writeJsonLines(outgoing, [...eventFields(table), ...fields], file);
    if (!mapping) return file;
    const mapped = join(outgoing.workFolder, 'mapped.json');
    await mapLines(mapping, file, mapped, signal);
    return mapped;
  }

  private async isEmpty(datasetId: string, signal: AbortSignal): Promise<boolean> {
    const catalog = new Catalog(this.sandbox, signal);
    for (const status of readable)
      for await (const batch of catalog.batches(datasetId, { status }))
        if (readable.includes(batch.status)) return false;
    return true;
  }

  private async batches(signal: AbortSignal): Promise<Batches> {
    const { datasetId } = await this.place(signal);
    return new Batches(this.sandbox, datasetId, this.limits, signal);
  }

  /** As the set-up left it. */
  private async place(signal: AbortSignal): Promise<Place> {
    const known = this.places.get(this.name);
    if (known) return known;
    const dataset = await new Catalog(this.sandbox, signal).dataset(this.spec.dataset);
    if (!dataset)
      throw new PlatformError(
        'TargetRefused',
        `The sandbox ${this.spec.sandbox} has no dataset ${this.spec.dataset} any more; the next run makes it`,
      );
    const place = { datasetId: dataset.id, tenant: await new Registry(this.sandbox, signal).tenant() };
    this.places.set(this.name, place);
    return place;
  }
}
