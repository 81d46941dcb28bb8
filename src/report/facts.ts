// What a report is made of.
import type { QuotaLimit } from '../quota/limits.js';
import type { DataflowFigures } from '../store/figures/figures.js';

export interface ReportFacts extends DataflowFigures {
  dataflow: string;
  /** Where the store is, for a person. */
  store: string;
  madeAtMs: number;
  /** The budget of API calls, as the environment of whoever makes the report has it. */
  quota: readonly QuotaLimit[];
}
