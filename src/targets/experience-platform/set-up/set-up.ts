// Field group, schema and dataset, found by name or made: what rows need to be taken. Repeating it changes nothing.
import type { ExperiencePlatformTarget } from '../../../dataflow/spec.js';
import type { TargetPlan } from '../../target.js';
import type { Sandbox } from '../access/client.js';
import { PlatformError } from '../access/errors.js';
import { EVENT_FIELDS } from '../rows/row-shape.js';
import { isMakeable, isOfFamily, pathText, type XdmField } from '../xdm.js';
import { Catalog } from './catalog.js';
import { Registry, STANDARD } from './registry.js';

const EXPERIENCE_EVENT = 'https://ns.adobe.com/xdm/context/experienceevent';
const SUMMARY_METRICS = 'https://ns.adobe.com/xdm/classes/summarymetrics';
/** Adobe's own field groups are of its class of metrics, and of no event. */
const PAID_MEDIA = [
  SUMMARY_METRICS,
  'https://ns.adobe.com/xdm/mixins/paid-media/core-identifiers',
  'https://ns.adobe.com/xdm/mixins/paid-media/core-metrics',
];

/** Those with an `_id` and a `timestamp`. */
const CLASSES_OF_ROWS = [EXPERIENCE_EVENT, SUMMARY_METRICS];

/** What rows of a dataset will hold, by the tenant's namespace. */
export type FieldsOf = (tenant: string) => Promise<readonly XdmField[]>;

export type SetUpPlan = Pick<TargetPlan, 'dataflow' | 'forgetDelivered' | 'signal'>;

export interface Place {
  datasetId: string;
  tenant: string;
}

export interface SetUp extends Place {
  /** It was made just now. */
  isNew: boolean;
  /** What was made or changed, each a sentence with ids. */
  made: string[];
}

type Types = ReadonlyMap<string, string>;

const isMissing =
  (known: Types) =>
  ({ path }: XdmField): boolean =>
    !known.has(pathText(path)) && !EVENT_FIELDS.has(pathText(path));

const named = (fields: readonly XdmField[]): string => {
  const paths = fields.map(({ path }) => pathText(path));
  return paths.length <= 5
    ? paths.join(', ')
    : `${paths.slice(0, 5).join(', ')} and ${paths.length - 5} more`;
};

const refuse = (message: string): never => {
  throw new PlatformError('TargetRefused', message);
};

class Making {
  readonly made: string[] = [];
  private readonly registry: Registry;
  private readonly catalog: Catalog;

  constructor(
    sandbox: Sandbox,
    private readonly target: ExperiencePlatformTarget,
    private readonly plan: SetUpPlan,
  ) {
    const { signal } = plan;
    this.registry = new Registry(sandbox, signal);
    this.catalog = new Catalog(sandbox, signal);
  }

  async all(fieldsOf: FieldsOf): Promise<SetUp> {
    const { dataset: name } = this.target;
    const found = await this.catalog.dataset(name);
    const tenant = await this.registry.tenant();
    const fields = (await fieldsOf(tenant)).filter(({ path }) => !EVENT_FIELDS.has(pathText(path)));
    const existing = found?.schema ?? (await this.registry.find('schemas', name));
    const schema = existing ?? (await this.makeSchema(fields, tenant));
    if (existing !== undefined) await this.complete(existing, fields, tenant);
    const datasetId = found?.id ?? (await this.makeDataset(name, schema));
    return { datasetId, tenant, isNew: !found, made: this.made };
  }

  private get groupTitle(): string {
    return `${this.target.dataset} fields`;
  }

  private async makeSchema(fields: readonly XdmField[], tenant: string): Promise<string> {
    const { dataset: title } = this.target;
    const paidMedia = this.isPaidMedia();
    const parts = paidMedia ? PAID_MEDIA : [EXPERIENCE_EVENT, await this.fieldGroup(fields, tenant)];
    const schema = await this.registry.makeSchema(title, this.description, parts);
    this.made.push(`Made the schema ${title}, ${schema}`);
    return schema;
  }

  private async makeDataset(name: string, schema: string): Promise<string> {
    await this.plan.forgetDelivered();
    const id = await this.catalog.makeDataset(name, schema);
    this.made.push(`Made the dataset ${name}, ${id}`);
    return id;
  }

  /** Adds what a schema lacks, to the field group that was made for it. */
  private async complete(schema: string, fields: readonly XdmField[], tenant: string): Promise<void> {
    const { ofClass, fields: before } = await this.registry.lookUp('schemas', schema);
    this.checkClass(ofClass, schema);
    this.checkTypes(before, fields, schema);
    if (!fields.some(isMissing(before))) return;
    if (this.isPaidMedia() || (this.target.mapping && !(await this.group())))
      this.refuseMissing(before, fields, schema);
    const group = await this.fieldGroup(fields, tenant);
    let { fields: after } = await this.registry.lookUp('schemas', schema);
    if (fields.some(isMissing(after)) && !this.target.mapping) {
      await this.registry.addFieldGroup(schema, group);
      this.made.push(`Added the field group ${this.groupTitle} to the schema ${schema}`);
      ({ fields: after } = await this.registry.lookUp('schemas', schema));
    }
    if (fields.some(isMissing(after))) this.refuseMissing(after, fields, schema);
  }

  /** With all of these fields, found by its title or made. */
  private async fieldGroup(fields: readonly XdmField[], tenant: string): Promise<string> {
    const foreign = fields.filter(({ path }) => path[0] !== `_${tenant}`);
    if (foreign.length > 0)
      refuse(
        `No field group of yours can have ${named(foreign)}: fields of your own stand below _${tenant}. Map to _${tenant}.…, or name a dataset whose schema has them.`,
      );
    const unmade = fields.filter((field) => !isMakeable(field));
    const group = await this.group();
    if (group === undefined && unmade.length > 0)
      refuse(
        `${named(unmade)} would be of type ${unmade[0]!.type}, of which no field is made: name a dataset whose schema has it.`,
      );
    if (group === undefined) {
      const made = await this.registry.makeFieldGroup(
        this.groupTitle,
        this.description,
        EXPERIENCE_EVENT,
        fields,
      );
      this.made.push(`Made the field group ${this.groupTitle}, ${made}`);
      return made;
    }
    const { fields: known } = await this.registry.lookUp('fieldgroups', group);
    this.checkTypes(known, fields, group);
    const missing = fields.filter(isMissing(known)).filter(isMakeable);
    if (missing.length > 0) {
      await this.registry.addFields(group, missing, known);
      this.made.push(`Added ${named(missing)} to the field group ${this.groupTitle}, ${group}`);
    }
    return group;
  }

  private group(): Promise<string | undefined> {
    return this.registry.find('fieldgroups', this.groupTitle);
  }

  private isPaidMedia(): boolean {
    return !this.target.mapping && this.target.shape === 'paid-media';
  }

  private get description(): string {
    return `Pinterest Ads performance data, delivered by the dataflow ${this.plan.dataflow}`;
  }

  /** A tenant's own class may be one of events. */
  private checkClass(ofClass: string | undefined, schema: string): void {
    if (!ofClass?.startsWith(STANDARD) || CLASSES_OF_ROWS.includes(ofClass)) return;
    refuse(
      `The schema ${schema} of the dataset ${this.target.dataset} is of the class ${ofClass}, and rows are events: name another dataset, or one whose schema is of the class ${EXPERIENCE_EVENT}.`,
    );
  }

  private checkTypes(known: Types, fields: readonly XdmField[], where: string): void {
    for (const { path, type } of fields) {
      const there = known.get(pathText(path));
      if (there === undefined || there === type) continue;
      if (this.target.mapping && isOfFamily(there, type)) continue;
      refuse(
        `The field ${pathText(path)} is of type ${there} in ${where}, and its values are of type ${type}: name another dataset, or map the column to a field of type ${type}.`,
      );
    }
  }

  private refuseMissing(known: Types, fields: readonly XdmField[], schema: string): never {
    const missing = fields.filter(isMissing(known));
    return refuse(
      `The schema ${schema} of the dataset ${this.target.dataset} lacks ${named(missing)}: add ${missing.length === 1 ? 'that field' : 'those fields'} to it, or name a new dataset.`,
    );
  }
}

/** @throws PlatformError `TargetRefused` for whatever would make deliveries fail and can be known before the first */
export const setUp = (
  sandbox: Sandbox,
  target: ExperiencePlatformTarget,
  plan: SetUpPlan,
  fieldsOf: FieldsOf,
): Promise<SetUp> => new Making(sandbox, target, plan).all(fieldsOf);
