// When a rule fires: how often it lets requests through, and how often it strikes. The same for every remote.
import { fraction, mix } from '../truth/hash.js';

export interface FiringRule {
  /** Lets the first so many matching requests through. Default 0. */
  skip?: number;
  /** Fires at most so often. Default: no limit. */
  times?: number;
  /** From 0 to 1, drawn from the seed. Default 1. */
  probability?: number;
}

/**
 * Asked for each request that a rule matches, with the rule's place in its list.
 * Counters belong to the rule object: a new list of rules starts afresh.
 */
export const createFiring = (seed: number) => {
  const counters = new WeakMap<FiringRule, { seen: number; fired: number }>();

  return (rule: FiringRule, place: number): boolean => {
    const counter = counters.get(rule) ?? { seen: 0, fired: 0 };
    counters.set(rule, counter);
    counter.seen += 1;
    if (counter.seen <= (rule.skip ?? 0) || counter.fired >= (rule.times ?? Infinity)) return false;
    if (fraction(mix(mix(seed, place), counter.seen)) >= (rule.probability ?? 1)) return false;
    counter.fired += 1;
    return true;
  };
};
