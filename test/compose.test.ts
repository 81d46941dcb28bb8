// The image and docker-compose.yml keep what is promised of them, as far as reading them can tell.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parse } from 'yaml';

interface Service {
  image: string;
  build?: string | { context: string; target: string };
  user?: string;
  command?: string[];
  environment?: Record<string, string | number | null>;
  secrets?: string[];
  ports?: string[];
  volumes?: string[];
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
  restart?: string;
  stop_grace_period?: string;
}
interface Compose {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
  secrets: Record<string, { file: string }>;
}

const text = (path: string): string => readFileSync(path, 'utf8');
const { services, volumes, secrets } = parse(text('docker-compose.yml')) as Compose;
const named = Object.entries(services);

/** Instruction and arguments, continued lines joined. */
const dockerfile = text('Dockerfile')
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => [line.split(' ', 1)[0]!, line.slice(line.indexOf(' ') + 1)] as const);
const argumentsOf = (instruction: string): string[] =>
  dockerfile.flatMap(([name, rest]) => (name === instruction ? [rest] : []));
const lastStage = dockerfile.slice(dockerfile.map(([name]) => name).lastIndexOf('FROM'));

const ofSettings = ['src/settings.ts', 'src/credentials/variables.ts']
  .map(text)
  .join('')
  .replaceAll(/\(\s+/g, '(');
const known: Record<string, (variable: string) => boolean> = {
  worker: (variable) =>
    ['TEMPORAL_ADDRESS', 'PINTEREST_ACCESS_TOKEN_FILE'].includes(variable) ||
    ofSettings.includes(`variable('${variable}'`) ||
    ofSettings.includes(`secret('${variable.replace(/_FILE$/, '')}'`),
  simulator: (variable) => text('simulator/main.ts').includes(`.env('${variable}')`),
  postgres: (variable) => ['POSTGRES_DB', 'POSTGRES_USER', 'POSTGRES_PASSWORD_FILE'].includes(variable),
};

test('every image is pinned', () => {
  const images = [
    ...argumentsOf('FROM').map((from) => from.split(' ')[0]!),
    ...named.map(([, { image }]) => image),
  ];
  for (const image of images) expect(image).toMatch(/^[\w/-]+:\d+\.\d+\.?\d*(-\w+)*$/);
  expect(images.join()).not.toContain('alpine');
  const { version } = JSON.parse(text('package.json')) as { version: string };
  expect(services['worker']!.image).toBe(`pinterest-ads-dataflows:${version}`);
  expect(services['simulator']!.image).toBe(`pinterest-ads-simulator:${version}`);
});

test("what only the simulator needs is not in the worker's image", () => {
  expect(services['simulator']!.build).toEqual({ context: '.', target: 'build' });
  const { dependencies } = JSON.parse(text('package.json')) as { dependencies: Record<string, string> };
  expect(Object.keys(dependencies)).not.toContain('express');
  const taken = lastStage.filter(([name, rest]) => name === 'COPY' && rest.startsWith('--from=build'));
  expect(taken.map(([, rest]) => rest.split(' ')[1])).toEqual([
    '/app/dist/workflow-bundle*.js',
    '/app/dist/openapi',
    '/app/dist/src',
  ]);
});

test('no program is root, and the worker hears signals itself, and has its time to stop', () => {
  expect(argumentsOf('USER')).toEqual(['node', 'node']);
  expect(lastStage.filter(([name]) => name === 'USER')).toEqual([['USER', 'node']]);
  expect(named.filter(([, { user }]) => user !== undefined)).toEqual([]);
  const [[, command] = ['', '']] = lastStage.filter(([name]) => name === 'CMD');
  expect(JSON.parse(command)).toEqual(['node', 'dist/src/worker.js']);
  expect(argumentsOf('STOPSIGNAL')).toEqual(['SIGTERM']);
  const [, grace] = /shutdownGraceTime: '(\d+) seconds'/.exec(text('src/compose.ts'))!;
  expect(services['worker']!.stop_grace_period).toBe(`${Number(grace) + 30}s`);
});

const healthCheck = JSON.parse(argumentsOf('HEALTHCHECK').join().split('CMD ')[1]!) as string[];

test('every service has a health check, and the worker waits for what it needs', () => {
  const [, port] = /METRICS_ADDRESS=0\.0\.0\.0:(\d+)/.exec(argumentsOf('ENV').join())!;
  expect(services['worker']!.ports).toEqual([`127.0.0.1:${port}:${port}`]);
  // The worker's is in its image.
  expect(named.filter(([, { healthcheck }]) => !healthcheck).map(([name]) => name)).toEqual(['worker']);
  expect(services['worker']!.depends_on).toEqual({
    temporal: { condition: 'service_healthy' },
    postgres: { condition: 'service_healthy' },
  });
  for (const [, { restart }] of named) expect(restart).toBe('unless-stopped');
});

test('the health check is well where the worker says that it is ready, and ill otherwise', async () => {
  let status = 200;
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    response.writeHead(status).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // Every address of the machine, as the image has it.
  const METRICS_ADDRESS = `0.0.0.0:${(server.address() as AddressInfo).port}`;
  const check = async (): Promise<unknown> => {
    const [node, ...args] = healthCheck;
    expect(node).toBe('node');
    const child = spawn(process.execPath, args, { stdio: 'ignore', env: { METRICS_ADDRESS } });
    return (await once(child, 'exit'))[0];
  };
  expect(await check()).toBe(0);
  status = 503;
  expect(await check()).toBe(1);
  expect(asked).toEqual(['/ready', '/ready']);
  server.close();
  await once(server, 'close');
  expect(await check()).toBe(1);
});

test('every file that is copied or run exists, and the build context has it', () => {
  const allowed = text('.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(allowed.shift()).toBe('*');
  const copied = argumentsOf('COPY')
    .filter((rest) => !rest.startsWith('--from='))
    .flatMap((rest) => rest.split(' ').slice(0, -1));
  expect(new Set(copied.map((path) => `!${path}`))).toEqual(new Set(allowed));
  expect(copied.filter((path) => !existsSync(path))).toEqual([]);
  const programs = argumentsOf('CMD').flatMap((command) => command.match(/dist\/[\w/]+\.js/g)!);
  for (const program of [...programs, services['simulator']!.command!.at(-1)!])
    expect(existsSync(program.replace('dist/', '').replace('.js', '.ts'))).toBe(true);
});

test('every variable is one that its program reads', () => {
  const unknown = named.flatMap(([name, { environment = {} }]) =>
    Object.keys(environment).filter((variable) => !known[name]!(variable)),
  );
  expect(unknown).toEqual([]);
});

test('secrets come from files that git and the image never see', () => {
  for (const [name, { file }] of Object.entries(secrets)) expect(file).toBe(`./secrets/${name}`);
  expect(text('.gitignore').split('\n')).toEqual(expect.arrayContaining(['secrets/', '.env']));
  for (const [, { environment = {}, secrets: mounted = [] }] of named) {
    const variables = Object.keys(environment);
    const secret = variables.filter((variable) => /TOKEN|PASSWORD|STORE_URL/.test(variable));
    expect(secret.filter((variable) => !variable.endsWith('_FILE'))).toEqual([]);
    expect(secret.map((variable) => environment[variable])).toEqual(
      mounted.map((name) => `/run/secrets/${name}`),
    );
    for (const name of mounted) expect(secrets).toHaveProperty(name);
  }
  expect(argumentsOf('ARG')).toEqual([]);
  expect(argumentsOf('ENV')).toEqual(['NODE_ENV=production', 'METRICS_ADDRESS=0.0.0.0:9464']);
});

test('ports are open to this machine alone, and state is in named volumes', () => {
  for (const port of named.flatMap(([, { ports = [] }]) => ports)) expect(port).toMatch(/^127\.0\.0\.1:/);
  const used = named.flatMap(([, { volumes: mounts = [] }]) => mounts.map((mount) => mount.split(':')[0]));
  expect(new Set(used)).toEqual(new Set(Object.keys(volumes)));
});
