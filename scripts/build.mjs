// Compiles the sources to `dist/` and bundles the workflows once, so that a worker starts without a compiler.
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

const root = join(import.meta.dirname, '..');
process.chdir(root);
rmSync('dist', { recursive: true, force: true });
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
});

// Beside the examples, which name it, in the clone and in the package.
const { specJsonSchema } = await import('../dist/src/dataflow/spec-json-schema.js');
writeFileSync('dist/dataflow.schema.json', `${JSON.stringify(specJsonSchema(), null, 2)}\n`);

const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
const workflowsPath = join(root, 'dist/src/workflows/index.js');
const payloadConverterPath = join(root, 'dist/src/workflows/payload-converter.js');
const bundle = async (file, interceptors) => {
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    payloadConverterPath,
    // Loaded once and frozen, not anew for each of the 200 workflows that a worker keeps in memory: a tenth of the memory.
    preloadModules: [workflowsPath, payloadConverterPath],
    workflowInterceptorModules: interceptors,
    logger: new DefaultLogger('WARN'),
  });
  writeFileSync(join('dist', file), code);
};
await bundle('workflow-bundle.js', []);
// For workers that send traces; the others are spared what that loads into each workflow.
await bundle('workflow-bundle-traced.js', [
  '@temporalio/interceptors-opentelemetry/lib/workflow-interceptors',
]);
