// Texts and names in SQL, as DuckDB and PostgreSQL read them alike.

/** A text as a literal. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A name as an identifier. */
export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
