// The schema registry: `/stats`, and field groups and schemas in their two containers.
import express, { type RequestHandler, type Router } from 'express';
import { z } from 'zod';
import { sandboxOf } from '../access/headers.js';
import type { Platform, Sandbox } from '../platform.js';
import { jsonBody, parse, parseQuery, whole } from '../wire/parameters.js';
import { badRequest, notFound, registryRefusal } from '../wire/refusal.js';
import { listView, lookUpView } from './accept.js';
import { checkEvolution, checkFieldGroup, checkSchema } from './checks.js';
import { GLOBAL_RESOURCES } from './global.js';
import { Patch, patched } from './patch.js';
import type { Body, Resource } from './resource.js';
import { findResource, registered } from './resources.js';

type Kind = 'mixins' | 'schemas' | 'classes';

const ListQuery = z.strictObject({
  orderby: z
    .string()
    .regex(/^-?[\w:$]+$/)
    .default('$id'),
  limit: whole(0, 500).optional(),
  start: z.string().optional(),
  property: z.string().optional(),
});

/** `title==Acme`, `meta:extends!=…` or `title~^Acme`; several by commas. */
const propertyFilter = (text: string | undefined): ((resource: Resource) => boolean) => {
  const conditions = (text?.split(',') ?? []).map((condition) => {
    const [, key, operator, wanted] = /^([^=!~]+)(==|!=|~)(.*)$/.exec(condition) ?? [];
    if (key === undefined || wanted === undefined)
      throw badRequest(`property: ${condition} is not a condition`);
    return (resource: Resource): boolean => {
      const values = [resource[key]].flat().map(String);
      if (operator === '~') return values.some((value) => new RegExp(wanted).test(value));
      return values.includes(wanted) === (operator === '==');
    };
  });
  return (resource) => conditions.every((holds) => holds(resource));
};

const list =
  (platform: Platform, kind: Kind): RequestHandler =>
  (request, response) => {
    const sandbox = sandboxOf(platform, request);
    const view = listView(request);
    const query = parseQuery(ListQuery, request);
    const descending = query.orderby.startsWith('-');
    const key = query.orderby.replace('-', '');
    const rank = (resource: Resource): string => String(resource[key] ?? '');
    const all = request.params['container'] === 'global' ? GLOBAL_RESOURCES : sandbox.resources;
    const rest = [...all.values()]
      .filter((resource) => resource['meta:resourceType'] === kind)
      .filter(propertyFilter(query.property))
      .sort((a, b) => (rank(a) < rank(b) ? -1 : 1) * (descending ? -1 : 1))
      .filter((one) => !query.start || (descending ? rank(one) < query.start : rank(one) > query.start));
    const size = Math.min(query.limit ?? Infinity, platform.settings.limits.registryPage);
    const page = rest.slice(0, size);
    const next = rest.length > page.length ? rank(page.at(-1)!) : null;
    response.json({
      results: page.map((resource) => view(sandbox, resource)),
      _page: { orderby: query.orderby, next, count: page.length },
      _links: { next: next === null ? null : { href: `?start=${encodeURIComponent(next)}` } },
    });
  };

const found = (sandbox: Sandbox, kind: Kind, container: string, id: string): Resource => {
  const resource = findResource(sandbox, container, id);
  if (resource?.['meta:resourceType'] === kind) return resource;
  throw registryRefusal(
    'XDM-1012-404',
    'Resource Not Found',
    `Requested resource ${id} with version 1 is not found`,
  );
};

const lookUp =
  (platform: Platform, kind: Kind): RequestHandler =>
  (request, response) => {
    const sandbox = sandboxOf(platform, request);
    const view = lookUpView(request);
    const { container, id } = request.params;
    response.json(view(sandbox, found(sandbox, kind, String(container), String(id))));
  };

/** `change` makes the new body out of the request's and, where there is one, the resource that was. */
const write =
  (
    platform: Platform,
    kind: 'mixins' | 'schemas',
    status: number,
    change: (body: unknown, before: Resource) => unknown,
  ): RequestHandler =>
  (request, response) => {
    const sandbox = sandboxOf(platform, request);
    const { id } = request.params;
    const before = id === undefined ? undefined : found(sandbox, kind, 'tenant', String(id));
    const given = before ? change(request.body, before) : request.body;
    const body = parse(z.looseObject({ title: z.string() }), given) as Body;
    const checked =
      kind === 'mixins'
        ? checkFieldGroup(sandbox, platform.settings, body, before)
        : checkSchema(sandbox, body, before);
    if (before) checkEvolution(sandbox, before, checked);
    const resource = registered(kind, checked, platform.settings, before);
    sandbox.resources.set(resource.$id, resource);
    response.status(status).json(resource);
  };

const stats =
  (platform: Platform): RequestHandler =>
  (request, response) => {
    const resources = [...sandboxOf(platform, request).resources.values()];
    const count = (kind: Kind): number =>
      resources.filter((resource) => resource['meta:resourceType'] === kind).length;
    response.json({
      imsOrg: platform.settings.organization,
      tenantId: platform.settings.tenantId,
      counts: { schemas: count('schemas'), mixins: count('mixins'), datatypes: 0, classes: 0, unions: 0 },
    });
  };

export const registryRoutes = (platform: Platform): Router => {
  const routes = express.Router();
  routes.param('container', (_request, _response, next, container) => {
    if (!['tenant', 'global'].includes(container)) throw notFound(`There is no container ${container}`);
    next();
  });
  routes.get('/stats', stats(platform));
  const kinds: [string, Kind][] = [
    ['fieldgroups', 'mixins'],
    ['schemas', 'schemas'],
    ['classes', 'classes'],
  ];
  for (const [name, kind] of kinds) {
    routes.get(`/:container/${name}`, list(platform, kind));
    routes.get(`/:container/${name}/:id`, lookUp(platform, kind));
    if (kind === 'classes') continue;
    routes.post(
      `/tenant/${name}`,
      jsonBody,
      write(platform, kind, 201, (body) => body),
    );
    routes.put(
      `/tenant/${name}/:id`,
      jsonBody,
      write(platform, kind, 200, (body) => body),
    );
    routes.patch(
      `/tenant/${name}/:id`,
      jsonBody,
      write(platform, kind, 200, (body, before) => patched(before, parse(Patch, body))),
    );
  }
  return routes;
};
