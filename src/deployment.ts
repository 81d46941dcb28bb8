// The worker's version, as Temporal's Worker Versioning knows it: runs stay with the version that they began on.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { WorkerDeploymentOptions, WorkerOptions } from '@temporalio/worker';
import type { Settings } from './settings.js';

type Bundle = NonNullable<WorkerOptions['workflowBundle']>;

const ID_LENGTH = 12;

/** The same for the same workflows, wherever they were built: source maps name folders. */
const hashOf = async (bundle: Bundle): Promise<string> => {
  const code = 'code' in bundle ? bundle.code : await readFile(bundle.codePath, 'utf8');
  const [workflows] = code.split('//# sourceMappingURL=');
  return createHash('sha256').update(workflows!).digest('hex').slice(0, ID_LENGTH);
};

/**
 * What the worker tells Temporal of itself.
 *
 * A build id that is not set is the hash of the workflows: a deploy that leaves them as they are brings no new version.
 */
export const deploymentOptions = async (
  { name, buildId }: NonNullable<Settings['deployment']>,
  bundle: Bundle,
): Promise<WorkerDeploymentOptions> => ({
  version: { deploymentName: name, buildId: buildId ?? (await hashOf(bundle)) },
  useWorkerVersioning: true,
  // Runs of dataflows pin themselves. The quota goes where the newest workers are: pinned, an idle one would stay with
  // workers that are gone, and no lease would reach it any more.
  defaultVersioningBehavior: 'AUTO_UPGRADE',
});
