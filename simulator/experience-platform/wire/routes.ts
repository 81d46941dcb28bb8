/** What a request is for: the words that the log and the fault rules use. */
export type Route =
  | 'token'
  | 'registry'
  | 'datasets'
  | 'batches' // the list of batches
  | 'batch-status'
  | 'create-batch'
  | 'upload' // of a file, in one piece or in parts
  | 'batch-action' // COMPLETE, ABORT, FAIL, REVERT
  | 'export'
  | 'other';

const FOUNDATION = '/data/foundation';

const PATTERNS: [RegExp, Route][] = [
  [/^\/ims\/token/, 'token'],
  [/^\/schemaregistry\//, 'registry'],
  [/^\/catalog\/dataSets(\/|$)/, 'datasets'],
  [/^\/catalog\/batches\/?$/, 'batches'],
  [/^\/catalog\/batches\//, 'batch-status'],
  [/^\/import\/batches\/?$/, 'create-batch'],
  [/^\/import\/batches\/.+\/files\//, 'upload'],
  [/^\/import\/batches\//, 'batch-action'],
  [/^\/export\//, 'export'],
];

export const routeOf = (path: string): Route => {
  const below = path.startsWith(FOUNDATION) ? path.slice(FOUNDATION.length) : path;
  return PATTERNS.find(([pattern]) => pattern.test(below))?.[1] ?? 'other';
};
