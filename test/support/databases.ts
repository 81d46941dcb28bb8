// A database for each test, on the PostgreSQL server of the test run.
import { randomUUID } from 'node:crypto';
import { query } from './store-reader.js';

/** @returns the URL of a new database; it goes with the server when the run ends */
export const newDatabase = async (): Promise<string> => {
  const server = process.env['TEST_POSTGRES_URL']!;
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await query(server, `CREATE DATABASE ${name}`);
  return server.replace('@/postgres?', `@/${name}?`);
};
