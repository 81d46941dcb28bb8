// What can be downloaded of a batch that has ended: its rows, the failed ones, and the diagnostics.
import { stat } from 'node:fs/promises';
import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import { queryOf } from '../../wire/request-log.js';
import { sandboxOf } from '../access/headers.js';
import { batchOf } from '../catalog/batches.js';
import { isReadable, type Batch } from '../ingestion/batch.js';
import type { Platform } from '../platform.js';
import { parseQuery, whole } from '../wire/parameters.js';
import { notFound } from '../wire/refusal.js';

const PAGE = 100;
const Query = z.strictObject({
  path: z.string().optional(),
  limit: whole(1, PAGE).default(PAGE),
  start: z.string().optional(),
});

/** By their names. A path is a file's; a text is the content itself. */
type Files = Map<string, { path: string } | { text: string }>;

const hrefOf = (request: Request, path: string): string => {
  const query = new URLSearchParams({ path });
  return `${request.protocol}://${request.headers.host}${request.baseUrl}${request.path}?${query.toString()}`;
};

const lengthOf = async (file: { path: string } | { text: string }): Promise<number> =>
  'path' in file ? (await stat(file.path)).size : Buffer.byteLength(file.text);

const sendList = async (
  request: Request,
  response: Response,
  files: Files,
  folder: string,
): Promise<void> => {
  const { limit, start } = parseQuery(Query, request);
  const names = [...files.keys()].filter((name) => start === undefined || name > start).sort();
  const data = await Promise.all(
    names.slice(0, limit).map(async (name) => ({
      name,
      length: String(await lengthOf(files.get(name)!)),
      _links: { self: { href: hrefOf(request, `${folder}${name}`) } },
    })),
  );
  const next = names.length > limit ? { next: { href: `?start=${names[limit - 1]}` } } : {};
  response.json({ data, _page: { limit, count: data.length }, _links: next });
};

const sendFile = async (response: Response, files: Files, name: string): Promise<void> => {
  const file = files.get(name);
  if (!file) throw notFound(`There is no file ${name}`);
  response.type('application/octet-stream');
  if ('text' in file) response.send(file.text);
  else await new Promise<void>((resolve) => response.sendFile(file.path, () => resolve()));
};

const answer = async (request: Request, response: Response, files: Files): Promise<void> => {
  const path = queryOf(request).get('path');
  await (path === null ? sendList(request, response, files, '') : sendFile(response, files, path));
};

const failedFiles = ({ outcome, diagnostics }: Batch): Files =>
  outcome && diagnostics && outcome.metrics.failedRecordCount > 0
    ? new Map<string, { path: string } | { text: string }>([
        ['_SUCCESS', { text: '' }],
        ['part-00000.json', { path: outcome.failedPath }],
      ])
    : new Map();

export const getFailed =
  (platform: Platform): RequestHandler =>
  async (request, response) => {
    const batch = batchOf(sandboxOf(platform, request), String(request.params['id']));
    await answer(request, response, failedFiles(batch));
  };

const metaFiles = (batch: Batch): Record<string, Files> => {
  const errors = batch.diagnostics ? (batch.outcome?.errorPaths ?? new Map<string, string>()) : new Map();
  const inputs = [...batch.files.keys()].map((path) => `${JSON.stringify({ path })}\n`).join('');
  return {
    row_errors: new Map([...errors].map(([name, path]) => [name, { path }])),
    input_files: new Map(batch.outcome ? [['fileMetaData1.json', { text: inputs }]] : []),
  };
};

export const getMeta =
  (platform: Platform): RequestHandler =>
  async (request, response) => {
    const batch = batchOf(sandboxOf(platform, request), String(request.params['id']));
    const [folder = '', ...rest] = (queryOf(request).get('path') ?? '').split('/');
    const files = metaFiles(batch)[folder];
    if (!files) throw notFound(`The path ${folder} is not found`);
    await (rest.length > 0
      ? sendFile(response, files, rest.join('/'))
      : sendList(request, response, files, `${folder}/`));
  };

const FILE_ID_SUFFIX = '-1';

export const getBatchFiles =
  (platform: Platform): RequestHandler =>
  (request, response) => {
    const batch = batchOf(sandboxOf(platform, request), String(request.params['id']));
    const id = `${batch.id}${FILE_ID_SUFFIX}`;
    const href = `${request.protocol}://${request.headers.host}/data/foundation/export/files/${id}`;
    const file = { dataSetFileId: id, version: '1.0.0', created: String(batch.created), isValid: true };
    const data = isReadable(batch) ? [{ ...file, _links: { self: { href } } }] : [];
    response.json({ data, _page: { limit: PAGE, count: data.length } });
  };

export const getFile =
  (platform: Platform): RequestHandler =>
  async (request, response) => {
    const id = String(request.params['id']);
    const batch = batchOf(sandboxOf(platform, request), id.replace(FILE_ID_SUFFIX, ''));
    if (!batch.outcome || !isReadable(batch)) throw notFound(`There is no file ${id}`);
    const { metrics, rowsPath } = batch.outcome;
    const rows = metrics.outputRecordCount > 0 ? { path: rowsPath } : { text: '' };
    await answer(request, response, new Map([['part-00000.json', rows]]));
  };
