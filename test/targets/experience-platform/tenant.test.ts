// The tenant's namespace, from a registry that does not say it by itself.
import type { Sandbox } from '../../../src/targets/experience-platform/access/client.js';
import { PlatformError } from '../../../src/targets/experience-platform/access/errors.js';
import { Registry } from '../../../src/targets/experience-platform/set-up/registry.js';

const registryWith = (resources: Record<string, unknown[]>): Registry => {
  const json = ({ path }: { path: string }): Promise<unknown> => {
    const results = resources[path.replace('/schemaregistry/tenant/', '')];
    if (results) return Promise.resolve({ results, _page: { count: results.length } });
    return Promise.reject(new PlatformError('TargetRefused', `No ${path}`, { status: 404 }));
  };
  return new Registry({ json } as unknown as Sandbox, new AbortController().signal);
};

test('it stands in the ids of what was made there', async () => {
  const schemas = [{ $id: 'https://ns.adobe.com/acme_corp/schemas/0a1b', title: 'Other' }];
  expect(await registryWith({ fieldgroups: [], schemas }).tenant()).toBe('acme_corp');
});

test('with nothing to tell it by, set-up is refused', async () => {
  await expect(registryWith({ fieldgroups: [], schemas: [] }).tenant()).rejects.toThrow(
    'does not say what the tenant’s id is',
  );
});
