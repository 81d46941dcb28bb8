// Field groups and schemas: made, found, extended, and refused as Adobe refuses them.
import { EVENT, FIELDS, fieldGroup, makeDataset, withPlatform, type Client } from './client.js';

const GROUPS = '/schemaregistry/tenant/fieldgroups';
const SCHEMAS = '/schemaregistry/tenant/schemas';
const SUMMARY = 'https://ns.adobe.com/xdm/classes/summarymetrics';
const IDS = { headers: { accept: 'application/vnd.adobe.xed-id+json' } };
const RAW = { headers: { accept: 'application/vnd.adobe.xed+json; version=1' } };
const FULL = { headers: { accept: 'application/vnd.adobe.xed-full+json; version=1' } };

const encoded = ($id: string) => encodeURIComponent($id);
const add = (name: string, value: object) => ({
  op: 'add',
  path: `/definitions/columns/properties/_acme/properties/${name}`,
  value,
});
const refusalOf = async (client: Client, path: string, body: unknown, method = 'POST') => {
  const { status, json } = await client.call(path, { method, body });
  return `${status} ${json().type.split('/').at(-1)} ${json().detail}`;
};

test('the tenant says its id and what it has', () =>
  withPlatform({}, async (client) => {
    await makeDataset(client, 'ads');
    expect((await client.call('/schemaregistry/stats')).json()).toMatchObject({
      tenantId: 'acme',
      counts: { schemas: 1, mixins: 1 },
    });
  }));

test('a field group gets its id, its version and the XDM types of its fields', () =>
  withPlatform({}, async (client) => {
    const { status, json } = await client.call(GROUPS, { body: fieldGroup('Pinterest columns') });
    const fields = json().definitions.columns.properties._acme.properties;
    expect([status, json()]).toEqual([
      201,
      expect.objectContaining({
        $id: expect.stringMatching(/^https:\/\/ns\.adobe\.com\/acme\/mixins\/[0-9a-f]{48}$/),
        'meta:altId': expect.stringMatching(/^_acme\.mixins\.[0-9a-f]{48}$/),
        version: '1.0',
        'meta:resourceType': 'mixins',
      }),
    ]);
    expect(
      Object.entries(fields).map(([name, field]) => [
        name,
        (field as { 'meta:xdmType': string })['meta:xdmType'],
      ]),
    ).toEqual([
      ['campaign_id', 'string'],
      ['spend_in_micro_dollar', 'long'],
      ['clicks', 'int'],
      ['ctr', 'number'],
      ['day', 'date'],
    ]);
    expect(fields.clicks).toMatchObject({ minimum: -(2 ** 31), maximum: 2 ** 31 });
  }));

test('what is wrong with a field group is said', () =>
  withPlatform({}, async (client) => {
    const good = fieldGroup('Columns');
    const withFields = (properties: object) => refusalOf(client, GROUPS, fieldGroup('Columns', properties));
    await client.call(GROUPS, { body: fieldGroup('Taken') });
    expect([
      await refusalOf(client, GROUPS, fieldGroup('Taken')),
      await refusalOf(client, GROUPS, fieldGroup('XDM ExperienceEvent')),
      await refusalOf(client, GROUPS, { ...good, 'meta:intendedToExtend': undefined }),
      await refusalOf(client, GROUPS, {
        ...good,
        'meta:intendedToExtend': ['https://ns.adobe.com/xdm/none'],
      }),
      await refusalOf(client, GROUPS, { ...good, definitions: { columns: { properties: FIELDS } } }),
      await refusalOf(client, GROUPS, { ...good, allOf: [] }),
      await refusalOf(client, GROUPS, { ...good, allOf: [{ $ref: '#/definitions/other' }] }),
      await withFields({ _loaded_at: { type: 'string' } }),
      await withFields({ spend: {} }),
      await withFields({ spend: { type: 'string', 'meta:xdmType': 'long' } }),
    ]).toEqual([
      expect.stringMatching(/^400 XDM-1521-400 Object titles must be unique.*mixins/),
      expect.stringMatching(/^400 XDM-1521-400 .*experienceevent/),
      expect.stringMatching(/^400 .*meta:intendedToExtend/),
      expect.stringMatching(/^400 .*meta:intendedToExtend/),
      expect.stringMatching(/^400 XDM-1021-400 .*_acme/),
      expect.stringMatching(/^400 .*allOf/),
      expect.stringMatching(/^400 .*#\/definitions\/other/),
      expect.stringMatching(/^400 .*_loaded_at .*underscore/),
      expect.stringMatching(/^400 .*spend requires a type/),
      expect.stringMatching(/^400 .*spend is string by its type, but its meta:xdmType is long/),
    ]);
    const sent = await client.call(GROUPS, { body: good, headers: { 'content-type': 'text/plain' } });
    expect([sent.status, sent.json().detail]).toEqual([400, 'A valid content-type must be specified']);
  }));

test('lists and look-ups want their own Accept headers', () =>
  withPlatform({}, async (client) => {
    const { schema } = await makeDataset(client, 'ads');
    const one = `${SCHEMAS}/${encoded(schema)}`;
    const codes = [];
    for (const [path, accept] of [
      [SCHEMAS, 'application/json'],
      [SCHEMAS, 'application/vnd.adobe.xed+json; version=1'],
      [one, 'application/vnd.adobe.xed+json'],
      [one, 'application/vnd.adobe.xed-id+json; version=1'],
      [one, 'application/vnd.adobe.xed+json; version=2'],
    ] as const) {
      const { status, json } = await client.call(path, { headers: { accept } });
      codes.push([status, json().type.split('/').at(-1)]);
    }
    expect(codes).toEqual([
      [400, 'XDM-1006-400'],
      [400, 'XDM-1006-400'],
      [400, 'XDM-1007-400'],
      [400, 'XDM-1007-400'],
      [400, 'XDM-1007-400'],
    ]);
    const list = (await client.call(`${SCHEMAS}?orderby=title`, IDS)).json();
    expect(list.results).toEqual([
      { $id: schema, 'meta:altId': expect.any(String), version: '1.0', title: 'ads' },
    ]);
    const full = (await client.call(one, FULL)).json();
    expect(Object.keys(full.properties)).toEqual(['timestamp', 'eventType', 'producedBy', '_id', '_acme']);
    expect(full.required).toEqual(['_id', 'timestamp']);
    expect(full.properties._acme.properties.spend_in_micro_dollar['meta:xdmType']).toBe('long');
    const byAltId = await client.call(`${SCHEMAS}/${full['meta:altId']}`, RAW);
    expect(byAltId.json().allOf).toHaveLength(2);
    const missing = await client.call(`${SCHEMAS}/${encoded(`${schema}0`)}`, RAW);
    expect([missing.status, missing.json().type]).toEqual([404, expect.stringContaining('XDM-1012-404')]);
  }));

test('a list comes in pages and can be filtered', () =>
  withPlatform({ limits: { registryPage: 2 } }, async (client) => {
    for (const title of ['Alpha', 'Beta', 'Gamma']) await client.call(GROUPS, { body: fieldGroup(title) });
    const page = async (query: string) => (await client.call(`${GROUPS}?${query}`, IDS)).json();
    const titles = (list: { results: { title: string }[] }) => list.results.map(({ title }) => title);
    const first = await page('orderby=title');
    expect([titles(first), first._page.next]).toEqual([['Alpha', 'Beta'], 'Beta']);
    const second = await page(`orderby=title&start=${first._page.next}`);
    expect([titles(second), second._page.next]).toEqual([['Gamma'], null]);
    expect(titles(await page('property=title==Beta'))).toEqual(['Beta']);
    expect(titles(await page('property=title~^[AG]&orderby=-title'))).toEqual(['Gamma', 'Alpha']);
    expect(titles(await page(`property=meta:intendedToExtend==${SUMMARY}`))).toEqual([]);
  }));

test('fields are added to a field group that is in use, but none is changed or taken away', () =>
  withPlatform({}, async (client) => {
    const { group, schema } = await makeDataset(client, 'ads');
    const path = `${GROUPS}/${encoded(group)}`;
    const patch = (operations: object[]) => client.call(path, { method: 'PATCH', body: operations });
    const added = await patch([add('outbound_clicks', { type: 'integer', minimum: 0, maximum: 2 ** 53 })]);
    expect([added.status, added.json().version]).toEqual([200, '1.1']);
    const full = (await client.call(`${SCHEMAS}/${encoded(schema)}`, FULL)).json();
    expect(full.properties._acme.properties.outbound_clicks).toMatchObject({ 'meta:xdmType': 'long' });
    expect([
      await refusalOf(client, path, [add('clicks', { type: 'string' })], 'PATCH'),
      await refusalOf(client, path, [{ op: 'remove', path: add('clicks', {}).path }], 'PATCH'),
      await refusalOf(client, path, [{ op: 'replace', path: add('spend', {}).path, value: {} }], 'PATCH'),
      await refusalOf(client, path, { op: 'add' }, 'PATCH'),
    ]).toEqual([
      expect.stringMatching(/Breaking change: \/_acme\/clicks is int .* and would be string/),
      expect.stringMatching(/Breaking change: \/_acme\/clicks is int .* and would be gone/),
      expect.stringMatching(/spend does not exist/),
      expect.stringMatching(/expected array/),
    ]);
    expect((await client.call(path, RAW)).json().version).toBe('1.1');
  }));

test('a schema has one class, and field groups that are made for it and agree with each other', () =>
  withPlatform({}, async (client) => {
    const make = async (title: string, properties?: object) =>
      (await client.call(GROUPS, { body: fieldGroup(title, properties) })).json()['$id'];
    const [one, other] = [await make('One'), await make('Other', { clicks: { type: 'string' } })];
    const refusal = (...references: string[]) =>
      refusalOf(client, SCHEMAS, { title: 'S', allOf: references.map(($ref) => ({ $ref })) });
    expect([
      await refusal(one),
      await refusal(EVENT, SUMMARY),
      await refusal(EVENT, 'https://ns.adobe.com/acme/mixins/none'),
      await refusal(SUMMARY, one),
      await refusal(EVENT, one, other),
    ]).toEqual([
      expect.stringMatching(/exactly one class/),
      expect.stringMatching(/exactly one class/),
      expect.stringMatching(/mixins\/none, which is not there/),
      expect.stringMatching(/not compatible with the class/),
      expect.stringMatching(/^400 XDM-1413-400 .*\/_acme\/clicks.*Types: int, string/),
    ]);
    const schema = (await client.call(SCHEMAS, { body: { title: 'S', allOf: [{ $ref: EVENT }] } })).json();
    const extended = await client.call(`${SCHEMAS}/${schema['meta:altId']}`, {
      method: 'PATCH',
      body: [{ op: 'add', path: '/allOf/-', value: { $ref: one } }],
    });
    expect([extended.status, extended.json()['meta:extends']]).toEqual([200, [EVENT, one]]);
  }));

test("Adobe's own paid media field groups are there for their classes", () =>
  withPlatform({}, async (client) => {
    const metrics = 'https://ns.adobe.com/xdm/mixins/paid-media/core-metrics';
    const identifiers = 'https://ns.adobe.com/xdm/mixins/paid-media/core-identifiers';
    const allOf = [SUMMARY, identifiers, metrics].map(($ref) => ({ $ref }));
    const made = await client.call(SCHEMAS, { body: { title: 'Paid media', allOf } });
    const full = await client.call(`${SCHEMAS}/${encoded(made.json()['$id'])}`, FULL);
    expect(full.json().properties.paidMedia.properties).toMatchObject({
      adNetwork: { enum: expect.arrayContaining(['pinterest']) },
      metrics: { properties: { spend: { 'meta:xdmType': 'number' }, clicks: { 'meta:xdmType': 'long' } } },
    });
    const global = await client.call(`/schemaregistry/global/fieldgroups/${encoded(metrics)}`, RAW);
    expect(global.json()['meta:intendedToExtend']).toEqual([SUMMARY]);
  }));
