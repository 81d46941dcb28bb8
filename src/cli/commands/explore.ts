// `pinterest-ads explore`: what there is to read.
import { Command, Option } from 'commander';
import type { Exploration, ExploreInput } from '../../client.js';
import { answer, withJson, type JsonOption } from '../answer.js';
import { table } from '../table.js';
import {
  connectionOf,
  listOf,
  TEMPORAL_HELP,
  wholeNumber,
  withClient,
  withConnection,
  type ConnectionOptions,
} from '../with-client.js';

type Options = JsonOption & ConnectionOptions & Omit<ExploreInput, 'connection'>;

const words = (found: Exploration): string => {
  const rows =
    'adAccounts' in found
      ? table(
          ['ad account', 'name', 'currency', 'country', 'roles'],
          found.adAccounts.map((one) => [
            one.id,
            one.name,
            one.currency,
            one.country,
            one.permissions.join(', '),
          ]),
        )
      : table(
          ['id', 'name', 'status', 'campaign', 'ad group'],
          found.objects.map((one) => [one.id, one.name, one.status, one.campaignId, one.adGroupId]),
        );
  const problems = (found.problems ?? []).map(({ code, message }) => `${code}: ${message}`);
  const more = found.more ? ['There are more: ask by --names, or for more with --limit.'] : [];
  return [rows, ...more, ...problems].join('\n');
};

const run = async ({ json, type, names, statuses, limit, ...options }: Options): Promise<void> => {
  const input = {
    connection: connectionOf(options),
    ...(type && { type }),
    ...(names && { names }),
    ...(statuses && { statuses }),
    ...(limit !== undefined && { limit }),
  };
  const found = await withClient((client) => client.explore(input));
  answer(json, found, words(found));
  if (found.problems) process.exitCode = 1;
};

const EXAMPLES = `
Examples:
  npx pinterest-ads explore                                           the ad accounts of the token
  npx pinterest-ads explore --account 549755885175 --type campaigns   an ad account's campaigns
  npx pinterest-ads explore --account 549755885175 --type ads --names 'Spring *' --statuses ACTIVE`;

export const exploreCommand = (): Command =>
  withConnection(withJson(new Command('explore')))
    .description("Lists the ad accounts of a credential, or an ad account's campaigns, ad groups or ads.")
    .addOption(new Option('--type <type>', 'what to list').choices(['campaigns', 'ad_groups', 'ads']))
    .option('--names <names>', 'only these, by commas; * is a wildcard', listOf)
    .option(
      '--statuses <statuses>',
      'only these, by commas: ACTIVE, PAUSED, ARCHIVED, DRAFT, DELETED_DRAFT',
      listOf,
    )
    .option('--limit <count>', 'at most so many, 1,000 at most (default: 200)', wholeNumber)
    .addHelpText('after', EXAMPLES)
    .addHelpText('after', TEMPORAL_HELP)
    .action(run);
