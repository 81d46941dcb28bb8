// STORE_URL → where credentials are kept with that store.
import { dirname, join } from 'node:path';
import { databasePath, isPostgres, openDatabase } from '../store/open-store.js';
import { FileVault } from './file-vault.js';
import { PostgresVault } from './postgres-vault.js';
import type { Vault } from './vault.js';

/**
 * @param key what they are encrypted with in PostgreSQL
 * @param database the store's own, if it is open already
 */
export const openVault = (
  storeUrl: string,
  key: Buffer | undefined,
  database = openDatabase(storeUrl),
): Vault =>
  isPostgres(storeUrl)
    ? new PostgresVault(database, key)
    : new FileVault(join(dirname(databasePath(storeUrl)), 'credentials'));
