// The query and the signals of a dataflow.
import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { DataflowProgress } from './progress.js';

export const progressQuery = defineQuery<DataflowProgress>('progress');
export const pauseSignal = defineSignal('pause');
export const resumeSignal = defineSignal('resume');
