// The query and the signals of a dataflow, and the one by which the run of one ad account of several tells how far it is.
import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { AccountNews, DataflowProgress } from './progress.js';

export const progressQuery = defineQuery<DataflowProgress>('progress');
export const pauseSignal = defineSignal('pause');
export const resumeSignal = defineSignal('resume');
export const accountSignal = defineSignal<[AccountNews]>('account');
