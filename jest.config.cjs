// Jest runs CommonJS made by swc; sources stay ES modules with `.js` in relative imports.
const { availableParallelism } = require('node:os');

module.exports = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    // ES modules of many small files; their one file for browsers is quicker, and needs no transformation.
    '^@observablehq/plot$': '<rootDir>/node_modules/@observablehq/plot/dist/plot.umd.min.js',
    '^d3@.+/d3.min.js$': '<rootDir>/node_modules/d3/dist/d3.min.js',
    // Its CommonJS files declare a `String`, which is injected below.
    '^linkedom$': '<rootDir>/node_modules/linkedom/worker.js',
  },
  transform: {
    '^.+\\.(t|j)s$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  transformIgnorePatterns: ['/node_modules/(?!linkedom/worker)'],
  // A test's globals are properties of a sandbox; a look-up of one costs a hundred times what it costs in a program.
  sandboxInjectedGlobals: [
    'Array',
    'BigInt',
    'Date',
    'JSON',
    'Map',
    'Math',
    'Number',
    'Object',
    'Set',
    'String',
  ],
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
  // Only what hangs takes so long.
  testTimeout: 600_000 * Number(process.env.TEST_EFFORT ?? 1),
  // Of what is left in the machine's temporary folder nothing is ours.
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
  // System tests mostly wait: for a heartbeat that does not come, for a pause before another try.
  maxWorkers: Math.min(8, 2 * availableParallelism()),
  testSequencer: '<rootDir>/test/support/slowest-first.cjs',
};
