// Datasets: a name and the schema of the rows. Names need not be unique: who looks before creating makes them so.
import type { RequestHandler } from 'express';
import { z } from 'zod';
import { sandboxOf } from '../access/headers.js';
import { hexId } from '../ids.js';
import type { Platform, Sandbox } from '../platform.js';
import { resourceById } from '../registry/resources.js';
import { parse, parseQuery } from '../wire/parameters.js';
import { badRequest, notFound } from '../wire/refusal.js';
import { DatasetBody, type Dataset } from './dataset.js';
import { listed, listQuery, picked } from './listing.js';

const tableNameOf = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');

export const datasetOf = (sandbox: Sandbox, id: string): Dataset => {
  const dataset = sandbox.datasets.get(id);
  if (!dataset) throw notFound(`DataSet ${id} was not found`);
  return dataset;
};

export const postDataset =
  (platform: Platform): RequestHandler =>
  (request, response) => {
    const { settings } = platform;
    const sandbox = sandboxOf(platform, request);
    const body = parse(DatasetBody, request.body);
    if (resourceById(sandbox, body.schemaRef.id)?.['meta:resourceType'] !== 'schemas')
      throw badRequest(`schemaRef.id: there is no schema ${body.schemaRef.id} in this sandbox`);
    const id = hexId(24);
    const now = Date.now();
    sandbox.datasets.set(id, {
      ...body,
      id,
      tags: { 'adobe/pqs/table': [tableNameOf(body.name)], ...body.tags },
      fileDescription: {
        persisted: true,
        containerFormat: 'parquet',
        format: 'parquet',
        ...body.fileDescription,
      },
      imsOrg: settings.organization,
      sandboxId: sandbox.name,
      namespace: 'ACP',
      state: 'ACTIVE',
      classification: { dataBehavior: 'time-series', managedBy: 'CUSTOMER' },
      created: now,
      updated: now,
      createdClient: settings.clientId,
      version: '1.0.0',
      files: `@/dataSetFiles?dataSetId=${id}`,
    });
    response
      .status(201)
      .location(`/data/foundation/catalog/dataSets/${id}`)
      .json([`@/dataSets/${id}`]);
  };

const ListQuery = z.strictObject({ ...listQuery, name: z.string().optional() });

export const listDatasets =
  (platform: Platform): RequestHandler =>
  (request, response) => {
    const query = parseQuery(ListQuery, request);
    const all = [...sandboxOf(platform, request).datasets.values()];
    const named = all.filter(({ name }) => query.name === undefined || name === query.name);
    response.json(listed(named, query, platform.settings.limits.catalogPage));
  };

const LookUpQuery = z.strictObject({ properties: listQuery.properties });

export const getDataset =
  (platform: Platform): RequestHandler =>
  (request, response) => {
    const { properties } = parseQuery(LookUpQuery, request);
    const dataset = datasetOf(sandboxOf(platform, request), String(request.params['id']));
    response.json({ [dataset.id]: picked(dataset, properties) });
  };

/** Its batches can still be looked at; nobody reads their rows any more. */
export const deleteDataset =
  (platform: Platform): RequestHandler =>
  (request, response) => {
    const sandbox = sandboxOf(platform, request);
    const { id } = datasetOf(sandbox, String(request.params['id']));
    sandbox.datasets.delete(id);
    response.json([`@/dataSets/${id}`]);
  };
