// Walks objects and periods and adds up what happened. The inner loop is plain number work: it runs millions of times.
import type { Draw } from './conversions.js';
import { dayAt, dayOf, periodsOf, type Period } from './calendar.js';
import {
  CONVERSIONS_ONLY,
  DELIVERING,
  SILENT,
  hourPlaceOf,
  placeOf,
  stateOf,
  type Leaf,
} from './delivery.js';
import { dimensionOf, type Subject } from './dimensions.js';
import { happen, nothingYet } from './happened.js';
import { mix } from './hash.js';
import { isWhole, metricOf, type Metric } from './metrics.js';
import { DEFAULT_ATTRIBUTION, readDay } from './read-day.js';
import type { Measured, RowQuery, Value } from './row.js';

/** A metric over the sums of its draws, by their places. */
interface Formula {
  over: readonly number[];
  per: readonly number[] | undefined;
  times: number;
  divisor: number;
  whole: boolean;
}

const formulaOf = (
  { over, per, times, inUnits }: Metric,
  draws: readonly Draw[],
  whole: boolean,
): Formula => {
  const places = (of: readonly Draw[]): number[] => of.map((draw) => draws.indexOf(draw));
  return {
    over: places(over),
    per: per && places(per),
    times: times ?? 1,
    divisor: inUnits ? 1e6 : 1,
    whole,
  };
};

const sumOf = (sums: Float64Array, places: readonly number[]): number => {
  let sum = 0;
  for (let i = 0; i < places.length; i += 1) sum += sums[places[i]!]!;
  return sum;
};

/** Unit after unit goes to the parts in turn, the first ones more often: so they add up, and less never gets more than more. */
const cutter = (parts: number): ((sums: Float64Array) => Float64Array[]) => {
  const turns = Array.from({ length: parts }, (_, round) =>
    Array.from({ length: parts - Math.floor(round / 2) }, (_, part) => part),
  ).flat();
  /** How many of the first turns are each part's, by their number. */
  const shares = Array.from({ length: parts }, (_, part) => {
    let share = 0;
    return [0, ...turns.map((turn) => (share += Number(turn === part)))];
  });
  return (sums) =>
    shares.map((share) =>
      sums.map((sum) => Math.floor(sum / turns.length) * share[turns.length]! + share[sum % turns.length]!),
    );
};

/** @param delivers whether an ad may deliver on a day, whatever the seed says of it */
export function* measure(
  subjects: Subject[],
  query: RowQuery,
  seed: number,
  delivers: (adId: string, day: number) => boolean,
): Iterable<Measured> {
  const { attribution = DEFAULT_ATTRIBUTION, columns, now } = query;
  const dimensions = columns.map(dimensionOf);
  const metrics = columns.map((name, i) => (dimensions[i] ? undefined : metricOf(name)));
  const draws = [...new Set(metrics.flatMap((metric) => [...(metric?.over ?? []), ...(metric?.per ?? [])]))];
  const formulas = metrics.map((metric, i) => metric && formulaOf(metric, draws, isWhole(columns[i]!)));
  const onlyDimensions = draws.length === 0;
  const periods = periodsOf(query.from, query.to, query.granularity, now);
  const sums = new Float64Array(draws.length);
  const firstDay = dayOf(query.from);
  const today = dayAt(now);
  const days = Array.from({ length: Math.max(0, today - firstDay + 1) }, (_, i) =>
    readDay(firstDay + i, today - firstDay - i, attribution),
  );
  const happened = nothingYet();
  const cut = query.parts === undefined ? undefined : cutter(query.parts);
  const conversionSeed = mix(seed, attribution.reportTime === 'TIME_OF_CONVERSION' ? 1 : 0);

  /** Adds one ad's day or hour to the sums; true if the ad delivered. */
  const add = (leaf: Leaf, day: number, hour: number | undefined): boolean => {
    const dayPlace = placeOf(leaf, day);
    const state = stateOf(leaf, day, dayPlace);
    if (state === SILENT || (hour !== undefined && state === CONVERSIONS_ONLY)) return false;
    if (!delivers(leaf.adId, day)) return false;
    const place = hour === undefined ? dayPlace : hourPlaceOf(dayPlace, hour);
    if (place === undefined) return false;
    happen(happened, leaf, days[day - firstDay]!, {
      state,
      place,
      isHour: hour !== undefined,
      conversionSeed,
    });
    for (let i = 0; i < draws.length; i += 1) sums[i]! += draws[i]!(happened);
    return state === DELIVERING;
  };

  /** A metric's value; undefined where nothing happened. */
  const valueOf = (sums: Float64Array, { over, per, times, divisor, whole }: Formula): number | undefined => {
    const sum = sumOf(sums, over);
    if (sum === 0) return undefined;
    if (per === undefined) return divisor === 1 ? sum : sum / divisor;
    const perSum = sumOf(sums, per);
    if (perSum === 0) return undefined;
    const value = (sum * times) / (perSum * divisor);
    return whole ? Math.round(value) : value;
  };

  const row = (subject: Subject, period: Period): Measured | undefined => {
    sums.fill(0);
    let delivered = false;
    for (const leaf of subject.leaves)
      for (let day = period.first; day <= period.last; day += 1)
        if (add(leaf, day, period.hour)) delivered = true;
    let measured = onlyDimensions && delivered;
    const valuesOf = (of: Float64Array): Value[] =>
      formulas.map((formula, i) => (formula ? valueOf(of, formula) : dimensions[i]?.(subject)));
    const values = valuesOf(sums);
    for (let i = 0; i < values.length && !measured; i += 1)
      measured = formulas[i] !== undefined && values[i] !== undefined;
    if (!measured) return undefined;
    if (cut === undefined) return { subject, period, values };
    // each sum is cut, not each value, so that the columns of a part fit together as those of the whole do
    const parts = cut(sums).map((part) =>
      // what the whole has, no part lacks
      valuesOf(part).map((value, i) => (values[i] === undefined ? undefined : (value ?? 0))),
    );
    return { subject, period, values, parts };
  };

  for (const subject of subjects)
    for (const period of periods) {
      const found = row(subject, period);
      if (found) yield found;
    }
}
