// What can be asked of a whole batch. Asking for what already holds is answered as if it had just been done.
import type { RequestHandler } from 'express';
import { z } from 'zod';
import { entryOf } from '../../wire/request-log.js';
import { sandboxOf } from '../access/headers.js';
import { batchOf } from '../catalog/batches.js';
import { changeStatus, isReadable, type Batch } from '../ingestion/batch.js';
import { promote } from '../ingestion/life-cycle.js';
import type { Platform } from '../platform.js';
import { parseQuery } from '../wire/parameters.js';
import { badRequest } from '../wire/refusal.js';

const ActionQuery = z.strictObject({ action: z.enum(['COMPLETE', 'ABORT', 'FAIL', 'REVERT']) });
type Action = z.output<typeof ActionQuery>['action'];

const wasCompleted = ({ ingestion }: Batch): boolean => ingestion !== undefined;

const refuse = (action: Action, { id, status }: Batch): never => {
  throw badRequest(`${action} is not possible: the batch ${id} is ${status}`);
};

const abort = ({ settings }: Platform, batch: Batch): void => {
  if (batch.status === 'aborted') return;
  const moving = wasCompleted(batch) && batch.completed === undefined;
  if (batch.status !== 'loading' && !(moving && settings.abortAfterComplete === 'allow'))
    refuse('ABORT', batch);
  changeStatus(batch, 'aborted');
};

const fail = (batch: Batch): void => {
  if (batch.status === 'failed') return;
  if (batch.status !== 'loading') refuse('FAIL', batch);
  changeStatus(batch, 'failed');
};

const revert = (batch: Batch): void => {
  if (batch.status === 'inactive') return;
  if (!isReadable(batch)) refuse('REVERT', batch);
  changeStatus(batch, 'inactive');
};

export const postAction =
  (platform: Platform): RequestHandler =>
  (request, response) => {
    const sandbox = sandboxOf(platform, request);
    const batch = batchOf(sandbox, String(request.params['id']));
    const { action } = parseQuery(ActionQuery, request);
    if (action === 'ABORT') abort(platform, batch);
    else if (action === 'FAIL') fail(batch);
    else if (action === 'REVERT') revert(batch);
    else if (!wasCompleted(batch)) {
      if (batch.status !== 'loading') refuse(action, batch);
      const unfinished = [...batch.files.values()].find(({ parts }) => parts);
      if (unfinished) throw badRequest(`The large file ${unfinished.name} was not completed`);
      const rule = platform.faults.ofBatch(request);
      if (rule) entryOf(response).faults.push(rule.effect);
      promote(platform, sandbox, batch, rule);
    }
    response.status(200).end();
  };
