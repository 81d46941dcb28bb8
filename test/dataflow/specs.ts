// Specs for tests, and what is said of those that cannot run.
import { InvalidSpec } from '../../src/dataflow/invalid-spec.js';
import { parseSpec, type SpecContext } from '../../src/dataflow/parse-spec.js';
import type { DataflowSpec } from '../../src/dataflow/spec.js';

/** A Wednesday. */
export const TODAY = '2026-07-15';
const CONTEXT: SpecContext = { today: TODAY };

/** The least that a spec must say; `source` and `more` add to it. */
export const minimal = (source: object = {}, more: object = {}): object => ({
  name: 'acme-ads',
  connection: { adAccountId: '549755885175' },
  source: { objects: [{ type: 'campaigns', ids: 'all' }], ...source },
  ...more,
});

export const parse = (input: unknown, context: Partial<SpecContext> = {}): DataflowSpec =>
  parseSpec(input, { ...CONTEXT, ...context });

/** Each problem's message by its path. */
export const problemsOf = (input: unknown, context: Partial<SpecContext> = {}): Record<string, string> => {
  try {
    parse(input, context);
  } catch (error) {
    if (!(error instanceof InvalidSpec)) throw error;
    return Object.fromEntries(error.problems.map(({ path, message }) => [path, message]));
  }
  return {};
};
