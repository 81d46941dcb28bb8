// What is made on a platform for a dataflow's rows, by name, once; and what is refused before anything is sent.
import { connect } from '../../simulator/experience-platform/client.js';
import { PARTITION, ROWS, Stage, TABLE, tableWith } from './partition.js';

let stage: Stage;
afterEach(() => stage.close());

/** Types by their fields, as the platform shows them below the tenant's namespace. */
const types = async (): Promise<Record<string, string>> => {
  const client = await connect(stage.platform);
  const { schemaRef } = stage.platform.lake.datasets('prod', 'acme-ads')[0]!;
  const { json } = await client.call(`/schemaregistry/tenant/schemas/${encodeURIComponent(schemaRef.id)}`, {
    headers: { accept: 'application/vnd.adobe.xed-full+json; version=1' },
  });
  const { properties } = json().properties._acme as {
    properties: Record<string, { 'meta:xdmType': string }>;
  };
  return Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, field['meta:xdmType']]));
};

test('a field group, a schema and a dataset, typed as the store’s columns; made once', async () => {
  stage = await Stage.start();
  const first = await stage.prepare(stage.target());
  expect(first).toEqual({
    empty: true,
    made: [
      expect.stringMatching(/^Made the field group acme-ads fields, https:/),
      expect.stringMatching(/^Made the schema acme-ads, https:/),
      expect.stringMatching(/^Made the dataset acme-ads, [0-9a-f]{24}$/),
    ],
  });
  expect(await types()).toEqual({
    ad_account_id: 'string',
    campaign_id: 'string',
    date: 'date',
    spend_in_micro_dollar: 'long',
    ctr: 'number',
    campaign_name: 'string',
  });
  expect(await stage.prepare(stage.target())).toEqual({ empty: true, made: [] });
  expect(stage.platform.lake.datasets('prod')).toHaveLength(1);
});

test('a list of datasets that is not found is no empty one: no second dataset of a name is made', async () => {
  stage = await Stage.start();
  await stage.prepare(stage.target());
  stage.platform.settings.faults = [{ effect: 'not-found', route: 'datasets', times: 1 }];
  expect(await stage.prepare(stage.target())).toEqual({ empty: true, made: [] });
  stage.platform.settings.faults = [{ effect: 'not-found', route: 'datasets' }];
  await expect(stage.prepare(stage.target())).rejects.toMatchObject({ kind: 'TargetUnavailable' });
  expect(stage.platform.lake.datasets('prod')).toHaveLength(1);
});

test('a list of batches that is not found once is asked for again: what holds rows is not taken for empty', async () => {
  stage = await Stage.start();
  const target = stage.target();
  await stage.prepare(target);
  await stage.deliver(target, ROWS(1));
  stage.platform.settings.faults = [{ effect: 'not-found', route: 'batches', times: 1 }];
  expect(await stage.prepare(stage.target())).toEqual({ empty: false, made: [] });
});

test('pages are read: what is there already is found among many', async () => {
  stage = await Stage.start({ limits: { registryPage: 1, catalogPage: 1 } });
  for (const dataset of ['one', 'two', 'three', 'acme-ads']) await stage.prepare(stage.target({ dataset }));
  const again = await Promise.all(
    ['one', 'acme-ads'].map((dataset) => stage.prepare(stage.target({ dataset }))),
  );
  expect(again.flatMap(({ made }) => made)).toEqual([]);
});

test('a column that is added becomes a field, in a dataset with rows', async () => {
  stage = await Stage.start();
  const target = stage.target();
  await stage.prepare(target);
  await stage.deliver(target, ROWS(1));
  const wider = tableWith(
    { name: 'total_impression', type: 'DOUBLE PRECISION' },
    { name: 'hour', type: 'SMALLINT' },
  );
  const notes = await stage.prepare(stage.target(), [wider]);
  expect(notes).toEqual({
    empty: false,
    made: [
      expect.stringMatching(
        /^Added _acme\.total_impression, _acme\.hour to the field group acme-ads fields, https:/,
      ),
    ],
  });
  expect(await types()).toMatchObject({ total_impression: 'number', hour: 'int' });
});

test('a schema of a class without events is refused, and left as it is', async () => {
  stage = await Stage.start();
  const client = await connect(stage.platform);
  const $ref = 'https://ns.adobe.com/xdm/context/profile';
  const made = await client.call('/schemaregistry/tenant/schemas', {
    body: { title: 'acme-ads', type: 'object', allOf: [{ $ref }] },
  });
  expect(made.status).toBe(201);
  const before = stage.platform.log.length;
  await expect(stage.prepare(stage.target())).rejects.toMatchObject({
    kind: 'TargetRefused',
    message: expect.stringMatching(
      /The schema https:\S+ of the dataset acme-ads is of the class .*profile/,
    ) as unknown,
  });
  const asked = stage.platform.log.slice(before).filter(({ route }) => route !== 'token');
  expect(asked.map(({ method }) => method)).toEqual(asked.map(() => 'GET'));
});

test('a field of another type is refused before the first batch, naming both types', async () => {
  stage = await Stage.start();
  await stage.prepare(stage.target());
  const columns = TABLE.columns.map(
    ({ name, type }) => ({ name, type: name === 'ctr' ? 'TEXT' : type }) as const,
  );
  await expect(stage.prepare(stage.target(), [{ ...TABLE, columns }])).rejects.toMatchObject({
    kind: 'TargetRefused',
    message: expect.stringMatching(
      /The field _acme\.ctr is of type number in https:.*its values are of type string/,
    ) as unknown,
  });
  expect(stage.platform.lake.batches('prod', 'acme-ads')).toEqual([]);
});

test('paid media: Adobe’s own fields, on its class of metrics', async () => {
  stage = await Stage.start();
  const target = stage.target({ shape: 'paid-media' });
  expect((await stage.prepare(target)).made).toHaveLength(2);
  await stage.deliver(target, ROWS(3));
  expect(await stage.rows()).toContainEqual({
    _id: expect.stringMatching(/^[0-9a-f]{32}$/) as unknown,
    timestamp: '2026-05-04T00:00:00Z',
    paidMedia: {
      adNetwork: 'pinterest',
      accountID: '549755885175',
      campaignID: '626735565840',
      metrics: { spend: 2 },
    },
  });
  expect((await stage.prepare(stage.target({ shape: 'paid-media' }))).made).toEqual([]);
});

test.each([
  [
    'a wrong secret',
    { EXPERIENCE_PLATFORM_CLIENT_SECRET: 'wrong-secret-of-mine' },
    {},
    /invalid_client.*EXPERIENCE_PLATFORM_CLIENT_SECRET/,
  ],
  [
    'a wrong scope',
    { EXPERIENCE_PLATFORM_SCOPES: 'nonsense' },
    {},
    /invalid_scope.*EXPERIENCE_PLATFORM_SCOPES/,
  ],
  ['another organization', { EXPERIENCE_PLATFORM_ORG: 'X@AdobeOrg' }, {}, /403025.*EXPERIENCE_PLATFORM_ORG/],
  [
    'a sandbox that is not there',
    {},
    { sandbox: 'nowhere' },
    /Sandbox nowhere does not exist.*sandbox in the spec/,
  ],
])('%s is refused with what to mend', async (_, environment, changes, message) => {
  stage = await Stage.start();
  const refused = await stage
    .prepare(stage.target(changes, { environment }))
    .catch((error: unknown) => error);
  expect(refused).toMatchObject({
    kind: 'TargetRefused',
    message: expect.stringMatching(message) as unknown,
  });
  expect(String(refused)).not.toContain('wrong-secret-of-mine');
});

test('a missing permission is refused with what to grant', async () => {
  stage = await Stage.start({ permissions: ['View Schemas', 'View Datasets'] });
  await expect(stage.prepare(stage.target())).rejects.toMatchObject({
    kind: 'TargetRefused',
    message: expect.stringMatching(/Manage Schemas/) as unknown,
  });
});

test('a dataset that went away says so', async () => {
  stage = await Stage.start();
  await expect(stage.target().begin(PARTITION, null, stage.signal)).rejects.toMatchObject({
    kind: 'TargetRefused',
    message: 'The sandbox prod has no dataset acme-ads any more; the next run makes it',
  });
});
