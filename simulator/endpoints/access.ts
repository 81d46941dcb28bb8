// Who may see what: the token, its scopes, and the role of its user on an ad account.
import type { Request, RequestHandler } from 'express';
import type { Context } from '../context.js';
import type { AdAccountSettings } from '../settings.js';
import { badRequest, forbidden, notFound, unauthenticated } from '../wire/refusal.js';
import { entryOf } from '../wire/request-log.js';

const READING_ROLES = ['OWNER', 'ADMIN', 'ANALYST', 'CAMPAIGN_MANAGER'];

export const authenticate =
  ({ tokens }: Context): RequestHandler =>
  (request, response, next) => {
    const { authorization } = request.headers;
    if (authorization !== undefined) entryOf(response).token = tokens.labelOf(authorization);
    if (!tokens.accepts(authorization)) throw unauthenticated();
    next();
  };

export const needScopes =
  ({ tokens }: Context, ...scopes: string[]): RequestHandler =>
  ({ headers }, _response, next) => {
    const held = tokens.scopesOf(headers.authorization);
    const missing = scopes.filter((scope) => !held.includes(scope));
    if (missing.length > 0)
      throw forbidden(`Your application is missing the following required scopes: ${missing.join(', ')}`);
    next();
  };

export const adAccountOf = ({ settings }: Context, request: Request): AdAccountSettings => {
  const id = String(request.params['adAccountId']);
  if (!/^\d{1,18}$/.test(id)) throw badRequest('ad_account_id must be 1 to 18 digits');
  const account = settings.adAccounts.find((candidate) => candidate.id === id);
  if (!account) throw notFound('AdAccount');
  return account;
};

/** The ad account of a request for what lies below it. */
export const readableAccountOf = (context: Context, request: Request): AdAccountSettings => {
  const account = adAccountOf(context, request);
  if (!account.permissions.some((role) => READING_ROLES.includes(role)))
    throw forbidden('You are not permitted to access that resource.');
  return account;
};
