// Targets in a spec: what they may say, and how each is refused that cannot be delivered to.
import { targetName } from '../../src/dataflow/targets.js';
import { minimal, parse, problemsOf } from './specs.js';

const withTargets = (...targets: unknown[]): object => minimal({}, { targets });
const EXPERIENCE_PLATFORM = { kind: 'experience-platform', sandbox: 'prod', dataset: 'acme-ads' };
const PARQUET = { kind: 'parquet', path: 'acme' };

test('each kind has its defaults and its name', () => {
  const { targets } = parse(withTargets(EXPERIENCE_PLATFORM, PARQUET));
  expect(targets).toEqual([
    { ...EXPERIENCE_PLATFORM, shape: 'columns', errorThresholdPercent: 5, adopt: false },
    { ...PARQUET, adopt: false },
  ]);
  expect(targets.map(targetName)).toEqual(['experience-platform prod/acme-ads', 'parquet acme']);
});

test.each([
  ['no kind', {}, 'targets[0].kind', /is missing.*"experience-platform", "parquet"/],
  [
    'an unknown kind',
    { kind: 'snowflake' },
    'targets[0].kind',
    /"snowflake" is not one of "experience-platform", "parquet"/,
  ],
  ['a kind written wrong', { kind: 'parquett' }, 'targets[0].kind', /Did you mean "parquet"\?/],
  ['no object', 'parquet', 'targets[0].kind', /is missing/],
  ['no sandbox', { ...EXPERIENCE_PLATFORM, sandbox: undefined }, 'targets[0].sandbox', /is missing.*sandbox/],
  ['an empty dataset', { ...EXPERIENCE_PLATFORM, dataset: ' ' }, 'targets[0].dataset', /dataset's name/],
  ['a key of another kind', { ...PARQUET, shapes: 'columns' }, 'targets[0].shapes', /not a known key/],
  [
    'a key written wrong',
    { ...EXPERIENCE_PLATFORM, datset: 'x' },
    'targets[0].datset',
    /Did you mean "dataset"/,
  ],
  [
    'an unknown shape',
    { ...EXPERIENCE_PLATFORM, shape: 'rows' },
    'targets[0].shape',
    /"columns" or "paid-media"/,
  ],
  [
    'a threshold',
    { ...EXPERIENCE_PLATFORM, errorThresholdPercent: 101 },
    'targets[0].errorThresholdPercent',
    /0 to 100/,
  ],
  ['an empty mapping', { ...EXPERIENCE_PLATFORM, mapping: {} }, 'targets[0].mapping', /at least one path/],
  [
    'a mapping to nothing',
    { ...EXPERIENCE_PLATFORM, mapping: { a: '' } },
    'targets[0].mapping.a',
    /must not be empty/,
  ],
  [
    'both mapping and shape',
    { ...EXPERIENCE_PLATFORM, mapping: { a: 'date' }, shape: 'columns' },
    'targets[0].shape',
    /keep one/,
  ],
  ['no path', { kind: 'parquet' }, 'targets[0].path', /is missing.*below PARQUET_FOLDER/],
])('%s is refused', (_, target, path, message) => {
  expect(problemsOf(withTargets(target))).toEqual({ [path]: expect.stringMatching(message) as unknown });
});

test.each([
  '/etc',
  '../other',
  'acme/../../other',
  'acme/..',
  '.',
  './acme',
  'acme//ads',
  'acme/',
  'a\\b',
  '.hidden',
  'a\0b',
  'C:x',
  '*',
])('the path %j is no folder below PARQUET_FOLDER', (path) => {
  const refused = {
    'targets[0].path': expect.stringContaining('is no folder below PARQUET_FOLDER') as unknown,
  };
  expect(problemsOf(withTargets({ kind: 'parquet', path }))).toEqual(refused);
});

test.each(['acme', 'acme/ads', 'Ärzte 2026', 'a.b-c_d'])('the path %j is one', (path) => {
  expect(problemsOf(withTargets({ kind: 'parquet', path }))).toEqual({});
});

test('the same target twice is refused, and variables that a worker lacks are named', () => {
  const missingVariables = {
    'experience-platform': ['EXPERIENCE_PLATFORM_ORG', 'EXPERIENCE_PLATFORM_CLIENT_SECRET'],
    parquet: [],
  };
  expect(
    problemsOf(withTargets(PARQUET, { ...PARQUET, adopt: true }, EXPERIENCE_PLATFORM), { missingVariables }),
  ).toEqual({
    'targets[1]': 'is the same as targets[0]',
    'targets[2]':
      'the worker\'s environment lacks EXPERIENCE_PLATFORM_ORG, EXPERIENCE_PLATFORM_CLIENT_SECRET, which targets of kind "experience-platform" need',
  });
});

test('a shape that cannot tell breakdowns apart is refused beside them', () => {
  const target = { kind: 'experience-platform', sandbox: 'prod', dataset: 'acme-ads', shape: 'paid-media' };
  const objects = (breakdowns?: string[]) => ({ objects: [{ type: 'ads', ids: 'all', breakdowns }] });
  expect(problemsOf(minimal(objects(['GENDER']), { targets: [target] }))['targets[0].shape']).toMatch(
    /no field for breakdowns.* use "columns"/,
  );
  expect(problemsOf(minimal(objects(), { targets: [target] }))).toEqual({});
});
