// `pinterest-ads …` as a person and a program meet it: one call of the client each, tables or JSON, exit codes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addDays, dateOf } from '../../src/dataflow/dates.js';
import { ACCOUNT, Harness, specOf } from '../support/harness.js';
import { bareEnvironment } from '../support/worker-process.js';

const today = dateOf(Date.now());

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.close());

const command = async (...args: string[]): Promise<{ code: number; output: string; errors: string }> => {
  const { TEMPORAL_ADDRESS = '', TEMPORAL_NAMESPACE = '' } = harness.environment;
  const process_ = spawn(process.execPath, ['dist/src/cli/main.js', ...args], {
    env: { ...bareEnvironment(), TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [output, errors] = ['', ''];
  process_.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()));
  process_.stderr.on('data', (bytes: Buffer) => (errors += bytes.toString()));
  const [code] = (await once(process_, 'close')) as [number];
  return { code, output, errors };
};

/** What a program reads: exactly one line of JSON. */
const json = async (...args: string[]): Promise<unknown> => {
  const { code, output, errors } = await command(...args, '--json');
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  expect(output.trimEnd()).not.toContain('\n');
  return JSON.parse(output);
};
const words = async (...args: string[]): Promise<string> => {
  const { code, output, errors } = await command(...args);
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  return output;
};

test('from a token to a scheduled dataflow, and through its life', async () => {
  const file = join(harness.folder, 'spec.json');
  const spec = specOf({ backfillDays: 5 });
  await writeFile(file, JSON.stringify(spec));

  expect(await json('check', '--account', ACCOUNT)).toMatchObject({ ok: true, adAccount: { id: ACCOUNT } });
  expect(await words('check', '--account', ACCOUNT)).toContain('✔ The credential default is good.');
  expect(await json('explore')).toMatchObject({ adAccounts: [{ id: ACCOUNT }], more: false });
  const few = ['--account', ACCOUNT, '--type', 'campaigns', '--limit', '3'];
  expect(await json('explore', ...few)).toMatchObject({ type: 'campaigns', more: true });
  expect(await words('explore', ...few)).toContain('There are more');
  expect(await json('preview', file)).toMatchObject({ objectType: 'campaigns', apiCalls: 2 });
  expect(await words('preview', file)).toContain('campaign_id');
  expect(await json('plan', file)).toMatchObject({ chunks: [{ objectType: 'campaigns' }] });
  expect(await words('plan', file)).toContain('API calls');

  expect(await json('create', file, '--at', '06:30')).toEqual({
    name: 'acme-ads',
    created: true,
    workflowId: null,
  });
  expect(await json('create', file)).toMatchObject({ created: false });
  expect(await json('trigger', 'acme-ads', '--wait')).toMatchObject({
    workflowId: 'acme-ads',
    record: { status: 'success' },
  });
  expect(await json('status', 'acme-ads')).toMatchObject({
    spec,
    schedule: { cadence: 'every day at 06:30', paused: false },
    lastRun: { status: 'success' },
    coverage: [{ from: addDays(today, -4), to: today, staleCells: 0 }],
  });
  const status = await words('status', 'acme-ads');
  expect(status).toContain('every day at 06:30, next ');
  expect(status).toMatch(new RegExp(`campaigns .* provisional to ${today} .* none`));
  expect(await json('list')).toMatchObject([{ name: 'acme-ads' }]);
  expect(await words('list')).toContain('acme-ads');
  await json('pause', 'acme-ads', '--note', 'the books are closed');
  expect(await words('status', 'acme-ads')).toContain('paused: the books are closed');
  expect(await json('resume', 'acme-ads')).toEqual({ name: 'acme-ads', paused: false });
  expect(await json('forget', 'acme-ads', '--from', today, '--to', today)).toEqual({ cells: 20 });
  const window = `${addDays(today, -2)}..${addDays(today, -1)}`;
  expect(await json('trigger', 'acme-ads', '--window', window, '--wait')).toMatchObject({
    record: { window: { from: addDays(today, -2), to: addDays(today, -1) } },
  });
  expect(await json('delete', 'acme-ads', '--data')).toEqual({ schedule: true, data: true });
  expect(await json('list')).toEqual([]);
});

test('what went wrong is told in one message, with an exit code', async () => {
  const missing = await command('check', '--credential', 'acme-eu', '--json');
  expect(missing.code).toBe(1);
  expect(JSON.parse(missing.output)).toMatchObject({ ok: false, problems: [{ code: 'CredentialMissing' }] });

  for (const [args, message] of [
    [['status', 'nobody'], 'There is no dataflow "nobody"'],
    [['plan', 'nowhere.json'], 'Cannot read the dataflow spec nowhere.json'],
    [['forget', 'nobody'], 'no dataflow "nobody" is in this store'],
    [['explore', '--type', 'ads'], 'connection.adAccountId'],
    [['explore', '--type', 'pins'], 'Allowed choices are campaigns, ad_groups, ads'],
    [['sttaus', 'acme-ads'], 'Did you mean status?'],
  ] as const) {
    const { code, errors, output } = await command(...args);
    expect(code).toBe(1);
    expect(errors).toContain(message);
    expect(errors).not.toMatch(/^ {4}at /m);
    expect(output).toBe('');
  }
});

test('what Temporal refuses is told without a stack, too', async () => {
  await harness.stopWorker();
  await harness.begin(specOf({ backfillDays: 6 }), { workflowId: 'acme-ads' });
  const file = join(harness.folder, 'spec.json');
  await writeFile(file, JSON.stringify(specOf({ backfillDays: 5 })));
  expect(await command('create', file, '--now')).toEqual({
    code: 1,
    output: '',
    errors: expect.stringMatching(/^The workflow acme-ads is running with another spec\. .*\n$/) as string,
  });
  harness.environment['TEMPORAL_NAMESPACE'] = 'nowhere';
  for (const args of [['list'], ['status', 'acme-ads'], ['create', file]]) {
    expect(await command(...args)).toEqual({
      code: 1,
      output: '',
      errors: 'Temporal has no namespace "nowhere"; TEMPORAL_NAMESPACE names the one to use.\n',
    });
  }
});

test('the help names every command, and each command says what it needs', async () => {
  const help = await words('--help');
  const names =
    'authorize check explore preview plan create list status trigger pause resume forget delete'.split(' ');
  for (const name of names) expect(help).toMatch(new RegExp(`^ {2}${name} `, 'm'));
  for (const name of names.slice(1)) expect(await words(name, '--help')).toContain('TEMPORAL_ADDRESS');
});
