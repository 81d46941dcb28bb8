// An app on a local port, over real HTTP.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Express } from 'express';

export interface Listening {
  /** As in `http://127.0.0.1:4711`. */
  origin: string;
  port: number;
  /** Ends at once, connections that are open included. */
  close: () => Promise<void>;
}

/** Port 0 takes a free one. */
export const listen = async (
  app: Express,
  { host, port }: { host: string; port: number },
): Promise<Listening> => {
  const server = createServer(app);
  // A connection that rests while a busy machine holds its client up is not closed under the next request.
  server.keepAliveTimeout = 60_000;
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The simulator has no port');
  return {
    origin: `http://${host}:${address.port}`,
    port: address.port,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};
