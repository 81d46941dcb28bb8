// Upgrades: workflows that were begun by an earlier version go on under this one.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { WORKFLOW_BUNDLE } from '../support/harness.js';

interface RecordedHistory {
  events: { activityTaskScheduledEventAttributes?: { activityType: { name: string } } }[];
}

const FOLDER = join(__dirname, '../histories');
const recorded = readdirSync(FOLDER).flatMap((commit) =>
  readdirSync(join(FOLDER, commit)).map((file) => join(commit, file)),
);
const read = (file: string): RecordedHistory =>
  JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as RecordedHistory;
/** Where the spans of traced workflows go. */
const UNSEEN = { exporter: { export: { fn: () => undefined } } };
/** Under the id that the recorded runs had: the ids of their ad accounts' runs begin with it. */
const replay = (history: RecordedHistory, workflowBundle = WORKFLOW_BUNDLE): Promise<void> =>
  Worker.runReplayHistory({ workflowBundle, sinks: UNSEEN }, history, 'acme-ads');

test.each(recorded)('%s goes on', async (file) => {
  await expect(replay(read(file))).resolves.toBeUndefined();
});

test.each(recorded)('%s goes on where traces are sent', async (file) => {
  const traced = { codePath: resolve('dist/workflow-bundle-traced.js') };
  await expect(replay(read(file), traced)).resolves.toBeUndefined();
});

test('a history in which another step was taken is found out', async () => {
  const history = read(recorded.find((file) => file.endsWith('/backfill.json'))!);
  const planned = history.events.find(
    (event) => event.activityTaskScheduledEventAttributes?.activityType.name === 'planChunks',
  )!;
  planned.activityTaskScheduledEventAttributes!.activityType.name = 'finishRun';
  await expect(replay(history)).rejects.toThrow(DeterminismViolationError);
});
