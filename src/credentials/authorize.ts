// From a person's consent to a stored credential.
import { randomBytes } from 'node:crypto';
import { consentAddress, exchangeCode, type App, type AppCaller, type Grant } from '../pinterest/oauth.js';
import { UNCOUNTED, type PinterestTransport } from '../pinterest/transport.js';
import { listenForConsent } from './consent.js';
import { NOTHING_KEPT, type Kept } from './kept.js';
import type { Vault } from './vault.js';

export interface Authorization {
  /** Of the credential. */
  name: string;
  app: App;
  consentPage: string;
  redirectUri: string;
}

/** One call that a person makes, before there may be a budget: it takes no permit. */
const BY_HAND: AppCaller = {
  gate: {
    take: () => Promise.resolve({ done: () => undefined, undo: () => undefined }),
    hold: () => Promise.resolve(),
    end: () => Promise.resolve(),
  },
  counter: UNCOUNTED,
};

/** Consent is given for what cannot be read, too: it replaces it. */
const asNothing = (): Kept => NOTHING_KEPT;

/**
 * Asks for consent, gets the tokens and keeps them, in the place of those that were kept before.
 * @param show told the address of the consent page once somebody listens for its answer
 * @param signal gives up waiting for it
 * @throws NoConsent, GrantRefused, PinterestError, StoreUnavailable; nothing is kept then
 */
export const authorize = async (
  { name, app, consentPage, redirectUri }: Authorization,
  { vault, transport }: { vault: Vault; transport: PinterestTransport },
  show: (address: string) => void,
  signal: AbortSignal,
): Promise<Grant> => {
  // What is wrong with the place is said before a person is asked.
  await vault.change(name, () => Promise.resolve(), asNothing);
  const state = randomBytes(32).toString('base64url');
  const listener = await listenForConsent(redirectUri, state);
  try {
    show(consentAddress(consentPage, { appId: app.id, redirectUri, state }));
    const consent = await listener.consent(signal);
    try {
      const grant = await exchangeCode(transport, BY_HAND, app, { code: consent.code, redirectUri });
      await vault.change(
        name,
        (kept = NOTHING_KEPT, keep) => keep({ ...kept, grant, refusals: [], renewedEarlyAtMs: null }),
        asNothing,
      );
      const words = `The credential ${name} is stored. You may close this window.`;
      await consent.end({ heading: 'Done', words });
      return grant;
    } catch (error) {
      await consent.end({ heading: 'Nothing was stored', words: (error as Error).message });
      throw error;
    }
  } finally {
    listener.close();
  }
};
