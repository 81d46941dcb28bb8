// STORE_URL → where credentials are kept beside that store.
import { dirname, join } from 'node:path';
import { databasePath } from '../store/open-store.js';
import { FileVault } from './file-vault.js';
import type { Vault } from './vault.js';

export const openVault = (storeUrl: string): Vault =>
  new FileVault(join(dirname(databasePath(storeUrl)), 'credentials'));
