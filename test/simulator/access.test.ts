// Who gets in, and how tokens are made and die.
import { ACCOUNT, NOW, call, withSimulator } from './call.js';
import type { Simulator } from '../../simulator/server.js';

const token = (simulator: Simulator, form: Record<string, string>, app = 'simulator-app:simulator-secret') =>
  call(simulator, '/oauth/token', {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(app)}` },
    body: new URLSearchParams(form),
  });
const withToken = (simulator: Simulator, bearer: unknown) =>
  call(simulator, '/user_account', { headers: { authorization: `Bearer ${String(bearer)}` } });

test('a wrong token is 401 with code 2, and the log never holds a token', () =>
  withSimulator({}, async (simulator) => {
    const answer = await withToken(simulator, 'stolen');
    expect([answer.status, answer.json()['code']]).toEqual([401, 2]);
    await call(simulator, '/user_account');
    expect(simulator.log.map((entry) => entry.token)).toEqual(['unknown', 'configured']);
    expect(JSON.stringify(simulator.log)).not.toMatch(/stolen|simulator-token/);
  }));

test('without ads:read there is no ad account, only the user', () =>
  withSimulator({ scopes: ['pins:read', 'boards:read', 'user_accounts:read'] }, async (simulator) => {
    const answer = await call(simulator, `${ACCOUNT}/campaigns`);
    expect([answer.status, answer.json()['code']]).toEqual([403, 3]);
    expect(answer.text).toContain('ads:read');
    expect((await call(simulator, '/user_account')).status).toBe(200);
  }));

test('an account without a reading role can be seen but not read, a foreign one is not found', () =>
  withSimulator({ adAccounts: [{ permissions: ['FINANCE_VIEW'] }] }, async (simulator) => {
    expect((await call(simulator, ACCOUNT)).status).toBe(200);
    expect((await call(simulator, `${ACCOUNT}/ads`)).status).toBe(403);
    expect((await call(simulator, '/ad_accounts/1/ads')).status).toBe(404);
  }));

test('a refresh gives a new refresh token and kills the old one', () =>
  withSimulator({}, async (simulator) => {
    const form = { grant_type: 'refresh_token', refresh_token: 'simulator-refresh-token' };
    const first = (await token(simulator, form)).json();
    expect((await withToken(simulator, first['access_token'])).status).toBe(200);
    expect((await token(simulator, form)).status).toBe(400);
    const next = { ...form, refresh_token: String(first['refresh_token']) };
    expect((await token(simulator, next)).status).toBe(200);
    expect((await token(simulator, next)).status).toBe(400);
    expect(simulator.log[1]?.token).toBe('issued 1');
  }));

test('codes work once, apps need their secret, client credentials come without a refresh token', () =>
  withSimulator({}, async (simulator) => {
    const form = {
      grant_type: 'authorization_code',
      code: 'simulator-code',
      redirect_uri: 'http://localhost/',
    };
    expect((await token(simulator, form, 'simulator-app:wrong')).status).toBe(401);
    expect((await token(simulator, form)).status).toBe(200);
    expect((await token(simulator, form)).status).toBe(400);
    const own = await token(simulator, { grant_type: 'client_credentials', scope: 'ads:read' });
    expect(own.json()).toMatchObject({ token_type: 'bearer', expires_in: 2_592_000 });
    expect(own.json()).not.toHaveProperty('refresh_token');
  }));

test('an issued token dies of age', () =>
  withSimulator({}, async (simulator) => {
    simulator.settings.oauth.tokenLifetimeMs = 30;
    const own = await token(simulator, { grant_type: 'client_credentials', scope: 'ads:read' });
    simulator.settings.now = () => NOW + 29;
    expect((await withToken(simulator, own.json()['access_token'])).status).not.toBe(401);
    simulator.settings.now = () => NOW + 30;
    expect((await withToken(simulator, own.json()['access_token'])).status).toBe(401);
  }));
