// The Accept header decides how much of a resource is shown; lists and look-ups want different ones.
import type { Request } from 'express';
import type { Sandbox } from '../platform.js';
import { registryRefusal } from '../wire/refusal.js';
import type { Resource } from './resource.js';
import { resolved } from './resources.js';

type View = (sandbox: Sandbox, resource: Resource) => unknown;

const summary: View = (_sandbox, { $id, 'meta:altId': altId, version, title }) => ({
  $id,
  'meta:altId': altId,
  version,
  title,
});
const raw: View = (_sandbox, resource) => resource;
const full: View = (sandbox, resource) => {
  const { allOf: _allOf, definitions: _definitions, ...own } = resource;
  const { properties, required } = resolved(sandbox, resource);
  return { ...own, properties, required };
};

const refuse = (code: string, given: string, example: string): never => {
  throw registryRefusal(
    code,
    'Accept header invalid',
    `The supplied Accept header is not valid: ${given} - A valid Accept value should look like ${example}`,
  );
};

export const listView = ({ headers: { accept = '' } }: Request): View => {
  const kind = /^application\/vnd\.adobe\.(?:xed|xdm)(-id)?\+json$/.exec(accept);
  if (!kind) return refuse('XDM-1006-400', accept, 'application/vnd.adobe.{xed|xdm}+json');
  return kind[1] ? summary : raw;
};

export const lookUpView = ({ headers: { accept = '' } }: Request): View => {
  const kind =
    /^application\/vnd\.adobe\.(?:xed|xdm)(-full)?(?:-notext|-desc|-deprecated)?\+json;\s*version=1(?:\.\d+)?$/.exec(
      accept,
    );
  if (!kind)
    return refuse(
      'XDM-1007-400',
      accept,
      'application/vnd.adobe.{xed|xdm}+json; version=1 (Version should be specified)',
    );
  return kind[1] ? full : raw;
};
