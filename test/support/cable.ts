// A way to a server that can be cut: whoever is connected through it is gone for the server at once, and may come back.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export class Cable {
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly address: string,
  ) {}

  /** @param address `127.0.0.1:7233` */
  static async to(address: string): Promise<Cable> {
    const [host, port] = address.split(':') as [string, string];
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const cable = new Cable(server, `127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('connection', (near) => {
      const far = connect(Number(port), host);
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        cable.sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          cable.sockets.delete(socket);
          other.destroy();
        });
        socket.pipe(other);
      }
    });
    return cable;
  }

  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  close(): void {
    this.server.close();
    this.cut();
  }
}
