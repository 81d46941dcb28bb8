// The simulator as aepp reads it (PyPI): a client by others, where it is installed.
import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withPlatform } from './client.js';

/** One that has aepp: `python3 -m venv v && v/bin/pip install aepp`, then AEPP_PYTHON=v/bin/python. */
const python = process.env['AEPP_PYTHON'] ?? 'python3';
const installed = spawnSync(python, ['-c', 'import aepp']).status === 0;
if (!installed)
  console.warn(`Skipped: ${python} has no aepp (pip install aepp; AEPP_PYTHON says which Python)`);

const withAepp = installed ? describe : describe.skip;
withAepp('with aepp', () => {
  test('aepp sets up, delivers, replaces, reverts and reads diagnostics', () =>
    withPlatform({}, async ({ platform }) => {
      const { organization, clientId, clientSecret } = platform.settings;
      const { stdout } = await promisify(execFile)(
        python,
        [join(__dirname, 'aepp_client.py'), platform.url],
        {
          env: {
            ...process.env,
            ORGANIZATION: organization,
            CLIENT_ID: clientId,
            CLIENT_SECRET: clientSecret,
          },
        },
      );
      expect(JSON.parse(stdout)).toEqual({
        tenant: 'acme',
        versions: ['1.0', '1.1', '1.1'],
        titles: ['aepp columns', 'aepp extra'],
        schemas: ['aepp schema'],
        fields: ['clicks', 'ctr', 'spend'].sort(),
        datasets: ['aepp dataset'],
        infos: true,
        statuses: ['staging', 'success', 'success'],
        metrics: expect.objectContaining({ inputRecordCount: 2, outputRecordCount: 1, failedRecordCount: 1 }),
        failed: ['_SUCCESS', 'part-00000.json'],
        diagnostics: ['conversion_errors_0.json'],
        rows: [{ _id: '1', timestamp: '2026-05-01T00:00:00Z', _acme: { clicks: 5, ctr: 0.5, spend: 1.5 } }],
        replaced: ['inactive', 'success'],
        reverted: 'inactive',
        said: '',
      });
      expect(platform.log.filter(({ status }) => status >= 400)).toEqual([]);
    }));
});
