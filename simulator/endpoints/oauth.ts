// The token endpoint: an app, known by HTTP Basic, gets tokens for a code, for a refresh token, or for itself.
import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { Context } from '../context.js';
import type { Tokens } from '../tokens.js';
import { parse } from '../wire/parameters.js';
import { badRequest, unauthenticated } from '../wire/refusal.js';
import { entryOf } from '../wire/request-log.js';

const Form = z.discriminatedUnion('grant_type', [
  z.object({ grant_type: z.literal('authorization_code'), code: z.string(), redirect_uri: z.string() }),
  z.object({ grant_type: z.literal('refresh_token'), refresh_token: z.string() }),
  z.object({ grant_type: z.literal('client_credentials'), scope: z.string() }),
]);

const scopesFor = (form: z.infer<typeof Form>, tokens: Tokens): readonly string[] => {
  if (form.grant_type === 'client_credentials') return form.scope.split(',');
  if (form.grant_type === 'refresh_token') {
    const consent = tokens.redeem('refresh_token', form.refresh_token);
    if (consent) return consent.scopes;
    throw badRequest('The refresh token is invalid or was used before.');
  }
  const consent = tokens.redeem('code', form.code);
  if (consent && (consent.redirectUri ?? form.redirect_uri) === form.redirect_uri) return consent.scopes;
  throw badRequest('The authorization code is invalid or was used before.');
};

export const postToken =
  ({ settings, tokens }: Context): RequestHandler =>
  (request, response) => {
    const { clientId, clientSecret, tokenLifetimeMs, refreshTokenLifetimeMs, refusesRefresh } =
      settings.oauth;
    const basic = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
    const known = request.headers.authorization === basic;
    entryOf(response).token = known ? 'app' : 'unknown app';
    if (!known) throw unauthenticated();
    const form = parse(Form, request.body);
    if (form.grant_type === 'refresh_token' && refusesRefresh)
      throw badRequest('The refresh token is invalid or was used before.');
    const scopes = scopesFor(form, tokens);
    const { accessToken, refreshToken } = tokens.issue(scopes);
    response.json({
      response_type: form.grant_type,
      token_type: 'bearer',
      access_token: accessToken,
      expires_in: Math.floor(tokenLifetimeMs / 1000),
      scope: scopes.join(' '),
      ...(form.grant_type !== 'client_credentials' && {
        refresh_token: refreshToken,
        refresh_token_expires_in: Math.floor(refreshTokenLifetimeMs / 1000),
      }),
    });
  };
