// What is due: the store's partitions against what a target was given last. Pure; no clock is involved.
import { createHash } from 'node:crypto';
import type { TargetSpec } from '../dataflow/spec.js';
import type { LedgerEntry } from '../store/deliveries.js';
import type { PartitionContent } from '../store/partitions.js';
import type { Partition } from './target.js';

export type WeekOfTable = Pick<Partition, 'table' | 'week'>;

const keyOf = ({ table, week }: WeekOfTable): string => `${week} ${table}`;

/** `mapping` and `shape` say what becomes of a row; undefined where it leaves as it is in the store. */
const formOf = (target: TargetSpec): string | undefined => {
  if (target.kind === 'parquet') return undefined;
  const { mapping, shape } = target;
  if (mapping) return JSON.stringify(Object.entries(mapping).sort(([a], [b]) => (a < b ? -1 : 1)));
  return shape === 'columns' ? undefined : shape;
};

/** A partition as the target is to have it: once its spec makes something else of rows, all of them are due. */
export const contentFor = (target: TargetSpec, content: PartitionContent): PartitionContent => {
  const form = formOf(target);
  if (form === undefined) return content;
  return { ...content, hash: createHash('sha256').update(`${content.hash} ${form}`).digest('hex') };
};

const isSettled = (hash: string | null, entry: LedgerEntry | undefined): boolean =>
  !entry?.pending && nextStep(hash, entry?.delivered ?? null).do === 'nothing';

/** The weeks of tables with something to do, the newest first: changed, new, emptied, or left under way. */
export const due = (contents: readonly PartitionContent[], ledger: readonly LedgerEntry[]): WeekOfTable[] => {
  const held = new Map(contents.map((content) => [keyOf(content), content.hash]));
  const entries = new Map(ledger.map((entry) => [keyOf(entry), entry]));
  return [...new Set([...held.keys(), ...entries.keys()])]
    .filter((key) => !isSettled(held.get(key) ?? null, entries.get(key)))
    .sort((a, b) => (a < b ? 1 : -1))
    .map((key) => ({ week: key.slice(0, 10), table: key.slice(11) }));
};

/** What to do with a partition of which nothing is under way. */
export type Step = { do: 'send'; replaces: string | null } | { do: 'remove'; id: string } | { do: 'nothing' };

/**
 * What was about to be taken away is, even if the very same rows are back: nobody knows whether it stands there still.
 * @param hash what the store holds; null if it holds no row of it
 */
export const nextStep = (hash: string | null, delivered: LedgerEntry['delivered']): Step => {
  if (delivered && (hash === null || delivered.hash === null)) return { do: 'remove', id: delivered.id };
  if (hash === (delivered?.hash ?? null)) return { do: 'nothing' };
  return { do: 'send', replaces: delivered?.id ?? null };
};
