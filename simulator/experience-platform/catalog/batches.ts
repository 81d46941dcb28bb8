// What became of a batch. Being asked by its id is what makes one go on: the simulator's time is counted in polls.
import type { RequestHandler } from 'express';
import { z } from 'zod';
import { sandboxOf } from '../access/headers.js';
import { shown, STATUSES } from '../ingestion/batch.js';
import { advance } from '../ingestion/life-cycle.js';
import type { Platform, Sandbox } from '../platform.js';
import type { Batch } from '../ingestion/batch.js';
import { parseQuery, whole } from '../wire/parameters.js';
import { notFound } from '../wire/refusal.js';
import { listed, listQuery } from './listing.js';

export const batchOf = (sandbox: Sandbox, id: string): Batch => {
  const batch = sandbox.batches.get(id);
  if (!batch) throw notFound(`Batch ${id} was not found`);
  return batch;
};

export const getBatch =
  (platform: Platform): RequestHandler =>
  async (request, response) => {
    const sandbox = sandboxOf(platform, request);
    const batch = batchOf(sandbox, String(request.params['id']));
    await advance(platform, sandbox, batch);
    response.json({ [batch.id]: shown(platform.settings, batch) });
  };

const ListQuery = z.strictObject({
  ...listQuery,
  dataSet: z.string().optional(),
  status: z.enum(STATUSES).optional(),
  createdAfter: whole().optional(),
  createdBefore: whole().optional(),
});

export const listBatches =
  (platform: Platform): RequestHandler =>
  (request, response) => {
    const query = parseQuery(ListQuery, request);
    const matching = [...sandboxOf(platform, request).batches.values()].filter(
      (batch) =>
        (query.dataSet === undefined || batch.datasetId === query.dataSet) &&
        (query.status === undefined || batch.status === query.status) &&
        batch.created > (query.createdAfter ?? -1) &&
        batch.created < (query.createdBefore ?? Infinity),
    );
    const batches = matching.map((batch) => shown(platform.settings, batch));
    response.json(listed(batches, query, platform.settings.limits.catalogPage));
  };
