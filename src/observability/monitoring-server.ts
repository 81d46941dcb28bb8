// What a monitoring system asks a worker: GET /metrics, /health (the process lives), /ready (it polls for work).
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HostPort } from '../settings.js';
import type { Numbers } from './metrics.js';

export const addressText = ({ host, port }: HostPort): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

/** The address that a variable names cannot be listened on. */
export class AddressInUse extends Error {
  override readonly name = 'AddressInUse';

  constructor(variable: string, address: HostPort, { code, message }: NodeJS.ErrnoException) {
    super(
      `${variable}: cannot listen on ${addressText(address)} (${code ?? message}). ` +
        'Stop the program that does already, or choose another port.',
    );
  }
}

export interface MonitoringServer {
  port: number;
  close(): void;
}

/** @throws AddressInUse */
export const serveMonitoring = async (
  address: HostPort,
  numbers: Numbers,
  isReady: () => boolean,
): Promise<MonitoringServer> => {
  const respond = async (path: string): Promise<[status: number, body: string, type?: string]> => {
    switch (path) {
      case '/metrics':
        return [200, await numbers.text(), numbers.contentType];
      case '/health':
        return [200, 'alive\n'];
      case '/ready':
        return isReady() ? [200, 'ready\n'] : [503, 'not polling for work\n'];
      default:
        return [404, 'GET /metrics, /health or /ready\n'];
    }
  };
  const server = createServer((request, response) => {
    void respond(request.url?.split('?')[0] ?? '').then(([status, body, type = 'text/plain']) =>
      response.writeHead(status, { 'Content-Type': type }).end(body),
    );
  });
  server.listen(address.port, address.host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new AddressInUse('METRICS_ADDRESS', address, error as NodeJS.ErrnoException);
  }
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};
