// The data lake as its readers see it: the rows of successful batches, less those that were replaced or reverted.
// Outside Adobe's API: for tests, and for whoever wants to look.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import express, { type Request, type RequestHandler, type Router } from 'express';
import { z } from 'zod';
import { isReadable, type Batch } from './ingestion/batch.js';
import { linesOf } from './ingestion/json-lines.js';
import { settle } from './ingestion/life-cycle.js';
import type { Dataset } from './catalog/dataset.js';
import type { Platform } from './platform.js';
import { parseQuery } from './wire/parameters.js';
import { notFound } from './wire/refusal.js';

export interface Lake {
  /** Datasets of a sandbox, by name or id, the oldest first. */
  datasets(sandbox: string, nameOrId?: string): Dataset[];
  /** Every batch that was made for a dataset, whatever became of it. */
  batches(sandbox: string, nameOrId: string): Batch[];
  /** What a reader sees now. */
  rows(sandbox: string, nameOrId: string): AsyncIterable<Record<string, unknown>>;
  /** Lets every accepted batch come to its end first, also those that nobody polls. */
  settle(sandbox: string): Promise<void>;
}

async function* linesOfBatches(batches: Batch[]): AsyncIterable<string[]> {
  for (const { outcome } of batches)
    if (outcome && outcome.metrics.outputRecordCount > 0) yield* linesOf([outcome.rowsPath]);
}

export const createLake = (platform: Platform): Lake => {
  const datasets = (sandbox: string, nameOrId?: string): Dataset[] =>
    [...platform.sandbox(sandbox).datasets.values()].filter(
      ({ id, name }) => nameOrId === undefined || id === nameOrId || name === nameOrId,
    );
  const batches = (sandbox: string, nameOrId: string): Batch[] => {
    const ids = new Set(datasets(sandbox, nameOrId).map(({ id }) => id));
    return [...platform.sandbox(sandbox).batches.values()].filter(({ datasetId }) => ids.has(datasetId));
  };
  return {
    datasets,
    batches,
    rows: async function* (sandbox, nameOrId) {
      const readable = batches(sandbox, nameOrId).filter(isReadable);
      for await (const lines of linesOfBatches(readable))
        for (const line of lines) yield JSON.parse(line) as Record<string, unknown>;
    },
    settle: (sandbox) => settle(platform, platform.sandbox(sandbox)),
  };
};

async function* textOf(rows: AsyncIterable<object>): AsyncIterable<string> {
  for await (const row of rows) yield `${JSON.stringify(row)}\n`;
}

const LakeQuery = z.strictObject({ settle: z.literal('').optional() });

const getRows =
  (lake: Lake): RequestHandler<{ sandbox: string; dataset: string }> =>
  async (request, response) => {
    const { sandbox, dataset } = request.params;
    if (lake.datasets(sandbox, dataset).length === 0) throw notFound(`There is no dataset ${dataset}`);
    if (parseQuery(LakeQuery, request as Request).settle !== undefined) await lake.settle(sandbox);
    response.type('application/x-ndjson');
    await pipeline(Readable.from(textOf(lake.rows(sandbox, dataset))), response);
  };

/** `/lake/<sandbox>/<dataset>`: JSON lines; with `?settle`, of what was accepted too. `/log`: every request. */
export const lakeRoutes = (platform: Platform, lake: Lake): Router => {
  const routes = express.Router();
  routes.get('/lake/:sandbox/:dataset', getRows(lake));
  routes.get('/log', (_request, response) => void response.json(platform.log));
  return routes;
};
