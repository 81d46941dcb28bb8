// The environment variables of credentials, each as the settings take it.
import { z } from 'zod';
import { environment, parsedBy, quoted, secret, settingsOf, variable } from '../environment.js';
import { hostOf, isLoopbackHost } from '../http/addresses.js';
import type { App } from '../pinterest/oauth.js';
import { readToken, type TokenSource } from './token-source.js';

/** Credential name → where its secret is: `<prefix>` is the credential `default`, `<prefix>_ACME_EU` is `acme-eu`. */
export const byCredential = (prefix: string) =>
  environment.transform((variables, context): ReadonlyMap<string, TokenSource> => {
    const sources = new Map<string, TokenSource>();
    for (const [variable, value] of Object.entries(variables)) {
      if (!value || !(variable === prefix || variable.startsWith(`${prefix}_`))) continue;
      const fromFile = variable.endsWith('_FILE');
      const name = variable.slice(prefix.length, fromFile ? -'_FILE'.length : undefined);
      const source: TokenSource = fromFile ? { file: value } : { token: value };
      try {
        readToken(source);
      } catch (error) {
        context.addIssue(`${variable}: ${(error as Error).message}`);
      }
      sources.set(name === '' ? 'default' : name.slice(1).toLowerCase().replaceAll('_', '-'), source);
    }
    return sources;
  });

const appId = variable('PINTEREST_APP_ID', z.string().optional());
const appSecret = secret('PINTEREST_APP_SECRET', z.string().optional());

/** The app that tokens are renewed for, if any. */
export const oauthApp = settingsOf({ id: appId, secret: appSecret }).transform(
  ({ id, secret }, context): App | undefined => {
    if (id && !secret) context.addIssue('PINTEREST_APP_SECRET: is missing; PINTEREST_APP_ID needs it');
    if (secret && !id) context.addIssue('PINTEREST_APP_ID: is missing; PINTEREST_APP_SECRET belongs to one');
    return id && secret ? { id, secret } : undefined;
  },
);

const KEY_BYTES = 32;
/** What credentials are encrypted with in PostgreSQL. */
export const credentialsKey = secret(
  'CREDENTIALS_KEY',
  parsedBy((text): Buffer => {
    const key = Buffer.from(text, 'base64');
    if (/^[A-Za-z0-9+/]+={0,2}$/.test(text) && key.length === KEY_BYTES) return key;
    throw new Error(`is not ${KEY_BYTES} bytes in base64; openssl rand -base64 ${KEY_BYTES} makes one`);
  }).optional(),
);

const required = <Value>(schema: z.ZodType<Value | undefined>, message: string) =>
  schema.transform((value, context): Value => {
    if (value !== undefined) return value;
    context.addIssue(message);
    return z.NEVER;
  });

/** As `oauthApp`, where nothing can be done without it. */
export const neededApp = settingsOf({
  id: required(appId, "PINTEREST_APP_ID: is missing; Pinterest's developer page shows it with the app"),
  secret: required(
    appSecret,
    "PINTEREST_APP_SECRET: is missing; Pinterest's developer page shows it with the app",
  ),
});

const page = z.url({
  protocol: /^https?$/,
  error: quoted('is not an http(s) address, e.g. https://www.pinterest.com/oauth/'),
});
/** Where a person lets the app read. */
export const consentPage = variable('PINTEREST_OAUTH_URL', page.prefault('https://www.pinterest.com/oauth/'));

/** Pinterest sends the browser there, and nobody but this machine can answer. */
const loopbackUrl = z
  .url({
    protocol: /^http$/,
    error: quoted('is not an http address, e.g. http://localhost:8085/'),
    abort: true,
  })
  .refine((url) => isLoopbackHost(hostOf(url)), {
    error: quoted(
      'is not on this machine; authorize listens on loopback alone, e.g. at http://localhost:8085/',
    ),
  });

export const redirectUri = variable('PINTEREST_REDIRECT_URI', loopbackUrl.prefault('http://localhost:8085/'));
