// Which version a worker says it is: by its environment, or by the workflows that it carries.
import { deploymentOptions } from '../src/deployment.js';
import { InvalidSettings, readSettings } from '../src/settings.js';

const NAME = { WORKER_DEPLOYMENT_NAME: 'pinterest-ads' };

test('there is no versioning until a deployment is named', () => {
  expect(readSettings({}).deployment).toBeUndefined();
  expect(readSettings({ WORKER_DEPLOYMENT_NAME: '', WORKER_BUILD_ID: '' }).deployment).toBeUndefined();
  expect(readSettings(NAME).deployment).toEqual({ name: 'pinterest-ads', buildId: undefined });
  expect(readSettings({ ...NAME, WORKER_BUILD_ID: '1.4.0+3baf7d2' }).deployment).toEqual({
    name: 'pinterest-ads',
    buildId: '1.4.0+3baf7d2',
  });
});

test.each([
  [{ WORKER_BUILD_ID: '1.4.0' }, /WORKER_DEPLOYMENT_NAME: is missing; WORKER_BUILD_ID names/],
  [{ WORKER_DEPLOYMENT_NAME: 'pinterest.ads' }, /WORKER_DEPLOYMENT_NAME: "pinterest.ads" may hold/],
  [{ WORKER_DEPLOYMENT_NAME: '__ads' }, /WORKER_DEPLOYMENT_NAME: "__ads" may hold/],
  [{ ...NAME, WORKER_BUILD_ID: 'a:b' }, /WORKER_BUILD_ID: "a:b" may hold/],
])('%j is no version', (environment, problem) => {
  const read = () => readSettings(environment);
  expect(read).toThrow(InvalidSettings);
  expect(read).toThrow(problem);
});

test('a build id that is not set is that of the workflows, wherever they were built', async () => {
  const versionOf = async (code: string, buildId?: string): Promise<string> =>
    (await deploymentOptions({ name: 'ads', buildId }, { code })).version.buildId;
  const here = await versionOf('workflows();\n//# sourceMappingURL=data:,/here/');
  expect(here).toMatch(/^[0-9a-f]{12}$/);
  expect(await versionOf('workflows();\n//# sourceMappingURL=data:,/there/')).toBe(here);
  expect(await versionOf('others();\n//# sourceMappingURL=data:,/here/')).not.toBe(here);
  expect(await versionOf('workflows();', '1.4.0')).toBe('1.4.0');
});
