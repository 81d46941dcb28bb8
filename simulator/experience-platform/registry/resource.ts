// A field group, a class or a schema, as the registry keeps it.
import type { Field } from './fields.js';

export interface Definition {
  properties: Record<string, Field>;
  required?: string[];
}
export interface Reference {
  $ref: string;
}
export interface Resource extends Record<string, unknown> {
  $id: string;
  'meta:altId': string;
  'meta:resourceType': 'classes' | 'mixins' | 'schemas';
  version: string;
  title: string;
  definitions?: Record<string, Definition>;
  allOf: Reference[];
}
/** What a client says of a resource; the rest is the registry's. */
export type Body = Pick<Resource, 'title' | 'definitions' | 'allOf'> & Record<string, unknown>;
