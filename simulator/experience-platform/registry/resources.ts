// Field groups, classes and schemas: how they are named, found and put together.
import { hexId } from '../ids.js';
import type { Sandbox } from '../platform.js';
import type { ExperiencePlatformSettings } from '../settings.js';
import { registryRefusal } from '../wire/refusal.js';
import type { Field } from './fields.js';
import { GLOBAL_RESOURCES } from './global.js';
import type { Body, Definition, Resource } from './resource.js';

export const altIdOf = ($id: string): string =>
  `_${$id.replace('https://ns.adobe.com/', '').replaceAll('/', '.')}`;

export const registered = (
  kind: 'mixins' | 'schemas',
  body: Body,
  { tenantId, organization, clientId }: ExperiencePlatformSettings,
  before?: Resource,
): Resource => {
  const $id = before?.$id ?? `https://ns.adobe.com/${tenantId}/${kind}/${hexId(48)}`;
  const now = Date.now();
  const metadata = before?.['meta:registryMetadata'] as Record<string, unknown> | undefined;
  const minor = before ? Number(before.version.split('.')[1]) + 1 : 0;
  return {
    ...body,
    $id,
    'meta:altId': altIdOf($id),
    'meta:resourceType': kind,
    version: `1.${minor}`,
    type: 'object',
    imsOrg: organization,
    'meta:containerId': 'tenant',
    'meta:tenantNamespace': `_${tenantId}`,
    'meta:xdmType': 'object',
    'meta:registryMetadata': {
      'repo:createdDate': metadata?.['repo:createdDate'] ?? now,
      'repo:lastModifiedDate': now,
      'xdm:createdClientId': clientId,
      'xdm:lastModifiedClientId': clientId,
      eTag: hexId(64),
    },
  };
};

/** By `$id` or `meta:altId`; the container is `tenant` or `global`. */
export const findResource = (sandbox: Sandbox, container: string, id: string): Resource | undefined =>
  [...(container === 'global' ? GLOBAL_RESOURCES : sandbox.resources).values()].find(
    (resource) => resource.$id === id || resource['meta:altId'] === id,
  );

export const resourceById = (sandbox: Sandbox, $id: string): Resource | undefined =>
  sandbox.resources.get($id) ?? GLOBAL_RESOURCES.get($id);

const mergedFields = (a: Field, b: Field, path: string): Field => {
  if (a['meta:xdmType'] !== b['meta:xdmType'])
    throw registryRefusal(
      'XDM-1413-400',
      'Merge Schema Error',
      `Cannot merge incompatible data types. The path ${path} has already been defined using a different data type. Types: ${a['meta:xdmType']}, ${b['meta:xdmType']}`,
    );
  if (!a.properties || !b.properties) return b;
  const properties = { ...a.properties };
  for (const [name, field] of Object.entries(b.properties)) {
    const before = properties[name];
    properties[name] = before ? mergedFields(before, field, `${path}/${name}`) : field;
  }
  return { ...a, properties, required: [...(a.required ?? []), ...(b.required ?? [])] };
};

const asField = (definition: Partial<Definition> = {}): Field => ({
  type: 'object',
  'meta:xdmType': 'object',
  properties: {},
  ...definition,
});

/** The resource as one object: every reference resolved. */
export const resolved = (sandbox: Sandbox, resource: Body): Field =>
  resource.allOf
    .map(({ $ref }) => {
      const local = /^#\/definitions\/(.+)$/.exec($ref)?.[1];
      if (local !== undefined) return asField(resource.definitions?.[local]);
      const other = resourceById(sandbox, $ref);
      return other ? resolved(sandbox, other) : asField();
    })
    .reduce((a, b) => mergedFields(a, b, ''), asField());
