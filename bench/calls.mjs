// What a dataflow costs: API calls and Temporal actions of the first run of 186 days and of a second one on the same
// day, and the worker's peak memory. Actions are workflow starts, activity attempts, timers, updates, signals and settings of
// search attributes, the quota's included. 20 campaigns, 60 ad groups, 300 ads; a report is ready at its second poll.
//
//   npm run bench:calls
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { EVERYTHING, startSystem } from './system.mjs';

const system = await startSystem();
const { simulator, client } = system;
const connection = await Connection.connect({ address: system.temporal.address });
const temporalClient = new Client({ connection });
const spec = {
  name: 'bench',
  connection: { adAccountId: simulator.settings.adAccountId },
  source: { objects: EVERYTHING },
};

/** Temporal actions in all histories so far: the dataflow's runs and the quota's. */
const actionsSoFar = async () => {
  let actions = 0;
  for await (const { workflowId, runId } of temporalClient.workflow.list()) {
    const { events } = await temporalClient.workflow.getHandle(workflowId, runId).fetchHistory();
    for (const event of events) {
      if (event.activityTaskStartedEventAttributes)
        actions += event.activityTaskStartedEventAttributes.attempt;
      if (
        event.workflowExecutionStartedEventAttributes ||
        event.timerStartedEventAttributes ||
        event.workflowExecutionUpdateAcceptedEventAttributes ||
        event.upsertWorkflowSearchAttributesEventAttributes ||
        event.workflowExecutionSignaledEventAttributes
      )
        actions += 1;
    }
  }
  return actions;
};

const figures = [];
let actionsBefore = 0;
for (const what of ['first run, 186 days', 'second run, same day']) {
  const before = system.calls().length;
  const started = Date.now();
  const record = await (await client.start(spec)).result();
  const seconds = (Date.now() - started) / 1000;
  const calls = system.calls().slice(before);
  // Permits are settled a moment after the last call, and lists of workflows lag behind.
  await setTimeout(15_000);
  const actions = await actionsSoFar();
  figures.push({
    run: what,
    status: record.status,
    'API calls': calls.length,
    'Temporal actions': actions - actionsBefore,
    'analytics or report calls': calls.filter(({ route }) => route === 'analytics' || route === 'reports')
      .length,
    rows: record.recordSummary.outputRecordCount,
    seconds,
  });
  actionsBefore = actions;
}
console.table(figures);
const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${system.workers[0].pid}/status`, 'utf8'));
console.log(`Worker's peak memory: ${Math.round(Number(peak[1]) / 1024)} MiB`);

await connection.close();
await system.stop();
