// The user and the ad accounts.
import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { Context } from '../context.js';
import type { AdAccountSettings } from '../settings.js';
import { id, parseQuery } from '../wire/parameters.js';
import { adAccountOf } from './access.js';
import { pageOf, pageParameters } from './pages.js';

const CREATED_SECONDS = Date.UTC(2019, 5, 1) / 1000;
const OWNER = { id: '383791336903426391', username: 'acme' };

const wireAccount = ({ id, name, currency, country, permissions }: AdAccountSettings) => ({
  id,
  name,
  currency,
  country,
  permissions,
  owner: OWNER,
  created_time: CREATED_SECONDS,
  updated_time: CREATED_SECONDS,
});

const UserQuery = z.strictObject({ ad_account_id: id.max(18).optional() });
export const getUser: RequestHandler = (request, response) => {
  parseQuery(UserQuery, request);
  response.json({ ...OWNER, account_type: 'BUSINESS', business_name: 'Acme' });
};

const AccountsQuery = z.strictObject({
  ...pageParameters,
  include_shared_accounts: z.enum(['true', 'false']).default('true'),
});
export const listAccounts =
  ({ settings }: Context): RequestHandler =>
  (request, response) => {
    const query = parseQuery(AccountsQuery, request);
    const accounts = settings.adAccounts.filter(
      ({ permissions }) => query.include_shared_accounts === 'true' || permissions.includes('OWNER'),
    );
    response.json(pageOf(accounts.map(wireAccount), query));
  };

export const getAccount =
  (context: Context): RequestHandler =>
  (request, response) => {
    parseQuery(z.strictObject({}), request);
    response.json(wireAccount(adAccountOf(context, request)));
  };
