// Calls the platform as a client would, without hiding anything.
import {
  startExperiencePlatform,
  type ExperiencePlatform,
} from '../../../simulator/experience-platform/server.js';
import type { ExperiencePlatformOptions } from '../../../simulator/experience-platform/settings.js';

export interface Call {
  method?: string;
  headers?: Record<string, string | undefined>;
  /** Sent as JSON; a text or bytes as they are, as octets. */
  body?: unknown;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  json: () => any; // oxlint-disable-line typescript/no-explicit-any -- what a test looks into
}

export interface Client {
  platform: ExperiencePlatform;
  authorization: string;
  call(path: string, call?: Call): Promise<Answer>;
  /** What a reader of a dataset sees. */
  rows(dataset: string, sandbox?: string): Promise<Record<string, unknown>[]>;
}

export const askToken = (platform: ExperiencePlatform, form: Record<string, string> = {}) =>
  fetch(`${platform.url}/ims/token/v3`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: platform.settings.clientId,
      client_secret: platform.settings.clientSecret,
      scope: 'openid,AdobeID,read_organizations',
      ...form,
    }),
  });

const isOctets = (body: unknown): body is string | Uint8Array<ArrayBuffer> =>
  typeof body === 'string' || body instanceof Uint8Array;

const clientOf = (platform: ExperiencePlatform, authorization: string): Client => {
  const { clientId, organization } = platform.settings;
  return {
    platform,
    authorization,
    call: async (path, { method, headers = {}, body } = {}) => {
      const all = {
        authorization,
        'x-api-key': clientId,
        'x-gw-ims-org-id': organization,
        'x-sandbox-name': 'prod',
        ...(body !== undefined && {
          'content-type': isOctets(body) ? 'application/octet-stream' : 'application/json',
        }),
        ...headers,
      };
      const response = await fetch(`${platform.url}/data/foundation${path}`, {
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: Object.fromEntries(
          Object.entries(all).filter((one): one is [string, string] => one[1] !== undefined),
        ),
        ...(body !== undefined && { body: isOctets(body) ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) };
    },
    rows: async (dataset, sandbox = 'prod') => {
      const rows = [];
      for await (const row of platform.lake.rows(sandbox, dataset)) rows.push(row);
      return rows;
    },
  };
};

/** A client of a platform that runs, with a token. */
export const connect = async (platform: ExperiencePlatform): Promise<Client> => {
  const { access_token: token } = (await (await askToken(platform)).json()) as { access_token: string };
  return clientOf(platform, `Bearer ${token}`);
};

/** Runs with a platform of its own, and a token for it; the platform is closed afterwards. */
export const withPlatform = async (
  options: ExperiencePlatformOptions,
  work: (client: Client) => Promise<void>,
): Promise<void> => {
  const platform = await startExperiencePlatform(options);
  try {
    await work(await connect(platform));
  } finally {
    await platform.close();
  }
};

export const EVENT = 'https://ns.adobe.com/xdm/context/experienceevent';
const LONG = { type: 'integer', minimum: -(2 ** 53), maximum: 2 ** 53 };
export const FIELDS = {
  campaign_id: { type: 'string' },
  spend_in_micro_dollar: LONG,
  clicks: { type: 'integer' },
  ctr: { type: 'number' },
  day: { type: 'string', format: 'date' },
};

export const fieldGroup = (title: string, properties: object = FIELDS) => ({
  title,
  type: 'object',
  'meta:intendedToExtend': [EVENT],
  definitions: { columns: { properties: { _acme: { type: 'object', properties } } } },
  allOf: [{ $ref: '#/definitions/columns' }],
});

export interface Made {
  group: string;
  schema: string;
  dataset: string;
}

/** A field group, a schema and a dataset, all made by calls. */
export const makeDataset = async (client: Client, name: string): Promise<Made> => {
  const group = (
    await client.call('/schemaregistry/tenant/fieldgroups', { body: fieldGroup(`${name} columns`) })
  ).json()['$id'];
  const allOf = [{ $ref: EVENT }, { $ref: group }];
  const schema = (
    await client.call('/schemaregistry/tenant/schemas', { body: { title: name, type: 'object', allOf } })
  ).json()['$id'];
  const contentType = 'application/vnd.adobe.xed+json;version=1';
  const made = await client.call('/catalog/dataSets', {
    body: { name, schemaRef: { id: schema, contentType } },
  });
  return { group, schema, dataset: made.json()[0].replace('@/dataSets/', '') };
};

export const row = (id: number, fields: object = {}) => ({
  _id: `row-${id}`,
  timestamp: '2026-05-01T00:00:00.000Z',
  _acme: { campaign_id: '626735565838123456', spend_in_micro_dollar: id * 1_000_000, ...fields },
});
export const lines = (rows: unknown[]): string => rows.map((one) => `${JSON.stringify(one)}\n`).join('');

export const createBatch = async (client: Client, datasetId: string, more: object = {}): Promise<string> => {
  const body = { datasetId, inputFormat: { format: 'json' }, ...more };
  return (await client.call('/import/batches', { body })).json().id;
};

export const upload = (client: Client, batch: string, dataset: string, body: string, name = 'rows.json') =>
  client.call(`/import/batches/${batch}/datasets/${dataset}/files/${name}`, { method: 'PUT', body });

export const act = (client: Client, batch: string, action: string) =>
  client.call(`/import/batches/${batch}?action=${action}`, { method: 'POST' });

export const batchOf = async (client: Client, batch: string) =>
  (await client.call(`/catalog/batches/${batch}`)).json()[batch];

/** Polls until the batch has ended; answers every status seen, and the batch. */
export const follow = async (client: Client, batch: string) => {
  const statuses: string[] = [];
  for (;;) {
    const found = await batchOf(client, batch);
    statuses.push(found.status);
    if (found.completed !== undefined) return { statuses, batch: found };
  }
};

/** A whole delivery; answers as `follow` does. */
export const deliver = async (client: Client, dataset: string, rows: unknown[], more: object = {}) => {
  const batch = await createBatch(client, dataset, more);
  await upload(client, batch, dataset, lines(rows));
  await act(client, batch, 'COMPLETE');
  return follow(client, batch);
};
