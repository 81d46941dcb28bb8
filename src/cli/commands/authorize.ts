// `pinterest-ads authorize`: a person's consent → a credential that workers renew by themselves.
import { Command, InvalidArgumentError } from 'commander';
import { authorize } from '../../credentials/authorize.js';
import { NoConsent } from '../../credentials/consent.js';
import { CREDENTIAL_NAME } from '../../dataflow/credential-names.js';
import { openVault } from '../../credentials/open-vault.js';
import { PinterestTransport } from '../../pinterest/transport.js';
import { readAuthorizeSettings } from '../../settings.js';
import { storeName } from '../../store/open-store.js';
import { answer, withJson, type JsonOption } from '../answer.js';

const HELP = `
Open the address that is printed, log in as somebody with a role on the ad account, and allow the app.
What Pinterest answers is stored beside the store; workers with the same environment use and renew it.

Environment:
  PINTEREST_APP_ID, PINTEREST_APP_SECRET   the app, as Pinterest's developer page shows it
  PINTEREST_REDIRECT_URI                   registered at the app (default http://localhost:8085/)
  STORE_URL                                duckdb:PATH (default duckdb:data/pinterest-ads.duckdb) or postgres://…
  CREDENTIALS_KEY                          what tokens are encrypted with in PostgreSQL: openssl rand -base64 32
  PINTEREST_OAUTH_URL, PINTEREST_API_URL   Pinterest's, if left out

More: docs/credentials.md`;

/** How long somebody may take to give consent. */
const PATIENCE_MS = 600_000;
const IDLE_TIMEOUT_MS = 60_000;

const nameOf = (text: string): string => {
  if (CREDENTIAL_NAME.test(text)) return text;
  throw new InvalidArgumentError('A name is 1 to 100 of a-z, 0-9 and -, e.g. acme-eu.');
};

/** Aborts after a while, or when a person interrupts. */
const patience = (): { signal: AbortSignal; end(): void } => {
  const controller = new AbortController();
  const giveUp = (why: string): void => controller.abort(new NoConsent(`${why}: nothing was stored.`));
  const timer = setTimeout(() => giveUp(`No answer came in ${PATIENCE_MS / 60_000} minutes`), PATIENCE_MS);
  const interrupted = (): void => giveUp('Interrupted');
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  return {
    signal: controller.signal,
    end: () => {
      clearTimeout(timer);
      process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    },
  };
};

const run = async ({ credential: name, json }: JsonOption & { credential: string }): Promise<void> => {
  const { app, consentPage, redirectUri, apiUrl, storeUrl, credentialsKey } = readAuthorizeSettings();
  const transport = new PinterestTransport({ apiUrl, idleTimeoutMs: IDLE_TIMEOUT_MS });
  const patient = patience();
  try {
    const { scopes, accessTokenExpiresAtMs, refreshTokenExpiresAtMs } = await authorize(
      { name, app, consentPage, redirectUri },
      { vault: openVault(storeUrl, credentialsKey), transport },
      (address) => {
        process.stderr.write('Open this address, and allow the app there; then come back here:\n');
        (json ? process.stderr : process.stdout).write(`${address}\n`);
      },
      patient.signal,
    );
    // Left out of an answer, they are as they were asked for.
    if (scopes.length > 0 && !scopes.includes('ads:read'))
      process.stderr.write(
        `The token has the scopes ${scopes.join(', ')} and not ads:read: it can read no ad account. Give the app access to it.\n`,
      );
    const expires = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
    const accessToken = expires(accessTokenExpiresAtMs);
    const refreshToken = expires(refreshTokenExpiresAtMs);
    answer(
      json,
      {
        credential: name,
        scopes,
        credentialExpires: { accessToken, refreshToken },
        store: storeName(storeUrl),
      },
      `The credential ${name} is stored with ${storeName(storeUrl)}. Workers there renew it by themselves` +
        `${refreshToken ? `; without one it ends ${refreshToken}` : ''}.`,
    );
  } finally {
    patient.end();
  }
};

export const authorizeCommand = (): Command =>
  withJson(new Command('authorize'))
    .description("Asks for consent on Pinterest's page and stores what it gives, once for months to come.")
    .option('--credential <name>', 'what specs call it in connection.credential', nameOf, 'default')
    .addHelpText('after', HELP)
    .action(run);
