// What docs/operations.md tells receivers to do, and Standard Webhooks' own library, accept what the webhook sends, and
// nothing else.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook } from '../../src/observability/webhook.js';

type Headers = Record<string, string>;
type Judge = (body: string, headers: Headers, secret: string) => boolean;

const document = readFileSync('docs/operations.md', 'utf8');
const sample = (language: string): string =>
  new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(document)![1]!;

const inNode: Judge = (body, headers, secret) => {
  const script = `${sample('js')}
    const [body, headers, secret] = process.argv.slice(1);
    console.log(isOurs(Buffer.from(body), JSON.parse(headers), secret));`;
  const args = ['--input-type=module', '-e', script, body, JSON.stringify(headers), secret];
  return execFileSync(process.execPath, args).toString() === 'true\n';
};
const inPython: Judge = (body, headers, secret) => {
  const script = `${sample('python')}
import json, sys
body, headers, secret = sys.argv[1:]
print(is_ours(body.encode(), json.loads(headers), secret))`;
  return (
    execFileSync('python3', ['-c', script, body, JSON.stringify(headers), secret]).toString() === 'True\n'
  );
};
/** The key of a secret, as the libraries of the standard want it. */
const standardKey = (secret: string): string =>
  secret.startsWith('whsec_') ? secret : `whsec_${Buffer.from(secret).toString('base64')}`;
const byLibrary: Judge = (body, headers, secret) => {
  try {
    new StandardWebhook(standardKey(secret)).verify(body, headers);
    return true;
  } catch {
    return false;
  }
};

const sent = async (secret: string): Promise<{ body: string; headers: Headers }> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const received = new Promise<{ body: string; headers: Headers }>((resolve) => {
    server.on('request', (request, response) => {
      void text(request).then((body) => {
        response.end();
        resolve({ body, headers: request.headers as Headers });
      });
    });
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Webhook({ url, secret }).send('a-run', { message: 'naïve – “quoted”' });
  server.close();
  return received;
};

describe.each([
  ['in Node', inNode],
  ['in Python', inPython],
  ["by the standard's library", byLibrary],
])('%s', (_how, isOurs) => {
  test.each(['whsec_ZeTnzO1eTa2wCRFtCqAbEsLj1Ac3cZ9y', 'a-secret-of-ours', 'ein Geheimnis für uns'])(
    'with the secret %s',
    async (secret) => {
      const { body, headers } = await sent(secret);
      expect(headers['webhook-id']).toBe('a-run');
      expect(isOurs(body, headers, secret)).toBe(true);
      expect(isOurs(`${body} `, headers, secret)).toBe(false);
      expect(isOurs(body, headers, 'whsec_YW5vdGhlcg==')).toBe(false);
      expect(isOurs(body, { ...headers, 'webhook-id': 'another-run' }, secret)).toBe(false);
      const later = String(Number(headers['webhook-timestamp']) + 1);
      expect(isOurs(body, { ...headers, 'webhook-timestamp': later }, secret)).toBe(false);
      expect(isOurs(body, {}, secret)).toBe(false);
    },
  );

  test('one that was sent long ago is refused, however well it is signed', () => {
    const secret = 'whsec_ZeTnzO1eTa2wCRFtCqAbEsLj1Ac3cZ9y';
    const signed = (agoMs: number): Headers => {
      const at = new Date(Date.now() - agoMs);
      return {
        'webhook-id': 'a-run',
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': `v1,bm90IG91cnM= ${new StandardWebhook(secret).sign('a-run', at, '{}')}`,
      };
    };
    expect(isOurs('{}', signed(0), secret)).toBe(true);
    expect(isOurs('{}', signed(600_000), secret)).toBe(false);
  });
});
