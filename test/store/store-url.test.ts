// STORE_URL as a worker reads it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidSettings, readSettings } from '../../src/settings.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'store-url-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('an address with a password in it may stand in a file', async () => {
  const file = join(folder, 'store-url');
  await writeFile(file, 'postgres://me:secret@db/ads\n');
  expect(readSettings({ STORE_URL_FILE: file }).storeUrl).toBe('postgres://me:secret@db/ads');
});

test('a file that cannot be read is named with the other problems', () => {
  const read = () => readSettings({ STORE_URL_FILE: join(folder, 'none'), LOG_LEVEL: 'loud' });
  expect(read).toThrow(InvalidSettings);
  expect(read).toThrow(/cannot read .*none \(ENOENT\)/);
  expect(read).toThrow(/LOG_LEVEL/);
});
