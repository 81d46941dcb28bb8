// No token can be had for a credential now: why, and what a person does about it.
import { authorizeCommand } from '../dataflow/credential-names.js';
import { KnownError, type FailureFacts } from '../dataflow/failures.js';

export class NoToken extends KnownError<'CredentialExpired'> {
  override readonly name: string = 'NoToken';

  constructor(message: string, facts: FailureFacts = {}) {
    super('CredentialExpired', message, facts);
  }
}

/** Nobody by that name is configured or stored. */
export class NotConfigured extends NoToken {
  override readonly name = 'NotConfigured';

  constructor(credential: string) {
    super(`No token is configured for the credential ${JSON.stringify(credential)} on this worker.`);
  }
}

export const refusedToRenew = (name: string, said: string): NoToken =>
  new NoToken(
    `Pinterest refused to renew the credential ${JSON.stringify(name)} (${said}), and it is not asked again. ` +
      `Give consent anew: ${authorizeCommand(name)}`,
  );

export const noApp = (name: string): NoToken =>
  new NoToken(
    `The access token of the credential ${JSON.stringify(name)} has ended, and this worker cannot renew it: ` +
      'set PINTEREST_APP_ID and PINTEREST_APP_SECRET.',
  );

export const refusedThoughRenewed = (name: string): NoToken =>
  new NoToken(
    `Pinterest refuses the access token of the credential ${JSON.stringify(name)}, although it was renewed for that ` +
      `minutes ago. If it lasts, give consent anew: ${authorizeCommand(name)}`,
  );

/** @param reason why Pinterest could not be asked; it may be asked again */
export const notRenewed = (name: string, reason: string, facts: FailureFacts): NoToken =>
  new NoToken(
    `The access token of the credential ${JSON.stringify(name)} has ended, and could not be renewed: ${reason}`,
    { ...facts, retried: 'a few times' },
  );
