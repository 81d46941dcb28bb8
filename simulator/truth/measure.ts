// Walks objects and periods and adds up their cells. The inner loop is plain integer work: it runs millions of times.
import { dayAt, periodsOf, type Period } from './calendar.js';
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
import { mix } from './hash.js';
import { DEFAULT_ATTRIBUTION, conversionShare, metricOf, rawConversion, rawDelivery } from './metrics.js';
import type { Measured, RowQuery, Value } from './row.js';

/** @param delivers whether an ad may deliver on a day, whatever the seed says of it */
export function* measure(
  subjects: Subject[],
  query: RowQuery,
  seed: number,
  delivers: (adId: string, day: number) => boolean,
): Iterable<Measured> {
  const { attribution = DEFAULT_ATTRIBUTION, columns, now } = query;
  const dimensions = columns.map(dimensionOf);
  // a report by the time of conversion tells another story than one by the time of the ad action
  const conversionSeed = attribution.reportTime === 'TIME_OF_CONVERSION' ? mix(seed, 1) : seed;
  const metrics = columns.map((name, i) => {
    if (dimensions[i]) return undefined;
    const metric = metricOf(name, seed);
    return metric.conversion ? metricOf(name, conversionSeed) : metric;
  });
  const onlyDimensions = metrics.every((metric) => metric === undefined);
  const periods = periodsOf(query.from, query.to, query.granularity, now);
  const sums = new Float64Array(columns.length);
  const counts = new Uint32Array(columns.length);
  const today = dayAt(now);

  /** Adds one ad's day or hour to the sums; true if the ad delivered. */
  const add = (leaf: Leaf, day: number, hour: number | undefined): boolean => {
    const dayPlace = placeOf(leaf, day);
    const state = stateOf(leaf, day, dayPlace);
    if (state === SILENT || (hour !== undefined && state === CONVERSIONS_ONLY)) return false;
    if (!delivers(leaf.adId, day)) return false;
    const place = hour === undefined ? dayPlace : hourPlaceOf(dayPlace, hour);
    if (place === undefined) return false;
    const age = today - day;
    const share = conversionShare(age, attribution);
    for (let i = 0; i < metrics.length; i += 1) {
      const metric = metrics[i];
      if (metric === undefined) continue;
      let raw = 0;
      if (!metric.conversion) raw = state === DELIVERING ? rawDelivery(metric, place, age) : 0;
      else if (hour === undefined) raw = rawConversion(metric, place, share);
      if (raw > 0) {
        sums[i]! += raw;
        counts[i]! += 1;
      }
    }
    return state === DELIVERING;
  };

  const row = (subject: Subject, period: Period): Measured | undefined => {
    sums.fill(0);
    counts.fill(0);
    let delivered = false;
    for (const leaf of subject.leaves)
      for (let day = period.first; day <= period.last; day += 1)
        if (add(leaf, day, period.hour)) delivered = true;
    let measured = onlyDimensions && delivered;
    const values: Value[] = metrics.map((metric, i) => {
      if (metric === undefined) return dimensions[i]?.(subject);
      if (counts[i] === 0) return undefined;
      measured = true;
      return sums[i]! / ((metric.mean ? counts[i]! : 1) * metric.divisor);
    });
    return measured ? { subject, period, values } : undefined;
  };

  for (const subject of subjects)
    for (const period of periods) {
      const found = row(subject, period);
      if (found) yield found;
    }
}
