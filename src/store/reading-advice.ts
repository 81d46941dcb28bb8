/** What a role of PostgreSQL needs that only reads. */
export const READING_ADVICE =
  'To read it needs USAGE of the schema and SELECT on all its tables: docs/postgresql.md.';
