// Files of a batch: in one piece, or a large one in parts that are put together at its own COMPLETE.
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, RequestHandler } from 'express';
import { z } from 'zod';
import { sandboxOf } from '../access/headers.js';
import { batchOf } from '../catalog/batches.js';
import type { Batch, Part, UploadedFile } from '../ingestion/batch.js';
import { hexId } from '../ids.js';
import type { Platform } from '../platform.js';
import { parseQuery } from '../wire/parameters.js';
import { badRequest, notFound, tooLarge, tooLongUrl, unsupportedMedia } from '../wire/refusal.js';

const URL_CHARACTERS = 2000;

/** The batch, which must still be loading, and the file's name, which may have folders. */
const targetOf = (platform: Platform, request: Request): { batch: Batch; name: string } => {
  if (request.originalUrl.length > URL_CHARACTERS)
    throw tooLongUrl(`The URL length exceeds the allowed ${URL_CHARACTERS} characters`);
  const { batchId, datasetId, path } = request.params;
  const batch = batchOf(sandboxOf(platform, request), String(batchId));
  if (batch.datasetId !== datasetId)
    throw notFound(`The batch ${batch.id} has no dataset ${String(datasetId)}`);
  if (batch.status !== 'loading')
    throw badRequest(`The batch ${batch.id} takes no more files, it is ${batch.status}`);
  return { batch, name: [path].flat().join('/') };
};

const checkOctets = (request: Request): void => {
  if (!request.is('application/octet-stream'))
    throw unsupportedMedia('The content-type must be application/octet-stream');
};

/** The body as a file. An upload that breaks off, or proves too large, leaves nothing. */
const received = async (
  { folder }: Platform,
  request: Request,
  batch: Batch,
  most: number,
): Promise<{ path: string; bytes: number }> => {
  const refusal = () => tooLarge(`At most ${most} bytes are taken at once`);
  if (Number(request.headers['content-length'] ?? 0) > most) throw refusal();
  await mkdir(join(folder, batch.id), { recursive: true });
  const path = join(folder, batch.id, `upload-${hexId(16)}`);
  let bytes = 0;
  const counter = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      bytes += chunk.length;
      done(bytes > most ? refusal() : null, chunk);
    },
  });
  try {
    await pipeline(request, counter, createWriteStream(path));
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
  return { path, bytes };
};

export const putFile =
  (platform: Platform): RequestHandler =>
  async (request, response) => {
    const { batch, name } = targetOf(platform, request);
    checkOctets(request);
    const { path, bytes } = await received(platform, request, batch, platform.settings.limits.uploadBytes);
    // COMPLETE may have come while the body did.
    targetOf(platform, request);
    const status = batch.files.has(name) ? 200 : 201;
    batch.files.set(name, { name, bytes, paths: [path] });
    response.status(status).end();
  };

const RANGE = /^bytes (\d+)-(\d+)\/(\d+|\*)$/;

const largeFileOf = (batch: Batch, name: string): UploadedFile & { parts: Part[] } => {
  const file = batch.files.get(name);
  if (!file?.parts) throw notFound(`The file ${name} was not initialized`);
  return file as UploadedFile & { parts: Part[] };
};

export const patchFile =
  (platform: Platform): RequestHandler =>
  async (request, response) => {
    const { batch, name } = targetOf(platform, request);
    checkOctets(request);
    const file = largeFileOf(batch, name);
    const [, from, to] = RANGE.exec(request.headers['content-range'] ?? '') ?? [];
    if (to === undefined) throw badRequest('Content-Range must be like bytes 0-1023/4096');
    const [start, end] = [Number(from), Number(to)];
    const { path, bytes } = await received(platform, request, batch, platform.settings.limits.partBytes);
    if (bytes !== end - start + 1)
      throw badRequest(`Content-Range names ${end - start + 1} bytes, ${bytes} came`);
    targetOf(platform, request);
    // (guess) The same range again replaces it: so a part whose answer was lost can be sent again.
    const others = file.parts.filter((part) => part.start !== start || part.end !== end);
    file.parts = [...others, { start, end, path }];
    response.status(200).json({ name, sizeInBytes: bytes });
  };

const putTogether = (file: UploadedFile & { parts: Part[] }): UploadedFile => {
  const parts = file.parts.toSorted((a, b) => a.start - b.start);
  let expected = 0;
  for (const { start, end } of parts) {
    if (start !== expected)
      throw badRequest(
        `The parts of ${file.name} ${start > expected ? 'leave a gap' : 'overlap'} at byte ${expected}`,
      );
    expected = end + 1;
  }
  if (parts.length === 0) throw badRequest(`No part of ${file.name} was uploaded`);
  return { name: file.name, bytes: expected, paths: parts.map(({ path }) => path) };
};

const ActionQuery = z.strictObject({ action: z.enum(['INITIALIZE', 'COMPLETE']) });

export const postFile =
  (platform: Platform): RequestHandler =>
  (request, response) => {
    const { batch, name } = targetOf(platform, request);
    const { action } = parseQuery(ActionQuery, request);
    if (action === 'INITIALIZE') {
      batch.files.set(name, { name, bytes: 0, paths: [], parts: [] });
      response.status(201).end();
      return;
    }
    const known = batch.files.get(name);
    // Its own COMPLETE may be repeated, as the batch's may.
    const file = known && !known.parts ? known : putTogether(largeFileOf(batch, name));
    batch.files.set(name, file);
    response.status(200).json({ name, sizeInBytes: file.bytes });
  };
