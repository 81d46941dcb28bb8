// IMS: a client gets a token for its secret. There is no refresh token.
import type { RequestHandler } from 'express';
import { entryOf } from '../../wire/request-log.js';
import type { Platform } from '../platform.js';
import { imsRefusal } from '../wire/refusal.js';

export const postToken =
  ({ settings, tokens }: Platform): RequestHandler =>
  (request, response) => {
    if (!request.is('application/x-www-form-urlencoded'))
      throw imsRefusal('invalid_request', 'the parameters must be sent as a form');
    const form = (request.body ?? {}) as Record<string, unknown>;
    if (form['grant_type'] !== 'client_credentials')
      throw imsRefusal('unsupported_grant_type', 'unsupported grant_type parameter');
    if (form['client_id'] !== settings.clientId)
      throw imsRefusal('invalid_client', 'invalid client_id parameter');
    if (form['client_secret'] !== settings.clientSecret)
      throw imsRefusal('invalid_client', 'invalid client_secret parameter');
    const scopes = String(form['scope'] ?? '')
      .split(/[\s,]+/)
      .filter(Boolean);
    const foreign = scopes.filter((scope) => !settings.scopes.includes(scope));
    if (scopes.length === 0 || foreign.length > 0)
      throw imsRefusal('invalid_scope', `invalid scope: ${foreign.join(',') || 'none given'}`);
    const token = tokens.issue();
    entryOf(response).token = tokens.labelOf(`Bearer ${token}`);
    response.json({
      access_token: token,
      token_type: 'bearer',
      expires_in: Math.floor(settings.tokenLifetimeMs / 1000),
    });
  };
