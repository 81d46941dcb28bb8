// Where credentials are kept: for nobody else's eyes, whole or not at all.
import { randomBytes } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { NOTHING_KEPT, writeKept } from '../../src/credentials/kept.js';
import { openVault } from '../../src/credentials/open-vault.js';
import { query } from '../support/store-reader.js';
import { cutConnections, grantOf, keep, newPlace, type Place } from '../support/vaults.js';

let place: Place;
afterEach(() => place.close());

const folder = (): string => join(dirname(place.storeUrl.slice('duckdb:'.length)), 'credentials');

test.each(['duckdb', 'postgres'] as const)(
  '%s: what is kept is read as it was, by its name',
  async (kind) => {
    place = await newPlace(kind);
    const vault = place.open();
    expect(await vault.names()).toEqual([]);
    expect(await vault.read('default')).toBeUndefined();
    const kept = {
      grant: grantOf('a-refresh-token'),
      broughtIn: ['of-one'],
      refusals: [{ of: 'of-another', said: 'HTTP 400', atMs: 1_700_000_000_000 }],
      renewedEarlyAtMs: 1_700_000_000_000,
    };
    await keep(vault, kept, 'acme-eu');
    await keep(vault, { ...kept, grant: null });
    expect(await place.open().names()).toEqual(['acme-eu', 'default']);
    expect(await place.open().read('acme-eu')).toEqual(kept);
    expect(await place.open().read('default')).toEqual({ ...kept, grant: null });
    // Work that fails changes nothing.
    await expect(vault.change('default', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await place.open().read('default')).toEqual({ ...kept, grant: null });
  },
);

test.each(['duckdb', 'postgres'] as const)(
  '%s: what cannot be read is told of, and replaced by whoever says what it is taken for',
  async (kind) => {
    place = await newPlace(kind);
    await keep(place.open(), { grant: grantOf('a-refresh-token') });
    const vault = await place.openSpoilt();
    const wayOut =
      /cannot be (read|decrypted).*give consent anew, which replaces it: npx pinterest-ads authorize$/;
    await expect(vault.read('default')).rejects.toThrow(wayOut);
    await expect(keep(vault, { grant: grantOf('another') })).rejects.toThrow(wayOut);
    const grant = grantOf('given-anew');
    await vault.change(
      'default',
      (found, keep) => keep({ ...found!, grant }),
      () => ({ ...NOTHING_KEPT, broughtIn: ['taken-for'] }),
    );
    expect(await vault.read('default')).toEqual({ ...NOTHING_KEPT, grant, broughtIn: ['taken-for'] });
  },
);

test('files are of mode 600 in a folder of 700, whatever the umask', async () => {
  place = await newPlace('duckdb');
  const before = process.umask(0);
  try {
    await keep(place.open(), { grant: grantOf('a-refresh-token') });
  } finally {
    process.umask(before);
  }
  const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;
  expect(await modeOf(folder())).toBe(0o700);
  const files = await readdir(folder());
  expect(files).toEqual(['default.json', 'default.lock']);
  for (const file of files) expect(await modeOf(join(folder(), file))).toBe(0o600);
});

test('a pair that was written and not put in its place is taken up; half of one is not', async () => {
  place = await newPlace('duckdb');
  const old = { ...NOTHING_KEPT, grant: grantOf('old') };
  const young = { ...NOTHING_KEPT, grant: grantOf('new') };
  await keep(place.open(), old);
  const draft = join(folder(), 'default.json.draft');
  await writeFile(draft, writeKept(young).slice(0, -50));
  expect(await place.open().change('default', (kept) => Promise.resolve(kept))).toEqual(old);
  await writeFile(draft, writeKept(young));
  expect(await place.open().change('default', (kept) => Promise.resolve(kept))).toEqual(young);
  expect(await readdir(folder())).toEqual(['default.json', 'default.lock']);
});

test('a file that is damaged is told of, and not quoted', async () => {
  place = await newPlace('duckdb');
  await keep(place.open(), { grant: grantOf('a-refresh-token') });
  const file = join(folder(), 'default.json');
  await writeFile(file, (await readFile(file, 'utf8')).slice(0, 200));
  const failure = await place.open().read('default').catch(String);
  expect(failure).toContain(`${file} (it is not JSON)`);
  expect(failure).not.toContain('token-');
});

describe('PostgreSQL', () => {
  beforeEach(async () => {
    place = await newPlace('postgres');
  });

  test('holds no token in clear, nor what a name belongs to under another name', async () => {
    const grant = grantOf('a-refresh-token');
    await keep(place.open(), { grant });
    const rows = await query(place.storeUrl, 'SELECT * FROM _pinterest_ads.credentials');
    const dump = JSON.stringify(rows);
    const bytes = Buffer.from(rows[0]!['sealed'] as string, 'base64').toString('latin1');
    for (const secret of [grant.accessToken, grant.refreshToken, 'accessToken', 'ads:read']) {
      expect(dump).not.toContain(secret);
      expect(bytes).not.toContain(secret);
      for (const before of ['', '-', '--'])
        expect(dump).not.toContain(
          Buffer.from(before + secret)
            .toString('base64')
            .slice(4, -4),
        );
    }
    await query(place.storeUrl, "UPDATE _pinterest_ads.credentials SET name = 'other'");
    await expect(place.open().read('other')).rejects.toThrow('cannot be decrypted');
  });

  test('sealed twice, the same is never the same', async () => {
    const grant = grantOf('a-refresh-token');
    await keep(place.open(), { grant }, 'one');
    await keep(place.open(), { grant }, 'two');
    const rows = await query(place.storeUrl, 'SELECT sealed FROM _pinterest_ads.credentials');
    expect(new Set(rows.map(({ sealed }) => String(sealed).slice(0, 12))).size).toBe(2);
  });

  test('another key, or none, is told of by its variable', async () => {
    await keep(place.open(), { grant: grantOf('a-refresh-token') });
    const other = openVault(place.storeUrl, randomBytes(32));
    await expect(other.read('default')).rejects.toThrow('CREDENTIALS_KEY is not the one');
    const none = openVault(place.storeUrl, undefined);
    await expect(none.read('default')).rejects.toThrow('CREDENTIALS_KEY is missing');
    await expect(none.change('default', () => Promise.resolve())).rejects.toThrow(
      'CREDENTIALS_KEY is missing',
    );
    expect(await none.names()).toEqual(['default']);
    expect(await none.read('nobody')).toBeUndefined();
  });

  test('a connection that is lost between the answer and the write costs nothing: it is written by the next one', async () => {
    const vault = place.open();
    await keep(vault, { grant: grantOf('old') });
    const grant = grantOf('new');
    let asked = 0;
    await vault.change('default', async (_, keep) => {
      if (asked++ === 0) {
        await cutConnections(place.storeUrl);
      }
      await keep({ ...NOTHING_KEPT, grant });
    });
    expect(asked).toBe(2);
    expect((await place.open().read('default'))?.grant).toEqual(grant);
  });
});
