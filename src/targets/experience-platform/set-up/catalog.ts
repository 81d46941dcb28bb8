// The catalog: datasets by their names, batches of a dataset.
// https://developer.adobe.com/experience-platform-apis/references/catalog/
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sandbox } from '../access/client.js';
import { PlatformError } from '../access/errors.js';

export interface Dataset {
  id: string;
  /** The `$id` of its schema. */
  schema: string;
}

export interface ListedBatch {
  id: string;
  status: string;
  /** Epoch ms; undefined if the platform does not say. */
  created: number | undefined;
  /** The client that made it. */
  createdClient: string | undefined;
}

const DATASETS = '/catalog/dataSets';
const NOT_FOUND_PAUSES_MS = [300, 1_000, 3_000];
const PAGE = 100;
const MOST_PAGES = 500;
const CONTENT_TYPE = 'application/vnd.adobe.xed+json;version=1';

type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (value: unknown): Fields => Object(value) as Fields;
const textOr = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

export class Catalog {
  constructor(
    private readonly sandbox: Sandbox,
    private readonly signal: AbortSignal,
  ) {}

  /** Names need not be unique there: the dataset that was made first. */
  async dataset(name: string): Promise<Dataset | undefined> {
    let first: { id: string; fields: Fields } | undefined;
    for await (const [id, fields] of this.list(DATASETS, { name }, `looking for the dataset ${name}`)) {
      if (fields['name'] !== name) continue;
      if (!first || Number(fields['created']) < Number(first.fields['created'])) first = { id, fields };
    }
    if (!first) return undefined;
    const schema = textOr(fieldsOf(first.fields['schemaRef'])['id']);
    if (schema !== undefined) return { id: first.id, schema };
    throw new PlatformError(
      'TargetRefused',
      `The dataset ${name}, ${first.id}, has no schema; name another one`,
    );
  }

  async makeDataset(name: string, schema: string): Promise<string> {
    const what = `making the dataset ${name}`;
    const made = await this.sandbox.json({
      method: 'POST',
      path: DATASETS,
      what,
      body: { name, schemaRef: { id: schema, contentType: CONTENT_TYPE } },
      signal: this.signal,
    });
    const id = /^@\/dataSets\/([\w-]+)/.exec(String([made].flat()[0]))?.[1];
    if (id !== undefined) return id;
    throw new PlatformError('TargetUnavailable', `Experience Platform's answer to ${what} names no dataset`);
  }

  /** What matches is the caller's to say: a filter that the platform does not know is no error there. */
  async *batches(dataset: string, filter: Record<string, string>): AsyncGenerator<ListedBatch> {
    const query = { dataSet: dataset, ...filter };
    for await (const [id, fields] of this.list('/catalog/batches', query, 'listing batches')) {
      const { created, createdClient, status, relatedObjects } = fields;
      const related = [relatedObjects ?? []].flat<unknown[]>().map((one) => fieldsOf(one)['id']);
      if (related.length > 0 && !related.includes(dataset)) continue;
      yield {
        id,
        status: String(status).toLowerCase(),
        created: typeof created === 'number' ? created : undefined,
        createdClient: textOr(createdClient),
      };
    }
  }

  /** Objects by their ids; ends with a page that is not full of new ones. */
  private async *list(
    path: string,
    filter: Record<string, string>,
    what: string,
  ): AsyncGenerator<[id: string, fields: Fields]> {
    const seen = new Set<string>();
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const query = { ...filter, limit: String(PAGE), start: String(pages * PAGE) };
      const page = await this.page(path, query, what);
      const found = Object.entries(page).filter(([id]) => !seen.has(id));
      for (const [id, fields] of found) {
        seen.add(id);
        yield [id, fieldsOf(fields)];
      }
      if (found.length < PAGE) return;
    }
    throw new PlatformError('TargetRefused', `${what} comes to no end: ${MOST_PAGES} pages were read`);
  }

  private async page(path: string, query: Record<string, string>, what: string): Promise<Fields> {
    const page = await this.listed(path, query, what);
    if (Array.isArray(page) ? page.length === 0 : typeof page === 'object' && page !== null)
      return page as Fields;
    throw new PlatformError('TargetUnavailable', `Experience Platform's answer to ${what} is no list`);
  }

  /** A 404 may come from a gateway on the way. One that stays: some places list no batches, and all of them list datasets. */
  private async listed(path: string, query: Record<string, string>, what: string): Promise<unknown> {
    for (let tries = 0; ; tries++) {
      try {
        return await this.sandbox.json({ method: 'GET', path, query, what, signal: this.signal });
      } catch (error) {
        if (!(error instanceof PlatformError) || error.facts.status !== 404) throw error;
        if (NOT_FOUND_PAUSES_MS[tries] === undefined) {
          if (path !== DATASETS) return {};
          throw new PlatformError('TargetUnavailable', error.message, error.facts);
        }
        await sleep(NOT_FOUND_PAUSES_MS[tries], undefined, { signal: this.signal });
      }
    }
  }
}
