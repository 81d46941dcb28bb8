// The longest files first: what begins last is short, so that no file is waited for alone in the end.
const LONGEST = [
  'system/experience-platform',
  'system/delivery-crash-points',
  'system/chaos',
  'system/command-line',
  'system/crash-points',
  'system/refusals',
  'system/many-workers',
  'system/secrets',
  'system/versioning',
  'system/reconcile',
  'system/year',
  'system/one-store',
  'system/faults',
  'system/parquet',
  'system/edges',
  'system/shutdown',
  'system/zombies',
  'system/alerts',
  'system/crash',
];

const placeOf = ({ path }) => {
  const place = LONGEST.findIndex((name) => path.endsWith(`${name}.test.ts`));
  if (place >= 0) return place;
  return LONGEST.length + (path.includes('/test/system/') ? 0 : 1);
};

module.exports = class SlowestFirst {
  sort(tests) {
    return tests.toSorted((a, b) => placeOf(a) - placeOf(b) || a.path.localeCompare(b.path));
  }

  allFailedTests(tests) {
    return tests;
  }

  cacheResults() {}
};
