// `npm run move-store -- FILE`: the dataflows of a DuckDB file into PostgreSQL, the store of STORE_URL.
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Command } from 'commander';
import { failWith } from './exit.js';
import { makeFilesPrivate } from './private-files.js';
import { readStoreUrl } from './settings.js';
import { DuckDBFile } from './store/duckdb/file.js';
import { moveStore } from './store/move.js';
import { databasePath, isPostgres, storeName } from './store/open-store.js';
import { PostgresPool } from './store/postgres/pool.js';
import { StoreUnavailable } from './store/store.js';
import { makeWorkFolder } from './work-folder.js';

const HELP = `
Stop the workers first: the file is held while it is read, and what is loaded later is not moved.
Open runs go on once workers start again with STORE_URL. Stored credentials are not moved: give consent anew, into the new store
(npx pinterest-ads authorize).

Environment:
  STORE_URL               postgres://USER:PASSWORD@HOST/DATABASE; or its file's path in STORE_URL_FILE

Example:
  npm run move-store -- data/pinterest-ads.duckdb`;

const main = async (): Promise<void> => {
  const command = new Command('npm run move-store --')
    .description('Moves all dataflows of a DuckDB file into PostgreSQL: all of them, or nothing.')
    .argument('<file>', 'the DuckDB file; it is left as it is')
    .addHelpText('after', HELP)
    .parse();
  makeFilesPrivate();
  const url = readStoreUrl();
  const path = databasePath(command.args[0]!);
  if (!existsSync(path))
    throw new StoreUnavailable(`There is no file ${path}. Give the path of a DuckDB file.`, false);
  if (!isPostgres(url))
    throw new StoreUnavailable(
      // The value is not quoted: mistyped as it is, it may hold a password.
      'STORE_URL is no address of PostgreSQL. Set it to postgres://USER:PASSWORD@HOST/DATABASE',
      false,
    );
  const folder = await makeWorkFolder(tmpdir());
  try {
    const file = new DuckDBFile(path, { memoryLimit: '512MB' });
    const moved = await moveStore(file, new PostgresPool(url, 10_000), folder.path);
    if (moved.length === 0) throw new StoreUnavailable(`${path} holds no dataflow: nothing was moved`, false);
    for (const { schema, table, rows } of moved) process.stdout.write(`${schema}.${table}: ${rows} rows\n`);
    process.stdout.write(`All of it is in ${storeName(url)} now; ${path} is as it was\n`);
  } finally {
    await folder.remove();
  }
};

await main().catch(failWith);
