// A company's proxy: requests for http are sent on, those for https get a tunnel. It notes all that it can read.
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

export interface Proxy {
  url: string;
  /** The first line of every request: `CONNECT api.example:443`. */
  requests: string[];
  /** All that passed through its hands, tunnels included. */
  bytes(): Buffer;
  close(): void;
}

/** @param leadsTo the host behind every name: it is the proxy that resolves them */
export const startProxy = async (leadsTo = '127.0.0.1'): Promise<Proxy> => {
  const requests: string[] = [];
  const pieces: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    pieces.push(Buffer.from(request.rawHeaders.join('\n')));
    const { port, pathname, search } = new URL(request.url!);
    const { method, headers } = request;
    const onward = httpRequest({ host: leadsTo, port, path: pathname + search, method, headers });
    onward.on('response', (answer) => answer.pipe(response.writeHead(answer.statusCode!, answer.headers)));
    onward.on('error', () => response.writeHead(502).end());
    request.pipe(onward);
  });
  server.on('connect', (request, near: Socket) => {
    requests.push(`CONNECT ${request.url}`);
    pieces.push(Buffer.from(request.rawHeaders.join('\n')));
    const far = connect(Number(request.url!.split(':')[1]), leadsTo);
    far.once('connect', () => near.write('HTTP/1.1 200 Connection established\r\n\r\n'));
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('data', (bytes: Buffer) => pieces.push(bytes));
      socket.on('error', () => undefined);
      socket.on('close', () => other.destroy());
      socket.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    bytes: () => Buffer.concat(pieces),
    close: () => {
      server.close();
      server.closeAllConnections();
      for (const socket of sockets) socket.destroy();
    },
  };
};
