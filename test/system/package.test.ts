// The package as another project has it: packed, unpacked beside that project's code, with nothing of this clone but the
// dependencies that it declares. The README's snippet is compiled and run there as written.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { Harness } from '../support/harness.js';
import { bareEnvironment } from '../support/worker-process.js';

const NAME = 'pinterest-ads-dataflows';
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: Record<string, string> };

let harness: Harness;
let project: string;
let files: string[];
beforeAll(async () => {
  harness = await Harness.start({ worker: false });
  project = join(harness.folder, 'project');
  const home = join(project, 'node_modules', NAME);
  mkdirSync(home, { recursive: true });
  // Without `prepack`, which may build: the tests run on the build that it would make.
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', project];
  const [packed] = JSON.parse(execFileSync('npm', pack, { encoding: 'utf8' })) as [
    { filename: string; files: { path: string }[] },
  ];
  files = packed.files.map(({ path }) => path);
  execFileSync('tar', ['-xf', join(project, packed.filename), '-C', home, '--strip-components=1']);
  // What `npm install` would fetch: each declared dependency, and no other of this clone's packages.
  for (const dependency of [...Object.keys(manifest.dependencies), '@types/node']) {
    const link = join(project, 'node_modules', dependency);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(resolve('node_modules', dependency), link);
  }
  writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module' }));
});
afterAll(() => harness.close());

const inPackage = (path: string): string => join(project, 'node_modules', NAME, path);

/** A program of the project, as its person runs it; not waited for in place, since the simulator answers from this process. */
const run = async (args: readonly string[]): Promise<{ status: number; stdout: string; stderr: string }> => {
  const { TEMPORAL_ADDRESS = '', TEMPORAL_NAMESPACE = '' } = harness.environment;
  const environment = { ...bareEnvironment(), TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE };
  const program = spawn(process.execPath, args, { cwd: project, env: environment });
  const [stdout, stderr, [status]] = await Promise.all([
    text(program.stdout),
    text(program.stderr),
    once(program, 'close') as Promise<[number]>,
  ]);
  return { status, stdout, stderr };
};

test('holds the build with its types, the command, examples and docs, and nothing else of the clone', () => {
  const kinds = [/^bin\//, /^dist\/(src|openapi)\/.*\.(js|d\.ts)$/, /^dist\/workflow-bundle(-traced)?\.js$/];
  const single = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'dist/dataflow.schema.json'];
  const texts = /^(examples\/.*\.json|docs\/.*\.(md|png))$/;
  const others = files.filter(
    (path) => !single.includes(path) && ![...kinds, texts].some((kind) => kind.test(path)),
  );
  expect(others).toEqual([]);
  for (const kind of [...kinds, texts]) expect(files.some((path) => kind.test(path))).toBe(true);
  expect(files).toEqual(expect.arrayContaining([...single, 'dist/src/client.d.ts', 'dist/src/worker.js']));
});

test("the README's snippet compiles and runs as written, on a worker out of the package", async () => {
  const [, snippet] = /```ts\n(import \{ DataflowClient.*?)```/s.exec(readFileSync('README.md', 'utf8'))!;
  writeFileSync(join(project, 'run.ts'), snippet!);
  const compilerOptions = {
    target: 'es2022',
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    types: ['node'],
  };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['run.ts'] }));
  const compiled = await run([resolve('node_modules/typescript/bin/tsc'), '-p', project]);
  // Declarations of others are checked too; what is wrong with those is not ours to mend.
  const faults = compiled.stdout.split('\n').filter((line) => !/^(\.\.\/| |$)/.test(line));
  expect(faults).toEqual([]);

  await harness.startWorkerProcess({}, inPackage('dist/src/worker.js'));
  const { stdout, stderr, status } = await run(['run.js']);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain("status: 'success'");

  const listed = await run([inPackage('bin/pinterest-ads.mjs'), 'list', '--json']);
  expect(JSON.parse(listed.stdout)).toMatchObject([
    { name: 'my-dataflow', schedule: { cadence: 'every day at 06:30' }, lastRun: { status: 'success' } },
  ]);
});

test('the command starts workers too, and the schema is there for editors and programs', async () => {
  const { status, stdout } = await run([inPackage('bin/pinterest-ads.mjs'), 'worker', '--help']);
  expect(stdout).toContain('STORE_URL');
  expect(status).toBe(0);
  const read = `import schema from '${NAME}/dataflow.schema.json' with { type: 'json' }; console.log(schema.title)`;
  expect((await run(['--input-type=module', '-e', read])).stdout).toBe('Pinterest Ads dataflow\n');
});
