// What docs/operations.md tells receivers to do accepts what the webhook sends, and nothing else.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Webhook } from '../../src/observability/webhook.js';

const SECRET = 'a-secret-of-ours';
const document = readFileSync('docs/operations.md', 'utf8');
const sample = (language: string): string =>
  new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(document)![1]!;

const sent = async (): Promise<{ body: string; signature: string }> => {
  let signature = '';
  let body = '';
  const server = createServer((request, response) => {
    signature = request.headers['x-signature-256'] as string;
    void text(request).then((all) => {
      body = all;
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Webhook({ url, secret: SECRET }).send('a-run', { message: 'naïve – “quoted”' });
  server.close();
  return { body, signature };
};

const inNode = (...args: string[]): string =>
  execFileSync(process.execPath, [
    '--input-type=module',
    '-e',
    `${sample('js')}
     const [body, signature, secret] = process.argv.slice(1);
     console.log(isOurs(Buffer.from(body), signature, secret));`,
    ...args,
  ]).toString();
const inPython = (...args: string[]): string =>
  execFileSync('python3', [
    '-c',
    `${sample('python')}
import sys
body, signature, secret = sys.argv[1:]
print(str(is_ours(body.encode(), signature, secret)).lower())`,
    ...args,
  ]).toString();

test.each([
  ['Node', inNode],
  ['Python', inPython],
])('in %s', async (_language, isOurs) => {
  const { body, signature } = await sent();
  expect(isOurs(body, signature, SECRET)).toBe('true\n');
  expect(isOurs(`${body} `, signature, SECRET)).toBe('false\n');
  expect(isOurs(body, signature, 'another')).toBe('false\n');
  expect(isOurs(body, '', SECRET)).toBe('false\n');
});
