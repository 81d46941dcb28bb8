// A Temporal server that does not start: what its user reads. A stand-in is `temporal` on PATH.
import { chmod, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTemporalServer } from '../../src/start/temporal-server.js';

const CAUSE = 'level=ERROR msg="listen tcp 127.0.0.1:40085: bind: address already in use"';
const STACK_TRACE = [
  'go.temporal.io/server/temporal.(*ServerFx).Start',
  '\t/home/runner/go/pkg/mod/go.temporal.io/server@v1.32.0/temporal/fx.go:137',
  'github.com/temporalio/cli/internal/temporalcli.Execute({0x60869f0?, 0x272c68fa6280?}, {{{0x0, 0x0}, ...}, ...})',
  '\t/home/runner/work/cli/cli/internal/temporalcli/commands.go:434 +0x2a9',
  'main.main()',
  '\t/home/runner/work/cli/cli/cmd/temporal/main.go:18 +0x8e',
];

const path = process.env['PATH'];
afterEach(() => {
  process.env['PATH'] = path;
});

test('the cause is told, and not the stack trace below it; a port that was taken meanwhile is no reason to give up', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'no-server-'));
  const program = join(folder, 'temporal');
  await writeFile(join(folder, 'says'), [CAUSE, ...STACK_TRACE, ''].join('\n'));
  await writeFile(program, `#!/bin/sh\necho "$@" >> "${folder}/starts"\ncat "${folder}/says"\nexit 1\n`);
  await chmod(program, 0o700);
  process.env['PATH'] = `${folder}:${path}`;

  const log = join(folder, 'temporal.log');
  const failure = startTemporalServer({ log, preferredPort: 7233 });
  await expect(failure).rejects.toMatchObject({
    message: `The Temporal server did not start; its log, ${log}, ends with:\n${CAUSE}`,
  });
  expect((await readFile(join(folder, 'starts'), 'utf8')).trim().split('\n')).toHaveLength(2);
});
