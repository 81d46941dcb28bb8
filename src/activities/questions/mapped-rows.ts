// A preview's rows as the mappings of a spec's targets would send them.
import { KnownError } from '../../dataflow/failures.js';
import type { DataflowSpec } from '../../dataflow/spec.js';
import { targetName } from '../../dataflow/targets.js';
import type { ReadRow } from '../../loading/newest-rows.js';
import { Mapper } from '../../targets/experience-platform/mapping/mapper.js';
import { Fitting } from './answer.js';

export interface MappedRows {
  /** `experience-platform prod/acme-ads`. */
  target: string;
  /** Of the first rows; `_id` and `timestamp`, which each has besides, are left out. */
  rows: Record<string, unknown>[];
  /** Only if the mapping fails on one of them: path and reason. */
  problem?: string;
}

/** Enough for a look, and little beside the rows themselves. */
const MOST_ROWS = 5;

const mapped = async (mapping: Readonly<Record<string, string>>, rows: readonly ReadRow[]) => {
  // As a delivery has it: what Pinterest left out is left out.
  const sources = rows.map((row) =>
    Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)),
  );
  const mapper = new Mapper(mapping);
  try {
    const results = await mapper.map(sources);
    const failed = results.flatMap((one) => ('problem' in one ? [one.problem] : []))[0];
    return {
      rows: results.flatMap((one) => ('row' in one ? [one.row] : [])),
      ...(failed && { problem: `mapping["${failed.path}"]: ${failed.message}` }),
    };
  } catch (error) {
    if (!(error instanceof KnownError)) throw error;
    return { rows: [], problem: error.message };
  } finally {
    await mapper.close();
  }
};

/** Of each target that has a mapping, as far as the answer has room for them. */
export const mappedRows = async (
  { targets }: Pick<DataflowSpec, 'targets'>,
  answer: { rows: readonly ReadRow[] },
): Promise<MappedRows[]> => {
  const rows = answer.rows.slice(0, MOST_ROWS);
  const fitting = new Fitting<MappedRows>(targets.length, answer);
  if (rows.length === 0) return [];
  for (const target of targets)
    if (target.kind === 'experience-platform' && target.mapping)
      fitting.add({ target: targetName(target), ...(await mapped(target.mapping, rows)) });
  return fitting.items;
};
