// STORE_URL as the driver takes it, and as a person may see it.
import { Client } from 'pg';
import { StoreUnavailable } from '../store-unavailable.js';

/** Where TLS is asked for, the server's certificate is checked, unless the URL says `no-verify` in so many words. */
export const strict = (url: string): string =>
  url.replace(/([?&]sslmode=)(?:prefer|require|verify-ca)(?=&|$)/, '$1verify-full');

/**
 * `host:port/database`: no user, no password.
 * @throws StoreUnavailable if the URL is none
 */
export const addressOf = (url: string): string => {
  try {
    const { host, port, database } = new Client({ connectionString: strict(url) });
    return `${host}:${port}/${database}`;
  } catch (error) {
    // The driver's words hold no part of the URL but the file names in it.
    throw new StoreUnavailable(
      `STORE_URL is no usable PostgreSQL address: ${(error as Error).message}. ` +
        'Expected postgres://USER:PASSWORD@HOST:PORT/DATABASE; signs like @ : / # in a password are written %40 %3A %2F %23.',
      false,
    );
  }
};
