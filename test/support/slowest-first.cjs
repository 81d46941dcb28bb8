// The longest files first: what begins last is short, so that no file is waited for alone in the end.
const LONGEST = [
  'system/many-workers',
  'system/chaos',
  'system/crash-points',
  'system/command-line',
  'system/secrets',
  'system/versioning',
  'system/shutdown',
  'system/faults',
  'system/zombies',
  'system/edges',
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
