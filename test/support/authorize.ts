// `pinterest-ads authorize` as a process of its own, and the person in front of it.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Simulator } from '../../simulator/server.js';
import { APP } from './vaults.js';
import { bareEnvironment } from './worker-process.js';

export interface Authorizing {
  child: ChildProcess;
  /** The consent page's address, once it is printed. */
  address: Promise<string>;
  /** `code` is null if it was killed. */
  ended: Promise<{ code: number | null; output: string; errors: string }>;
}

/** @param changes of its environment: where it stores, where it listens */
export const beginAuthorize = (
  simulator: Simulator,
  changes: Record<string, string>,
  args: readonly string[] = [],
): Authorizing => {
  const child = spawn(process.execPath, ['dist/src/cli/main.js', 'authorize', ...args], {
    env: {
      ...bareEnvironment(),
      PINTEREST_APP_ID: APP.id,
      PINTEREST_APP_SECRET: APP.secret,
      PINTEREST_OAUTH_URL: new URL('/oauth/', simulator.url).href,
      PINTEREST_API_URL: simulator.url,
      ...changes,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [output, errors] = ['', ''];
  child.stderr.on('data', (bytes: Buffer) => (errors += bytes.toString()));
  const address = new Promise<string>((resolve) => {
    child.stdout.on('data', (bytes: Buffer) => {
      output += bytes.toString();
      const line = /^http\S+$/m.exec(output)?.[0];
      if (line) resolve(line);
    });
  });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, output, errors }));
  return { child, address, ended };
};

/** What a person does on the page; answers with where the browser is sent. */
export const decide = async (address: string, decision: 'allow' | 'deny'): Promise<URL> => {
  const page = await (await fetch(address)).text();
  const form = new URLSearchParams({ decision });
  for (const [, name, value] of page.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g))
    form.set(
      name!,
      value!.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code))),
    );
  const answer = await fetch(address.split('?')[0]!, { method: 'POST', body: form, redirect: 'manual' });
  return new URL(answer.headers.get('location')!);
};
