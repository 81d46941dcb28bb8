// The connector's own numbers, in Prometheus' text format.
import { Counter, Registry } from 'prom-client';
import type { Metrics } from '../activities/dependencies.js';
import type { CallKind } from '../dataflow/flow-run.js';
import { createGauges, type Watched } from './gauges.js';

export interface Numbers extends Metrics {
  contentType: string;
  /** All numbers as Prometheus reads them. Never fails: what cannot be read now is left out. */
  text(): Promise<string>;
}

const ROUTES: readonly CallKind[] = ['analytics', 'reports', 'catalogue', 'other'];

/** @param watched the worker, undefined before it is composed */
export const createMetrics = (watched: () => Watched | undefined): Numbers => {
  const registry = new Registry();
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> =>
    new Counter({ name: `pinterest_ads_${name}`, help, labelNames, registers: [registry] });

  const calls = counter('api_calls_total', 'Requests to the Pinterest API that left, by how they ended', [
    'route',
    'outcome',
  ]);
  const rows = counter('rows_loaded_total', 'Rows committed to the store', ['dataflow', 'object_type']);
  const rejected = counter('rejected_rows_total', 'Rows kept in rejected_rows, with a reason', [
    'dataflow',
    'object_type',
  ]);
  const runs = counter('flow_runs_total', 'Flow runs that ended, by status', ['dataflow', 'status']);
  const gauges = createGauges(registry);

  // A counter that first shows up with its first event has no increase that an alert could see.
  for (const route of ROUTES) calls.inc({ route, outcome: 'CredentialExpired' }, 0);
  return {
    contentType: registry.contentType,
    text: async () => {
      await gauges.update(watched());
      return registry.metrics();
    },
    apiCall: (route, outcome) => calls.inc({ route, outcome }),
    chunkLoaded: ({ dataflow, objectType, ...chunk }) => {
      const labels = { dataflow, object_type: objectType };
      rows.inc(labels, chunk.rows);
      rejected.inc(labels, chunk.rejectedRows);
    },
    runEnded: ({ dataflow, status }) => runs.inc({ dataflow, status }),
  };
};
