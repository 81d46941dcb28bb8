// What a run answers and heeds while it lasts, of one ad account or several.
import { setHandler } from '@temporalio/workflow';
import { Misfit } from '../quota/budget/checks.js';
import { readNews } from './account-news.js';
import {
  accountSignal,
  pauseSignal,
  progressQuery,
  resumeSignal,
  type AccountNews,
  type DataflowProgress,
} from './contract.js';

export interface Steered {
  state: { ignoredSignals?: number };
  progress(): DataflowProgress;
  pause(paused: boolean): void;
  /** What an ad account's own run tells; false if it has none of that id. */
  hear(news: AccountNews): boolean;
}

const fits = (run: Steered, news: unknown): boolean => {
  try {
    return run.hear(readNews(news));
  } catch (error) {
    if (error instanceof Misfit) return false;
    throw error;
  }
};

/** No handler for signals of any name: Temporal keeps those to itself, and some of its own would fail there. */
export const steer = (run: Steered): void => {
  setHandler(progressQuery, () => run.progress(), {
    description: 'How far the run is: chunks, rows, API calls; a line for each ad account if it has several',
  });
  setHandler(pauseSignal, () => run.pause(true), { description: 'Stop at the next chunk boundary' });
  setHandler(resumeSignal, () => run.pause(false), { description: 'Go on after a pause' });
  // What does not fit is ignored and counted: if it failed here, it would again with every try.
  setHandler(accountSignal, (news) => {
    if (!fits(run, news)) run.state.ignoredSignals = (run.state.ignoredSignals ?? 0) + 1;
  });
};
