// `pinterest-ads check`: whether a token reads an ad account, and what is missing.
import { Command } from 'commander';
import type { ConnectionCheck } from '../../client.js';
import { answer, withJson, type JsonOption } from '../answer.js';
import {
  connectionOf,
  TEMPORAL_HELP,
  withClient,
  withConnection,
  type ConnectionOptions,
} from '../with-client.js';

const words = ({ ok, credential, user, adAccount, problems }: ConnectionCheck): string =>
  [
    ok ? `✔ The credential ${credential} is good.` : `✘ The credential ${credential} will not do.`,
    ...(user ? [`  user        ${user.username}`] : []),
    ...(adAccount
      ? [
          `  ad account  ${adAccount.id} ${adAccount.name ?? ''}, ${adAccount.currency ?? '?'}, ${adAccount.country ?? '?'}`,
          `  roles       ${adAccount.permissions.join(', ')}`,
        ]
      : []),
    ...problems.map(({ code, message }) => `  ${code}: ${message}`),
  ].join('\n');

const run = async ({ json, ...options }: JsonOption & ConnectionOptions): Promise<void> => {
  const checked = await withClient((client) => client.check(connectionOf(options)));
  answer(json, checked, words(checked));
  if (!checked.ok) process.exitCode = 1;
};

export const checkCommand = (): Command =>
  withConnection(withJson(new Command('check')))
    .description('Checks whether a credential reads an ad account; says what is missing, and how to get it.')
    .addHelpText('after', TEMPORAL_HELP)
    .action(run);
