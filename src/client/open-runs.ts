// The runs of dataflows that are on.
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { DATAFLOW, dataflowAttribute } from '../workflows/contract.js';

/** A schedule appends the time to the id of what it starts. */
const SCHEDULED = /-\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
/** Dates of a run that was asked for, as `dataflowWorkflowId` writes them. */
const ON_DEMAND = /-\d{4}-\d\d-\d\d-to-\d{4}-\d\d-\d\d$/;

const isOpen = async (client: Client, workflowId: string): Promise<boolean> => {
  try {
    const { status, type } = await client.workflow.getHandle(workflowId).describe();
    return type === DATAFLOW && (status.name === 'RUNNING' || status.name === 'PAUSED');
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
};

/** Those of these workflows that are runs and on, in their order. */
export const openOf = async (client: Client, workflowIds: readonly string[]): Promise<string[]> => {
  const open: string[] = [];
  for (const id of new Set(workflowIds)) if (await isOpen(client, id)) open.push(id);
  return open;
};

/** All runs that are on, as Temporal's list of workflows has them (a moment late), by dataflow; of several ad accounts the one of all. */
export const openByDataflow = async (client: Client): Promise<Map<string, string[]>> => {
  const open = new Map<string, string[]>();
  const query = `WorkflowType = '${DATAFLOW}' AND ExecutionStatus = 'Running'`;
  for await (const { workflowId, parentExecution, typedSearchAttributes } of client.workflow.list({
    query,
  })) {
    if (parentExecution) continue;
    const byId = workflowId.replace(SCHEDULED, '').replace(ON_DEMAND, '');
    const dataflow = typedSearchAttributes.get(dataflowAttribute) ?? byId;
    open.set(dataflow, [...(open.get(dataflow) ?? []), workflowId]);
  }
  return open;
};
