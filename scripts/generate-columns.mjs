// Writes openapi/reporting-columns.ts anew from Pinterest's OpenAPI description of its API v5
// (https://github.com/pinterest/api-description), and says which version that was.
//
//   node scripts/generate-columns.mjs PATH/openapi.json
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

const [description] = process.argv.slice(2);
if (!description) {
  process.stderr.write('Give the path of the OpenAPI description: node scripts/generate-columns.mjs FILE\n');
  process.exit(1);
}
const { info, components } = JSON.parse(readFileSync(description, 'utf8'));
const analytics = components.parameters.query_columns.schema.items.enum;
const reports = components.schemas.ReportingColumnAsync.enum;

const WIDTH = 110;
/** Names side by side, as many as fit a line. */
const lines = (names) => {
  const filled = [''];
  for (const name of names) {
    if (filled.at(-1).length + name.length >= WIDTH) filled.push('');
    filled.push(`${filled.pop()} ${name}`);
  }
  return filled.map((line) => ` ${line}`).join('\n');
};
const list = (names) => `words(\`\n${lines(names)}\n\`)`;

const shared = analytics.filter((name) => reports.includes(name));
const target = join(import.meta.dirname, '../openapi/reporting-columns.ts');
writeFileSync(
  target,
  `// The reporting columns of Pinterest's API, as the OpenAPI description of its version ${info.version} lists them.
// Written by scripts/generate-columns.mjs, not by hand.

const words = (text: string): string[] => text.trim().split(/\\s+/);

const SHARED = ${list(shared)};

/** What the analytics endpoints can be asked for: \`query_columns\`. */
export const ANALYTICS_COLUMNS: readonly string[] = [
  ...SHARED,
  ...${list(analytics.filter((name) => !shared.includes(name)))},
];

/** What async reports can be asked for: \`ReportingColumnAsync\`. */
export const REPORT_COLUMNS: readonly string[] = [
  ...SHARED,
  ...${list(reports.filter((name) => !shared.includes(name)))},
];
`,
);
process.stdout.write(
  `${target}: ${analytics.length} columns of analytics, ${reports.length} of reports, from ${description} (API ${info.version})\n`,
);
