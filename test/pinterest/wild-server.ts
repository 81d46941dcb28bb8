// An HTTP server that answers as a test tells it to, however wild; and one elsewhere, where nothing secret may arrive.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

export interface WildAnswer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
  /** How the body is packed, and what the header says of it. */
  encoding: 'plain' | 'gzip' | 'gzip said only' | 'gzip unsaid' | 'gzip cut' | 'unheard of';
  /** How its end is told: the length that is said may be wrong, or the connection may break. */
  framing: 'length' | 'chunked' | 'length too short' | 'length too long' | 'broken' | 'no HTTP';
}

const packed = ({ encoding, body }: WildAnswer): Buffer => {
  if (encoding === 'gzip' || encoding === 'gzip unsaid') return gzipSync(body);
  if (encoding === 'gzip cut') return gzipSync(body).subarray(0, -4);
  return body;
};

const saidEncoding = (encoding: WildAnswer['encoding']): Record<string, string> => {
  if (encoding === 'unheard of') return { 'content-encoding': 'rot13' };
  return encoding.startsWith('gzip') && encoding !== 'gzip unsaid' ? { 'content-encoding': 'gzip' } : {};
};

/** How many bytes too few or too many a wrong length says. */
const WRONG_BY = 3;

/** The body that a client may take from an answer; none where it cannot know that it is whole. */
export const bodyThatArrives = (answer: WildAnswer): Buffer | undefined => {
  const { encoding, framing, body } = answer;
  if (framing === 'broken' || framing === 'length too long' || framing === 'no HTTP') return undefined;
  if (answer.status === 204 || answer.status === 304) return Buffer.alloc(0);
  if (encoding === 'gzip said only') return undefined;
  if (!isCertain(answer) || encoding === 'gzip') return body;
  const sent = packed(answer);
  return framing === 'length too short' ? sent.subarray(0, Math.max(0, sent.length - WRONG_BY)) : sent;
};

/** False where all is there, but for the check sum at the end: a client may take it or refuse it. */
export const isCertain = ({ encoding, framing }: WildAnswer): boolean =>
  encoding !== 'gzip cut' && !(encoding === 'gzip' && framing === 'length too short');

const play = (answer: WildAnswer): RequestListener => {
  const { status, headers, framing, encoding } = answer;
  return (request, response) => {
    const sent = packed(answer);
    if (framing === 'no HTTP') {
      request.socket.end(sent);
      return;
    }
    for (const [name, value] of Object.entries({ ...headers, ...saidEncoding(encoding) }))
      response.setHeader(name, value);
    // A connection that is about to be closed must not be taken for the next request.
    if (framing !== 'length' && framing !== 'chunked') response.setHeader('connection', 'close');
    if (framing === 'length') response.setHeader('content-length', sent.length);
    if (framing === 'length too short')
      response.setHeader('content-length', Math.max(0, sent.length - WRONG_BY));
    if (framing === 'length too long') response.setHeader('content-length', sent.length + WRONG_BY);
    response.writeHead(status);
    if (framing === 'chunked') for (const byte of sent.subarray(0, 5)) response.write(Buffer.of(byte));
    const rest = framing === 'chunked' ? sent.subarray(5) : sent;
    if (framing === 'broken') response.write(rest, () => request.socket.destroy());
    else response.end(rest, () => framing.startsWith('length too') && request.socket.destroySoon());
  };
};

export interface Listening {
  url: string;
  close(): void;
}

export const listen = async (listener: RequestListener): Promise<Listening> => {
  const server = createServer(listener);
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};

/** Everything that a request carries, as one text. */
export const textOf = ({ url, rawHeaders }: IncomingMessage): string => [url, ...rawHeaders].join('\n');

export class WildServer {
  answer: WildAnswer | undefined;
  private constructor(
    private readonly listening: Listening,
    readonly requests: string[],
  ) {}

  static async start(): Promise<WildServer> {
    const requests: string[] = [];
    const listening = await listen((request, response) => {
      requests.push(textOf(request));
      play(server.answer!)(request, response);
    });
    const server = new WildServer(listening, requests);
    return server;
  }

  get url(): string {
    return this.listening.url;
  }

  close(): void {
    this.listening.close();
  }
}
