// `npx pinterest-ads …`: one command for people, a file of its own for each of its commands.
import { Command } from 'commander';
import { failWith } from '../exit.js';
import { makeFilesPrivate } from '../private-files.js';
import { authorizeCommand } from './commands/authorize.js';

makeFilesPrivate();
await new Command('pinterest-ads')
  .description('Pinterest Ads performance data as durable dataflows on Temporal.')
  .addCommand(authorizeCommand())
  .parseAsync()
  .catch(failWith);
