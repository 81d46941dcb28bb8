// The schema registry: field groups and schemas by their titles, and what fields they have.
// https://developer.adobe.com/experience-platform-apis/references/schema-registry/
import type { Sandbox } from '../access/client.js';
import { PlatformError } from '../access/errors.js';
import { pathText, propertiesOf, typesIn, type XdmField } from '../xdm.js';

export type Kind = 'fieldgroups' | 'schemas';

/** Lists and look-ups are refused without one of these; each takes another. */
const SUMMARIES = 'application/vnd.adobe.xed-id+json';
const ALL_FIELDS = 'application/vnd.adobe.xed-full+json; version=1';

/** In a field group: what Adobe's own editor calls it. */
const DEFINITION = 'customFields';
const MOST_PAGES = 200;
/** Of Adobe's own resources, which are in no tenant's container. */
export const STANDARD = 'https://ns.adobe.com/xdm/';
const TENANT_OF_ID = /^https:\/\/ns\.adobe\.com\/([\w-]+)\/(?:mixins|schemas)\//;

/** A field group or a schema. */
export interface Described {
  /** The `$id` of a schema's class, if the registry tells it. */
  ofClass: string | undefined;
  /** Every field with its type, by its path. */
  fields: Map<string, string>;
}

type Resource = Readonly<Record<string, unknown>>;

const asResource = (value: unknown): Resource => Object(value) as Resource;

/** Names of a JSON pointer. */
const pointer = (names: readonly string[]): string =>
  names.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

export class Registry {
  constructor(
    private readonly sandbox: Sandbox,
    private readonly signal: AbortSignal,
  ) {}

  /** The organization's namespace, without its underscore: as the registry says, or as it stands in the ids of what was made there. */
  async tenant(): Promise<string> {
    const { tenantId } = await this.stats();
    if (typeof tenantId === 'string' && /^[\w-]+$/.test(tenantId)) return tenantId.replace(/^_/, '');
    for (const kind of ['fieldgroups', 'schemas'] as const) {
      const page = asResource(await this.get(`/tenant/${kind}`, SUMMARIES, `listing ${kind}`));
      for (const { $id } of [page['results'] ?? []].flat<unknown[]>().map(asResource)) {
        const found = TENANT_OF_ID.exec(String($id))?.[1];
        if (found !== undefined) return found;
      }
    }
    throw new PlatformError('TargetRefused', 'The schema registry does not say what the tenant’s id is');
  }

  private async stats(): Promise<Resource> {
    try {
      return asResource(await this.get('/stats', SUMMARIES, 'asking for the tenant’s namespace'));
    } catch (error) {
      if (error instanceof PlatformError && error.facts.status === 404) return {};
      throw error;
    }
  }

  /** The `$id` of one of the tenant's; undefined if none has the title. */
  async find(kind: Kind, title: string): Promise<string | undefined> {
    let start: string | undefined;
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const query = start === undefined ? undefined : { start };
      const page = asResource(await this.get(`/tenant/${kind}`, SUMMARIES, `listing ${kind}`, query));
      const found = [page['results'] ?? []].flat<unknown[]>().map(asResource);
      const match = found.find((one) => one['title'] === title);
      if (match) return String(match['$id']);
      const next = asResource(page['_page'])['next'];
      if (next === null || next === undefined || next === '' || String(next) === start) return undefined;
      start = String(next);
    }
    throw new PlatformError('TargetRefused', `The list of ${kind} has no end: ${MOST_PAGES} pages were read`);
  }

  async lookUp(kind: Kind, $id: string): Promise<Described> {
    const path = `/tenant/${kind}/${encodeURIComponent($id)}`;
    const resource = asResource(await this.get(path, ALL_FIELDS, `looking up ${kind}, ${$id}`));
    const parts = [resource, ...Object.values(asResource(resource['definitions']))];
    const own = parts.flatMap((part) => [...typesIn(asResource(part)['properties'])]);
    const ofClass = resource['meta:class'];
    return {
      ofClass: typeof ofClass === 'string' ? ofClass : undefined,
      fields: new Map([...own, ...(await this.referred(resource))]),
    };
  }

  /** Of the tenant's field groups that an answer only refers to: not every one has them resolved. */
  private async referred({ properties, allOf }: Resource): Promise<[string, string][]> {
    if (properties !== undefined) return [];
    const found: [string, string][] = [];
    for (const reference of [allOf ?? []].flat<unknown[]>().map(asResource)) {
      const $ref = String(reference['$ref']);
      if (/^https?:/.test($ref) && !$ref.startsWith(STANDARD))
        found.push(...(await this.lookUp('fieldgroups', $ref)).fields);
    }
    return found;
  }

  makeFieldGroup(
    title: string,
    description: string,
    forClass: string,
    fields: readonly XdmField[],
  ): Promise<string> {
    return this.make('fieldgroups', title, {
      title,
      description,
      type: 'object',
      'meta:intendedToExtend': [forClass],
      definitions: { [DEFINITION]: { type: 'object', properties: propertiesOf(fields) } },
      allOf: [{ $ref: `#/definitions/${DEFINITION}` }],
    });
  }

  makeSchema(title: string, description: string, parts: readonly string[]): Promise<string> {
    const allOf = parts.map(($ref) => ({ $ref }));
    return this.make('schemas', title, { title, description, type: 'object', allOf });
  }

  /**
   * To a field group that was made here.
   * @param known what it has, objects too
   */
  async addFields(
    $id: string,
    fields: readonly XdmField[],
    known: ReadonlyMap<string, string>,
  ): Promise<void> {
    const built = propertiesOf(fields);
    // An object that is missing is added with all that it holds.
    const added = new Map(
      fields.map(({ path }) => {
        const depth = path.findIndex((_, i) => !known.has(pathText(path.slice(0, i + 1))));
        const at = path.slice(0, depth + 1);
        return [pathText(at), at];
      }),
    );
    const operations = [...added.values()].map((path) => ({
      op: 'add',
      path: pointer(['definitions', DEFINITION, ...path.flatMap((name) => ['properties', name])]),
      value: path.reduce<unknown>(
        (at, name, i) => asResource(i === 0 ? at : asResource(at)['properties'])[name],
        built,
      ),
    }));
    await this.patch('fieldgroups', $id, operations);
  }

  async addFieldGroup(schema: string, group: string): Promise<void> {
    await this.patch('schemas', schema, [{ op: 'add', path: '/allOf/-', value: { $ref: group } }]);
  }

  private async make(kind: Kind, title: string, body: object): Promise<string> {
    const what = `making the ${kind === 'schemas' ? 'schema' : 'field group'} ${title}`;
    const made = asResource(
      await this.sandbox.json({
        method: 'POST',
        path: `/schemaregistry/tenant/${kind}`,
        what,
        body,
        signal: this.signal,
      }),
    );
    const { $id } = made;
    if (typeof $id === 'string') return $id;
    throw new PlatformError('TargetUnavailable', `Experience Platform's answer to ${what} has no $id`);
  }

  private async patch(kind: Kind, $id: string, body: object[]): Promise<void> {
    await this.sandbox.done({
      method: 'PATCH',
      path: `/schemaregistry/tenant/${kind}/${encodeURIComponent($id)}`,
      what: `adding fields to ${$id}`,
      body,
      signal: this.signal,
    });
  }

  private get(path: string, Accept: string, what: string, query?: Record<string, string>): Promise<unknown> {
    return this.sandbox.json({
      method: 'GET',
      path: `/schemaregistry${path}`,
      what,
      headers: { Accept },
      ...(query && { query }),
      signal: this.signal,
    });
  }
}
