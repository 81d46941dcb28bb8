// Rows that a batch left out, with reasons: out of its diagnostics, which the platform keeps for 30 days.
// https://experienceleague.adobe.com/en/docs/experience-platform/ingestion/quality/error-diagnostics
import { oneLine } from '../../http/redact.js';
import type { FailedRow } from '../target.js';
import type { Sandbox } from './access/client.js';
import { PlatformError } from './access/errors.js';

/** Of one file: many more rows than are kept. */
const LONGEST_BYTES = 2 ** 24;
const MOST_FILES = 100;
const LONGEST_REASON = 500;

type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (value: unknown): Fields => Object(value) as Fields;

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const reasonOf = (errors: unknown): string =>
  [errors ?? []]
    .flat()
    .map(fieldsOf)
    .map(({ code, column, message }) => [code, column, message].filter(Boolean).join(' '))
    .join('; ');

const rowOf = (line: string): FailedRow | undefined => {
  const { _errors: errors, _filename: _, _corrupt_record: corrupt, ...row } = fieldsOf(parsed(line));
  if (line.trim() === '') return undefined;
  const raw =
    typeof corrupt === 'string' ? corrupt : Object.keys(row).length > 0 ? JSON.stringify(row) : line;
  return { raw, reason: oneLine(reasonOf(errors), LONGEST_REASON) || 'the platform gives no reason' };
};

/** A list's own address for a file, or its name; only that part is taken: the token goes nowhere else. */
const pathOf = (file: Fields, folder: string): string | undefined => {
  const href = fieldsOf(fieldsOf(file['_links'])['self'])['href'];
  const path = typeof href === 'string' ? /[?&]path=([^&]+)/.exec(href)?.[1] : undefined;
  if (path !== undefined) return decodeURIComponent(path.replaceAll('+', '%20'));
  return typeof file['name'] === 'string' ? folder + file['name'] : undefined;
};

export class FailedRows {
  constructor(
    private readonly sandbox: Sandbox,
    private readonly batch: string,
    private readonly signal: AbortSignal,
  ) {}

  /** As far as the platform tells; the caller takes as many as it keeps. */
  async *all(): AsyncGenerator<FailedRow> {
    let none = true;
    for await (const row of this.under('failed', '')) {
      none = false;
      yield row;
    }
    if (none) yield* this.under('meta', 'row_errors');
  }

  private async *under(kind: 'failed' | 'meta', folder: string): AsyncGenerator<FailedRow> {
    const list = await this.text(kind, folder);
    const files = fieldsOf(parsed(list))['data'];
    if (!Array.isArray(files)) {
      yield* rowsIn(list);
      return;
    }
    for (const file of files.slice(0, MOST_FILES).map(fieldsOf)) {
      const path = pathOf(file, folder && `${folder}/`);
      if (path === undefined || path.split('/').at(-1)!.startsWith('_')) continue;
      yield* rowsIn(await this.text(kind, path));
    }
  }

  /** Nothing for what is not there. */
  private async text(kind: 'failed' | 'meta', path: string): Promise<string> {
    try {
      return await this.sandbox.text(
        {
          method: 'GET',
          path: `/export/batches/${this.batch}/${kind}`,
          ...(path && { query: { path } }),
          what: `fetching the rows that the batch ${this.batch} left out`,
          signal: this.signal,
        },
        LONGEST_BYTES,
      );
    } catch (error) {
      if (error instanceof PlatformError && error.facts.status === 404) return '';
      throw error;
    }
  }
}

function* rowsIn(text: string): Generator<FailedRow> {
  const lines = text.split('\n');
  // Cut off at the bound, the last one is no row.
  if (Buffer.byteLength(text) >= LONGEST_BYTES) lines.pop();
  for (const line of lines) {
    const row = rowOf(line);
    if (row) yield row;
  }
}
