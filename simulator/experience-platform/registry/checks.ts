// What the registry refuses of a field group or a schema that is made or changed.
import type { Sandbox } from '../platform.js';
import type { ExperiencePlatformSettings } from '../settings.js';
import { badRequest, registryRefusal } from '../wire/refusal.js';
import { checkField, leavesOf, type Field } from './fields.js';
import { GLOBAL_RESOURCES } from './global.js';
import type { Body, Definition, Resource } from './resource.js';
import { resolved, resourceById } from './resources.js';

const isClass = ($id: string): boolean => GLOBAL_RESOURCES.get($id)?.['meta:resourceType'] === 'classes';

const checkTitle = (sandbox: Sandbox, { title }: Body, before?: Resource): void => {
  if (typeof title !== 'string' || title === '') throw badRequest('title is required');
  const same = [...GLOBAL_RESOURCES.values(), ...sandbox.resources.values()].find(
    (other) => other.title === title && other.$id !== before?.$id,
  );
  if (same)
    throw registryRefusal(
      'XDM-1521-400',
      'Title not unique',
      `Object titles must be unique. An object ${same.$id} already exists with the same title`,
    );
};

const checkReferences = ({ allOf }: Body): void => {
  const good =
    Array.isArray(allOf) && allOf.length > 0 && allOf.every((one) => typeof one?.$ref === 'string');
  if (!good) throw badRequest('allOf must be a list of objects with a $ref');
};

const checkDefinition = (given: Definition, name: string, tenant: string): Definition => {
  const path = `#/definitions/${name}/properties`;
  const foreign = Object.keys(given?.properties ?? {}).find((key) => key !== tenant);
  const own = given?.properties?.[tenant];
  if (foreign !== undefined || !own)
    throw registryRefusal(
      'XDM-1021-400',
      'Namespace validation error',
      `A custom field is defined under an invalid namespace. All custom fields must be defined under a top-level field named ${tenant}.`,
    );
  return { ...given, properties: { [tenant]: checkField(own, `${path}/${tenant}`) } };
};

export const checkFieldGroup = (
  sandbox: Sandbox,
  { tenantId }: ExperiencePlatformSettings,
  body: Body,
  before?: Resource,
): Body => {
  checkTitle(sandbox, body, before);
  checkReferences(body);
  const classes = body['meta:intendedToExtend'];
  if (!Array.isArray(classes) || classes.length === 0 || !classes.every((one) => isClass(String(one))))
    throw badRequest('meta:intendedToExtend must list the $id of each class that the field group is for');
  const definitions = Object.fromEntries(
    Object.entries(body.definitions ?? {}).map(([name, definition]) => [
      name,
      checkDefinition(definition, name, `_${tenantId}`),
    ]),
  );
  const lost = body.allOf.find(({ $ref }) => !($ref.replace('#/definitions/', '') in definitions));
  if (lost) throw badRequest(`allOf refers to ${lost.$ref}, which is not there`);
  return { ...body, definitions };
};

export const checkSchema = (sandbox: Sandbox, body: Body, before?: Resource): Body => {
  checkTitle(sandbox, body, before);
  checkReferences(body);
  const references = body.allOf.map(({ $ref }) => $ref);
  const classes = references.filter(isClass);
  if (classes.length !== 1) throw badRequest('allOf must refer to exactly one class');
  for (const $ref of references) {
    if ($ref === classes[0]) continue;
    const group = resourceById(sandbox, $ref);
    if (group?.['meta:resourceType'] !== 'mixins')
      throw badRequest(`allOf refers to ${$ref}, which is not there`);
    if (!(group['meta:intendedToExtend'] as string[]).includes(classes[0]!))
      throw badRequest(`The field group ${$ref} is not compatible with the class ${classes[0]}`);
  }
  resolved(sandbox, body);
  return { ...body, 'meta:class': classes[0], 'meta:extends': references };
};

const schemasWith = (sandbox: Sandbox, { $id }: Resource): Resource[] =>
  [...sandbox.resources.values()].filter(
    (resource) => resource.$id === $id || resource.allOf.some(({ $ref }) => $ref === $id),
  );

/** Once a dataset uses a schema, fields may be added, but none taken away or given another type. */
export const checkEvolution = (sandbox: Sandbox, before: Resource, body: Body): void => {
  const inUse = new Set([...sandbox.datasets.values()].map(({ schemaRef }) => schemaRef.id));
  if (!schemasWith(sandbox, before).some(({ $id }) => inUse.has($id))) return;
  const types = (field: Field): Map<string, string> => leavesOf(field);
  const after = types(resolved(sandbox, body));
  for (const [path, type] of types(resolved(sandbox, before)))
    if (after.get(path) !== type)
      throw badRequest(
        `Breaking change: ${path} is ${type} in a schema that datasets use, and would be ${after.get(path) ?? 'gone'}`,
      );
};
