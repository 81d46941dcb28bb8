// The catalog: datasets by their names, batches of a dataset.
// https://developer.adobe.com/experience-platform-apis/references/catalog/
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
    for await (const [id, fields] of this.list(
      '/catalog/dataSets',
      { name },
      `looking for the dataset ${name}`,
    )) {
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
      path: '/catalog/dataSets',
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
      const page = fieldsOf(await this.page(path, query, what));
      const found = Object.entries(page).filter(([id]) => !seen.has(id));
      for (const [id, fields] of found) {
        seen.add(id);
        yield [id, fieldsOf(fields)];
      }
      if (found.length < PAGE) return;
    }
    throw new PlatformError('TargetRefused', `${what} comes to no end: ${MOST_PAGES} pages were read`);
  }

  /** A list that is not there has nothing in it: some places know no batches before the first. */
  private async page(path: string, query: Record<string, string>, what: string): Promise<unknown> {
    try {
      return await this.sandbox.json({ method: 'GET', path, query, what, signal: this.signal });
    } catch (error) {
      if (error instanceof PlatformError && error.facts.status === 404) return {};
      throw error;
    }
  }
}
