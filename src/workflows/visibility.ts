// What the list of workflows shows of a run: set only if the server knows the search attributes, since Temporal would fail
// each task that sets another.
import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { RunStatus } from '../dataflow/flow-run.js';
import { adAccountAttribute, currentToAttribute, dataflowAttribute, runStatusAttribute } from './contract.js';

/** What a run runs, once; of several ad accounts, each one's own run names its own. */
export const showBegun = (dataflow: string, adAccountId?: string): void => {
  if (workflowInfo().typedSearchAttributes.get(dataflowAttribute) !== undefined) return;
  upsertSearchAttributes([
    { key: dataflowAttribute, value: dataflow },
    ...(adAccountId === undefined ? [] : [{ key: adAccountAttribute, value: adAccountId }]),
    { key: runStatusAttribute, value: 'running' },
  ]);
};

/** Of a success, everything that was wanted is current as of its start. */
export const showEnded = (status: RunStatus, startedAtMs: number): void =>
  upsertSearchAttributes([
    { key: runStatusAttribute, value: status },
    ...(status === 'success' ? [{ key: currentToAttribute, value: new Date(startedAtMs) }] : []),
  ]);
