// Who gets a token, and what a call to the platform must carry.
import { askToken, makeDataset, withPlatform } from './client.js';

const STATS = '/schemaregistry/stats';

test('a client gets a token for its secret, valid for a day', () =>
  withPlatform({}, async ({ platform }) => {
    const response = await askToken(platform);
    expect([response.status, await response.json()]).toEqual([
      200,
      { access_token: expect.any(String), token_type: 'bearer', expires_in: 86_399 },
    ]);
  }));

test.each([
  [{ client_secret: 'guessed' }, 'invalid_client', /client_secret/],
  [{ client_id: 'somebody' }, 'invalid_client', /client_id/],
  [{ grant_type: 'refresh_token' }, 'unsupported_grant_type', /grant_type/],
  [{ scope: '' }, 'invalid_scope', /none given/],
  [{ scope: 'openid,campaign_sdk' }, 'invalid_scope', /campaign_sdk/],
])('IMS refuses %j as %s', (form, error, description) =>
  withPlatform({}, async ({ platform }) => {
    const response = await askToken(platform, form);
    expect([response.status, await response.json()]).toEqual([
      400,
      { error, error_description: expect.stringMatching(description) },
    ]);
  }),
);

test.each([
  ['authorization', undefined, 403, '403010'],
  ['authorization', 'Bearer made-up', 401, '401013'],
  ['x-api-key', undefined, 403, '403000'],
  ['x-api-key', 'another', 403, '403003'],
  ['x-gw-ims-org-id', undefined, 400, '400003'],
  ['x-gw-ims-org-id', 'FFFF@AdobeOrg', 403, '403025'],
  ['x-sandbox-name', undefined, 400, '400003'],
])('without the right %s (%s) the answer is %s with code %s', (header, value, status, code) =>
  withPlatform({}, async (client) => {
    const answer = await client.call(STATS, { headers: { [header]: value } });
    expect([answer.status, answer.json().error_code]).toEqual([status, code]);
  }),
);

test('a sandbox that is not there is refused by its name, and sandboxes do not see one another', () =>
  withPlatform({}, async (client) => {
    const unknown = await client.call(STATS, { headers: { 'x-sandbox-name': 'staging' } });
    expect([unknown.status, unknown.json().detail]).toEqual([403, expect.stringContaining('staging')]);
    const { dataset } = await makeDataset(client, 'ads');
    const elsewhere = { headers: { 'x-sandbox-name': 'dev' } };
    expect((await client.call('/catalog/dataSets', elsewhere)).json()).toEqual({});
    expect((await client.call(`/catalog/dataSets/${dataset}`, elsewhere)).status).toBe(404);
  }));

test('what the role does not permit is refused by the name of the permission', () =>
  withPlatform({ permissions: ['View Schemas', 'View Datasets'] }, async (client) => {
    expect((await client.call(STATS)).status).toBe(200);
    expect((await client.call('/catalog/batches')).status).toBe(200);
    const schema = await client.call('/schemaregistry/tenant/schemas', { body: {} });
    expect([schema.status, schema.json().detail]).toEqual([403, expect.stringContaining('Manage Schemas')]);
    const batch = await client.call('/import/batches', { body: {} });
    expect([batch.status, batch.json().detail]).toEqual([403, expect.stringContaining('Manage Datasets')]);
  }));

test('a token ends', () =>
  withPlatform({ tokenLifetimeMs: 0 }, async (client) => {
    const answer = await client.call(STATS);
    expect([answer.status, answer.json().error_code]).toEqual([401, '401013']);
  }));

test('the log says who called what, and never a token or a secret', () =>
  withPlatform({}, async (client) => {
    await client.call(STATS);
    await client.call('/catalog/batches', { headers: { authorization: 'Bearer made-up' } });
    const { log, url } = client.platform;
    expect(log.map(({ method, route, status, token }) => [method, route, status, token])).toEqual([
      ['POST', 'token', 200, 'issued 1'],
      ['GET', 'registry', 200, 'issued 1'],
      ['GET', 'batches', 401, 'unknown'],
    ]);
    const told = await (await fetch(`${url}/simulator/log`)).text();
    expect(JSON.parse(told)).toHaveLength(3);
    expect(told).not.toMatch(/eyJ|simulator-client-secret|made-up/);
  }));
