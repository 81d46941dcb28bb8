// What stands beside the tables: a README for a person, and schema.json for programs, both with every column's meaning.
import { meaningOf } from '../../dataflow/column-meanings.js';
import { describeDataset } from '../../dataflow/object-types.js';
import type { TableOut, TargetPlan } from '../target.js';

const REFERENCE = 'https://developers.pinterest.com/docs/api/v5/ad_account-analytics';

const TYPES = {
  TEXT: 'string',
  DATE: 'date',
  SMALLINT: 'int16',
  BIGINT: 'int64',
  'DOUBLE PRECISION': 'double',
} as const;
const typeOf = (type: string): string => TYPES[type as keyof typeof TYPES] ?? type.toLowerCase();

const columnsOf = ({ columns }: TableOut) => [
  ...columns.map(({ name, type }) => ({ name, type: typeOf(type), meaning: meaningOf(name) })),
  { name: 'week', type: 'date', meaning: "The Monday of the row's calendar week; in the folder's name" },
];

const readme = ({ dataflow, tables }: TargetPlan): string =>
  [
    `# ${dataflow}: Pinterest Ads`,
    '',
    `Delivered by the dataflow \`${dataflow}\`. Each table is a folder; below it one file for each ad account and calendar week,`,
    'replaced as a whole when Pinterest revises its numbers. A column that was added later is absent from older files: read by',
    'name. An absent value means that Pinterest gave none.',
    '',
    '```sql',
    '-- DuckDB',
    `SELECT * FROM read_parquet('${tables[0]?.table ?? 'campaign_analytics'}/**/*.parquet', hive_partitioning = true,`,
    "  hive_types = {'ad_account_id': VARCHAR, 'week': DATE}, union_by_name = true);",
    '```',
    '',
    '```python',
    `pandas.read_parquet('${tables[0]?.table ?? 'campaign_analytics'}')`,
    `spark.read.option('mergeSchema', 'true').parquet('${tables[0]?.table ?? 'campaign_analytics'}')`,
    '```',
    '',
    `What Pinterest says of its columns: ${REFERENCE}`,
    ...tables.flatMap((table) => [
      '',
      `## ${table.table}`,
      '',
      `Numbers of ${describeDataset(table.dataset)}${table.columns.some(({ name }) => name === 'targeting_type') ? ' by targeting types, which do not add up to the whole' : ''}.`,
      '',
      '| column | type | meaning |',
      '| --- | --- | --- |',
      ...columnsOf(table).map(({ name, type, meaning }) => `| \`${name}\` | ${type} | ${meaning} |`),
    ]),
    '',
  ].join('\n');

const schema = ({ dataflow, tables }: TargetPlan): string =>
  `${JSON.stringify(
    { dataflow, tables: tables.map((table) => ({ name: table.table, columns: columnsOf(table) })) },
    null,
    2,
  )}\n`;

/** File names with their texts. */
export const dictionaryOf = (plan: TargetPlan): [name: string, text: string][] => [
  ['README.md', readme(plan)],
  ['schema.json', schema(plan)],
];
