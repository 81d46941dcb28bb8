// From COMPLETE to the end of a batch, poll by poll, and what its end does to the batches it replaces.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { datasetOf } from '../catalog/datasets.js';
import type { Platform, Sandbox } from '../platform.js';
import { resolved, resourceById } from '../registry/resources.js';
import type { FaultRule } from '../wire/faults.js';
import { changeStatus, type Batch, type Outcome } from './batch.js';
import { ingest } from './ingest.js';

/** How long the poll that is due to see the end waits for the rows to be read. */
const PATIENCE_MS = 2000;

const stagesOf = (rule: FaultRule | undefined, stagingPolls: number): Batch['stages'] => {
  const staging = { status: 'staging', polls: stagingPolls } as const;
  if (rule?.effect === 'batch-slow')
    return [
      { status: 'staging', polls: rule.polls ?? 3 },
      { status: 'staged', polls: 1 },
    ];
  if (rule?.effect === 'batch-retries') return [staging, { status: 'retrying', polls: rule.polls ?? 3 }];
  if (rule?.effect === 'batch-stalls')
    return [staging, { status: 'retrying', polls: 1 }, { status: 'stalled', polls: rule.polls ?? Infinity }];
  return [staging];
};

/** COMPLETE was accepted: the rows are read from now on, and polls will see how it goes. */
export const promote = (
  { settings, folder, ingestions }: Platform,
  sandbox: Sandbox,
  batch: Batch,
  rule: FaultRule | undefined,
): void => {
  batch.stages = stagesOf(rule, settings.stagingPolls);
  if (rule)
    batch.fate = {
      effect: rule.effect as NonNullable<Batch['fate']>['effect'],
      endsAs: rule.endsAs ?? 'failed',
      rows: rule.rows ?? 1,
    };
  batch.started = Date.now();
  changeStatus(batch, 'loaded');
  const dataset = datasetOf(sandbox, batch.datasetId);
  const schema = resolved(sandbox, resourceById(sandbox, dataset.schemaRef.id)!);
  const ingestion = ingest(batch, schema, settings.limits, join(folder, batch.id));
  batch.ingestion = ingestion;
  ingestions.add(ingestion);
  const done = (): boolean => ingestions.delete(ingestion);
  // Who polls sees a failure; it must not end the process before that.
  ingestion.then(done, done);
};

const end = ({ settings }: Platform, sandbox: Sandbox, batch: Batch, outcome: Outcome): void => {
  const { fate } = batch;
  const broken = fate?.effect === 'batch-fails';
  const succeeds = outcome.succeeds && !broken;
  batch.outcome = outcome;
  batch.errors = broken
    ? [{ code: '500', description: 'The batch could not be promoted: internal error.' }]
    : outcome.errors;
  batch.completed = Date.now();
  changeStatus(batch, succeeds ? settings.successStatus : (fate?.endsAs ?? 'failed'));
  const dataset = datasetOf(sandbox, batch.datasetId);
  dataset.lastBatchId = batch.id;
  dataset.lastBatchStatus = batch.status;
  if (!succeeds) return;
  dataset.lastSuccessfulBatch = batch.id;
  // In one step: no reader sees both, or neither.
  for (const id of batch.replay?.predecessors ?? []) {
    const predecessor = sandbox.batches.get(id);
    if (predecessor && predecessor.status !== 'inactive') changeStatus(predecessor, 'inactive');
  }
};

const hasEnded = ({ completed, status }: Batch): boolean => completed !== undefined || status === 'aborted';

/** One poll further. */
export const advance = async (platform: Platform, sandbox: Sandbox, batch: Batch): Promise<void> => {
  if (!batch.ingestion || hasEnded(batch)) return;
  const stage = batch.stages.find(({ polls }) => polls > 0);
  if (stage) {
    stage.polls -= 1;
    if (batch.status !== stage.status) changeStatus(batch, stage.status);
    return;
  }
  const outcome = await Promise.race([batch.ingestion, sleep(PATIENCE_MS, undefined, { ref: false })]);
  if (outcome && !hasEnded(batch)) end(platform, sandbox, batch, outcome);
};

/** As if everybody had polled for long: what was accepted has ended, but for batches that stall for ever. */
export const settle = async (platform: Platform, sandbox: Sandbox): Promise<void> => {
  for (const batch of sandbox.batches.values()) {
    if (batch.stages.some(({ polls }) => polls === Infinity)) continue;
    batch.stages = [];
    await batch.ingestion;
    await advance(platform, sandbox, batch);
  }
};
