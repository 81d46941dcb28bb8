// Behind a company's proxy: https goes through a tunnel that hides everything, this machine is never asked through it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { selfMadeCertificate } from '../support/certificate.js';
import { Harness, specOf } from '../support/harness.js';
import { startProxy, type Proxy } from '../support/proxy.js';
import { bareEnvironment } from '../support/worker-process.js';

let proxy: Proxy;
let harness: Harness;
beforeEach(async () => {
  proxy = await startProxy();
  harness = await Harness.start({ worker: false });
});
afterEach(async () => {
  await harness.close();
  proxy.close();
});

/** As a company sets them; in both spellings, and with no exception. */
const proxied = (): Record<string, string> =>
  Object.fromEntries(
    ['https_proxy', 'http_proxy', 'all_proxy', 'grpc_proxy']
      .flatMap((name) => [name, name.toUpperCase()])
      .map((name) => [name, proxy.url]),
  );

test('npm start asks nothing on this machine through a proxy', async () => {
  const file = join(harness.folder, 'spec.json');
  await writeFile(file, JSON.stringify(specOf({ backfillDays: 3 })));
  const child = spawn(process.execPath, ['dist/src/start/main.js', file], {
    env: { ...bareEnvironment(), STORE_URL: harness.environment['STORE_URL']!, ...proxied() },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => (output += bytes.toString()));
  const [code] = (await once(child, 'close')) as [number];
  expect(output).toContain('✔ acme-ads: success');
  expect(code).toBe(0);
  expect(proxy.requests).toEqual([]);
});

/** TLS in front of the simulator, under a name that only the proxy can resolve. */
const secured = async (names: string[]): Promise<{ server: Server; port: number; certificate: string }> => {
  const { key, cert } = selfMadeCertificate(...names);
  const server = createServer({ key, cert }, (incoming, response) => {
    const { method, url: path, headers } = incoming;
    const onward = request({ host: '127.0.0.1', port: harness.simulator.port, method, path, headers });
    onward.on('response', (answer) => answer.pipe(response.writeHead(answer.statusCode!, answer.headers)));
    incoming.pipe(onward);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const certificate = join(harness.folder, 'certificate.pem');
  await writeFile(certificate, cert);
  return { server, port: (server.address() as AddressInfo).port, certificate };
};

test('an API with https is asked through a tunnel, and the proxy never sees the token', async () => {
  const { server, port, certificate } = await secured(['api.example']);
  await harness.startWorkerProcess({
    ...proxied(),
    PINTEREST_API_URL: `https://api.example:${port}/v5`,
    NODE_EXTRA_CA_CERTS: certificate,
  });
  const run = await harness.run(specOf({ backfillDays: 3 }));
  expect(run).toMatchObject({ status: 'success', apiCalls: { total: 3 } });
  expect(new Set(proxy.requests)).toEqual(new Set([`CONNECT api.example:${port}`]));
  expect(proxy.bytes().length).toBeGreaterThan(1_000);
  expect(proxy.bytes().includes(harness.simulator.settings.token)).toBe(false);
  server.close();
  server.closeAllConnections();
});
