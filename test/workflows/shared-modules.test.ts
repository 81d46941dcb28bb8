// A worker loads the modules of its workflows once, and all workflows share them: what one kept in a module, another would find.
import { readFileSync } from 'node:fs';
import { WORKFLOW_BUNDLE } from '../support/harness.js';

const bundle = readFileSync(WORKFLOW_BUNDLE.codePath, 'utf8');
const modules = [...bundle.matchAll(/^\/\*{3}\/ "\.\/(dist\/src\/.+?\.js)"/gm)].map(([, file]) => file!);
/** At the top of a module: what may be assigned to, and what stays open to changes although it is frozen. */
const KEEPS =
  /^(?:export )?(?:(?:let|var) .+|const .+ = (?:new (?:Map|Set|WeakMap|WeakSet)\b|\[\]|\{\}).*)$/gm;

test('the bundle has the modules of the workflows', () => {
  expect(modules).toContain('dist/src/workflows/dataflow.js');
  expect(modules).toContain('dist/src/workflows/payload-converter.js');
});

test.each(modules)('%s keeps nothing', (file) => {
  expect(readFileSync(file, 'utf8').match(KEEPS)).toBeNull();
});

test('what keeps something is found out', () => {
  const kept = ['let runs = 0;', 'export const seen = new Map();', 'const waiting = [];'];
  expect(['const LIMIT = 5;', ...kept, "  let inside = '';"].join('\n').match(KEEPS)).toEqual(kept);
});
