// A batch is made for one dataset; it may replace batches that were ingested before.
import type { RequestHandler } from 'express';
import { z } from 'zod';
import { clockMs } from '../../wire/request-log.js';
import { sandboxOf } from '../access/headers.js';
import { shown, type Batch } from '../ingestion/batch.js';
import { batchId } from '../ids.js';
import type { Platform, Sandbox } from '../platform.js';
import type { ExperiencePlatformSettings } from '../settings.js';
import { parse } from '../wire/parameters.js';
import { badRequest, throttled } from '../wire/refusal.js';

const percent = z.number().min(0).max(100).optional();
const BatchBody = z.strictObject({
  datasetId: z.string().regex(/^[0-9a-f]{24}$/, 'must be 24 hexadecimal digits'),
  inputFormat: z.strictObject({
    format: z.literal('json', { error: 'must be json: this simulator reads no other' }),
    isMultiLineJson: z
      .literal(false, { error: 'must be false: this simulator reads one object a line' })
      .optional(),
  }),
  enableErrorDiagnostics: z.boolean().default(false),
  partialIngestionPercent: percent,
  partialIngestionPercentage: percent,
  replay: z
    .strictObject({ predecessors: z.array(z.string()).min(1), reason: z.literal('replace') })
    .optional(),
  tags: z.record(z.string(), z.array(z.string())).default({}),
});

const withoutPrefix = (id: string, { replayPrefix }: ExperiencePlatformSettings): string => {
  if (replayPrefix === 'required' && !id.startsWith('$'))
    throw badRequest(`replay.predecessors: ${id} must be prefixed with $`);
  if (replayPrefix === 'forbidden' && id.startsWith('$'))
    throw badRequest(`replay.predecessors: ${id} is no batch`);
  return id.replace(/^\$/, '');
};

/** (guess) Adobe says that an ingested batch can be replaced, and nothing of others: those are refused here. */
const checkPredecessor = (sandbox: Sandbox, id: string, datasetId: string): void => {
  const batch = sandbox.batches.get(id);
  if (batch?.datasetId !== datasetId) throw badRequest(`replay.predecessors: the dataset has no batch ${id}`);
  if (!['success', 'active', 'inactive'].includes(batch.status))
    throw badRequest(`replay.predecessors: the batch ${id} was not ingested, it is ${batch.status}`);
};

export const postBatch = (platform: Platform): RequestHandler => {
  const { settings } = platform;
  let made: number[] = [];
  return (request, response) => {
    const sandbox = sandboxOf(platform, request);
    const body = parse(BatchBody, request.body);
    if (!sandbox.datasets.has(body.datasetId)) throw badRequest(`There is no dataset ${body.datasetId}`);
    const replay = body.replay && {
      ...body.replay,
      predecessors: body.replay.predecessors.map((id) => withoutPrefix(id, settings)),
    };
    for (const id of replay?.predecessors ?? []) checkPredecessor(sandbox, id, body.datasetId);
    const now = clockMs();
    made = made.filter((at) => at > now - 60_000);
    if (made.length >= settings.limits.batchesPerMinute)
      throw throttled(String(Math.ceil((made[0]! + 60_000 - now) / 1000)));
    made.push(now);
    const threshold = body[settings.thresholdField];
    const batch: Batch = {
      id: batchId(),
      datasetId: body.datasetId,
      status: 'loading',
      created: Date.now(),
      updated: Date.now(),
      changes: 0,
      ...(replay && { replay }),
      tags: {
        ...body.tags,
        acp_enableErrorDiagnostics: body.enableErrorDiagnostics,
        ...(threshold !== undefined && { acp_partialIngestionPercent: threshold }),
      },
      // Adobe's screens say that a threshold brings diagnostics with it.
      diagnostics: body.enableErrorDiagnostics || (threshold ?? 0) > 0,
      threshold,
      files: new Map(),
      stages: [],
      errors: [],
    };
    sandbox.batches.set(batch.id, batch);
    response.status(201).json(shown(settings, batch));
  };
};
