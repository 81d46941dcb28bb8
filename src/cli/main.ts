// `npx pinterest-ads …`: one command for people, a file of its own for each of its commands.
import { join } from 'node:path';
import { Command } from 'commander';
import { failWith } from '../exit.js';
import { makeFilesPrivate } from '../private-files.js';
import { authorizeCommand } from './commands/authorize.js';
import { checkCommand } from './commands/check.js';
import { createCommand } from './commands/create.js';
import { deleteCommand } from './commands/delete.js';
import { exploreCommand } from './commands/explore.js';
import { forgetCommand } from './commands/forget.js';
import { listCommand } from './commands/list.js';
import { pauseCommand } from './commands/pause.js';
import { planCommand } from './commands/plan.js';
import { previewCommand } from './commands/preview.js';
import { resumeCommand } from './commands/resume.js';
import { statusCommand } from './commands/status.js';
import { reportCommand } from './commands/report.js';
import { triggerCommand } from './commands/trigger.js';
import { reconcileCommand } from './commands/reconcile.js';

makeFilesPrivate();
await new Command('pinterest-ads')
  .description('Pinterest Ads performance data as durable dataflows on Temporal.')
  .addCommand(authorizeCommand())
  .addCommand(checkCommand())
  .addCommand(exploreCommand())
  .addCommand(previewCommand())
  .addCommand(planCommand())
  .addCommand(createCommand())
  .addCommand(listCommand())
  .addCommand(statusCommand())
  .addCommand(triggerCommand())
  .addCommand(pauseCommand())
  .addCommand(resumeCommand())
  .addCommand(forgetCommand())
  .addCommand(deleteCommand())
  .addCommand(reconcileCommand())
  .addCommand(reportCommand())
  // A program of its own, the same as `npm run worker`.
  .command('worker', 'Works for dataflows until it is told to stop.', {
    executableFile: join(import.meta.dirname, '../worker.js'),
  })
  .parseAsync()
  .catch(failWith);
