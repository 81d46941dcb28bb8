// Storage: a report's JSON behind a signed URL. Not the API: no token is wanted here, and one that comes is a leak.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RequestHandler } from 'express';
import type { Context } from '../context.js';
import type { ReportStore } from '../reports.js';
import { ordersOf } from '../wire/inject-faults.js';
import { spoilRows, type RowText } from '../wire/malformed.js';
import { entryOf, queryOf } from '../wire/request-log.js';
import { rowTexts } from '../wire/row-text.js';

const CHUNK_CHARACTERS = 65_536;

/** `{"<object id>":[rows],…}` in pieces of about 64 KiB, never held as a whole. */
function* reportPieces(rows: Iterable<RowText>): Iterable<string> {
  let piece = '{';
  let open: string | undefined;
  for (const { id, text } of rows) {
    if (id === open) piece += `,${text}`;
    else piece += `${open === undefined ? '' : '],'}"${id}":[${text}`;
    open = id;
    if (piece.length < CHUNK_CHARACTERS) continue;
    yield piece;
    piece = '';
  }
  yield `${piece}${open === undefined ? '' : ']'}}`;
}

export const downloadReport =
  ({ generator, settings }: Context, reports: ReportStore): RequestHandler =>
  async (request, response) => {
    if (request.headers.authorization !== undefined) {
      entryOf(response).flagged = 'authorization sent to storage';
      response.status(400).type('xml').send('<Error><Code>InvalidArgument</Code></Error>');
      return;
    }
    const query = reports.find(String(request.params['key']), queryOf(request).get('sig') ?? '');
    if (!query) {
      response.status(403).type('xml').send('<Error><Code>AccessDenied</Code></Error>');
      return;
    }
    const { seed, idsAsNumbers } = settings;
    const { columns, objectType: level } = query;
    const rows = rowTexts(generator.stream(query), { level, columns, idsAsNumbers, seed });
    response.type('json');
    try {
      await pipeline(Readable.from(reportPieces(spoilRows(rows, ordersOf(response).spoilages))), response);
    } catch (error) {
      // the client went away, or a fault ended the answer: there is nobody left to tell
      if (!response.destroyed && !response.writableEnded) throw error;
    }
  };
