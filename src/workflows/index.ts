// Every workflow type, under the name that `contract.ts` gives it.
export { checkConnection } from './check-connection.js';
export { dataflow } from './dataflow.js';
export { describeDataflow, dropDataflow, listDataflows } from './holdings.js';
export { explore } from './explore.js';
export { forget } from './forget.js';
export { planDataflow } from './plan-dataflow.js';
export { preview } from './preview.js';
export { quota } from './quota.js';
export { reconcile } from './reconcile.js';
