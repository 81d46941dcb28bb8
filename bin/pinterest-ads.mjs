#!/usr/bin/env node
// The command `pinterest-ads`. In a clone it first does what every npm script here does: install and build what is missing.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

const setup = join(import.meta.dirname, '../scripts/setup.mjs');
if (existsSync(setup)) {
  try {
    // What it says is no answer of the command.
    execFileSync(process.execPath, [setup], { stdio: ['ignore', 2, 2] });
  } catch ({ status }) {
    process.exit(status ?? 1);
  }
}
await import('../dist/src/cli/main.js');
