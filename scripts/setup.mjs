// What every `npm start`, `npm test`, `npm run worker` and `npm run simulator` needs first: the dependencies of
// the lockfile and a build that is not older than the sources. Does nothing when both are there.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

const root = join(import.meta.dirname, '..');
process.chdir(root);

const hashOf = (files) => {
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
};

const filesBelow = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();

/** Runs `work` unless `stamp` already holds `hash`; writes the stamp only when the work succeeded. */
const unlessStamped = (stamp, hash, work) => {
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  work();
  mkdirSync(join(stamp, '..'), { recursive: true });
  writeFileSync(stamp, hash);
};

const run = (what, command, args) => {
  process.stderr.write(`${what} …\n`);
  try {
    execFileSync(command, args, { stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' });
  } catch (error) {
    process.stderr.write(`${error.stdout ?? ''}${error.stderr ?? ''}\n${what} failed (see above).\n`);
    process.exit(1);
  }
};

const [major] = process.versions.node.split('.').map(Number);
if (major < 20) {
  process.stderr.write(`Node ${process.versions.node} is too old: Node 20 or newer is needed.\n`);
  process.exit(1);
}

unlessStamped('node_modules/.setup', hashOf(['package-lock.json']), () =>
  run('Installing dependencies', 'npm', ['ci', '--no-audit', '--no-fund']),
);
// Of test/support, what benchmarks use.
const sources = ['src', 'simulator', 'openapi', 'test/support']
  .filter((folder) => existsSync(folder))
  .flatMap(filesBelow);
unlessStamped(
  'dist/.setup',
  hashOf([...sources, 'scripts/build.mjs', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json']),
  () => run('Building', process.execPath, ['scripts/build.mjs']),
);
