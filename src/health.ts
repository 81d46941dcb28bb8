// Is the worker of this machine at work? It is when Temporal has lately heard it ask for tasks. For a container's health check.
import { hostname } from 'node:os';
import { Connection } from '@temporalio/client';
import { DEFAULT_NAMESPACE, TASK_QUEUE, temporalAddress } from './temporal.js';

/** A worker asks again at least once a minute. */
const SILENT_MS = 150_000;
const ANSWER_MS = 5_000;

const { connectionOptions, namespace = DEFAULT_NAMESPACE } = temporalAddress();
try {
  const connection = await Connection.connect({ ...connectionOptions, connectTimeout: ANSWER_MS });
  const { pollers } = await connection.withDeadline(Date.now() + ANSWER_MS, () =>
    connection.workflowService.describeTaskQueue({ namespace, taskQueue: { name: TASK_QUEUE } }),
  );
  await connection.close();
  const now = Date.now();
  const heard = (pollers ?? []).some(
    ({ identity, lastAccessTime }) =>
      identity?.endsWith(`@${hostname()}`) && now - Number(lastAccessTime?.seconds ?? 0) * 1000 < SILENT_MS,
  );
  if (!heard) throw new Error(`no worker of ${hostname()} asks for tasks of ${TASK_QUEUE}`);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
