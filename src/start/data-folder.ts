// The folder of what `npm start` keeps: the store, Temporal's state, the logs.
import { accessSync, constants } from 'node:fs';
import { parse } from 'node:path';
import { makeFolder } from '../store/folder.js';
import { duckdbPath, folderOfStore, openStore, storeName } from '../store/open-store.js';
import { StoreUnavailable } from '../store/store.js';

/** @throws StoreUnavailable if no store can be at this address */
export const prepareDataFolder = (storeUrl: string): string => {
  openStore(storeUrl);
  const folder = folderOfStore(storeUrl);
  try {
    makeFolder(folder);
    accessSync(folder, constants.W_OK);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    throw new StoreUnavailable(
      `The folder of the store, ${folder}, cannot be written to (${code ?? message}). Check its permissions, or set STORE_URL to another place.`,
      false,
    );
  }
  return folder;
};

/** What the files of a store's services are called after. */
export const nameOf = (storeUrl: string): string =>
  storeUrl.startsWith('duckdb:')
    ? parse(duckdbPath(storeUrl)).name
    : storeName(storeUrl).replace(/[^\w.]+/g, '-');
