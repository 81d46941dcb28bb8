// Every workflow type, under the name that `contract.ts` gives it.
export { dataflow } from './dataflow.js';
export { planDataflow } from './plan-dataflow.js';
export { quota } from './quota.js';
