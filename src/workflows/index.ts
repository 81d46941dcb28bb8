// Every workflow type of the task queue `pinterest-ads`.
export { dataflow } from './dataflow.js';
export { planDataflow } from './plan-dataflow.js';
export { quota } from './quota.js';
