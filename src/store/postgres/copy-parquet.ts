// Parquet files into a temporary table of PostgreSQL and out of it: by DuckDB from and to CSV, by COPY there. Rows never become
// JavaScript objects; numbers travel in the shortest form that reads back as the same number.
import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { PoolClient } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { Engine } from '../../engine/engine.js';
import { literal } from '../../engine/sql-text.js';
import { columnDefinitions, type Column } from '../tables.js';
import { quote } from '../../engine/sql-text.js';

/** By DuckDB's names of them. */
const TYPES: Readonly<Record<string, Column['type']>> = {
  VARCHAR: 'TEXT',
  DATE: 'DATE',
  UTINYINT: 'SMALLINT',
  SMALLINT: 'SMALLINT',
  BIGINT: 'BIGINT',
  DOUBLE: 'DOUBLE PRECISION',
  TIMESTAMP: 'TIMESTAMP',
  BOOLEAN: 'BOOLEAN',
};

/** A column as DuckDB describes it; undefined for a type that this program never writes. */
export const columnOf = (name: string, duckdbType: string): Column | undefined => {
  const type = TYPES[duckdbType];
  return type && { name, type };
};

/** PostgreSQL keeps no NUL in a text: the sign for what cannot be shown takes its place. */
const storable = ({ name, type }: Column): string =>
  type === 'TEXT' ? `replace(${quote(name)}, chr(0), chr(65533)) AS ${quote(name)}` : quote(name);

/** Makes the table `name`, which lasts until the transaction ends. The files all have the same columns. */
export const copyParquet = async (
  client: PoolClient,
  name: string,
  files: readonly [string, ...string[]],
): Promise<void> => {
  const engine = await Engine.open(dirname(files[0]));
  try {
    const read = (file: string): string => `read_parquet(${literal(file)})`;
    const columns = (await engine.columns(`SELECT * FROM ${read(files[0])}`)).map(({ name, type }) =>
      columnOf(name, type)!,
    );
    await engine.makeRoomFor(columns.length);
    await client.query(`CREATE TEMP TABLE ${name} (${columnDefinitions(columns)}) ON COMMIT DROP`);
    const names = columns.map((column) => quote(column.name)).join(', ');
    const write = async (file: string): Promise<string> => {
      await engine.writeCsv(`SELECT ${columns.map(storable).join(', ')} FROM ${read(file)}`, `${file}.csv`);
      return `${file}.csv`;
    };
    const copy = async (csv: string): Promise<void> => {
      const rows = client.query(copyFrom(`COPY ${name} (${names}) FROM STDIN (FORMAT csv)`));
      await pipeline(createReadStream(csv), rows);
      await rm(csv);
    };
    let csv = await write(files[0]);
    for (const next of [...files.slice(1), null]) {
      // One file is written while the one before is sent; neither is left running if the other fails.
      const [written, sent] = await Promise.allSettled([next && write(next), copy(csv)]);
      if (sent.status === 'rejected') throw sent.reason;
      if (written.status === 'rejected') throw written.reason;
      csv = written.value ?? csv;
    }
  } finally {
    engine.close();
  }
};

/** Writes a query's rows to a Parquet file; answers with how many there are. */
export const copyToParquet = async (
  client: PoolClient,
  query: string,
  columns: readonly Column[],
  file: string,
): Promise<number> => {
  const csv = `${file}.csv`;
  try {
    const rows = client.query(copyTo(`COPY (${query}) TO STDOUT (FORMAT csv)`));
    await pipeline(rows, createWriteStream(csv));
    const engine = await Engine.open(dirname(file));
    try {
      await engine.makeRoomFor(columns.length);
      return await engine.writeParquet(`SELECT * FROM ${Engine.readCsv(csv, columns)}`, file);
    } finally {
      engine.close();
    }
  } finally {
    await rm(csv, { force: true });
  }
};
