import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { until, within } from './deadline.ts';
import { canInstallPackages, installPackages } from './debian-packages.ts';
import { isExecutable } from './executable.ts';
import { freePort } from './free-port.ts';

/** Path of a NATS server to test with: `$NATS_SERVER_PATH`, or the one in PATH. */
export function findNatsServer(): string | undefined {
  const given = process.env.NATS_SERVER_PATH;
  if (given !== undefined) return given;
  return (process.env.PATH ?? '')
    .split(delimiter)
    .concat('/usr/sbin')
    .map((dir) => join(dir, 'nats-server'))
    .find(isExecutable);
}

export const hasNatsServer = findNatsServer() !== undefined;

/** Title of a group of tests, which says why it is skipped where it is. */
export function natsTitle(title: string): string {
  return hasNatsServer ? title : `${title} (skipped: no nats-server here; Debian: apt-get install nats-server)`;
}

/** vitest's global set-up: installs Debian's NATS server where that is allowed. Without one those tests are skipped. */
export default function setup(): void {
  if (findNatsServer() !== undefined || !canInstallPackages()) return;
  try {
    installPackages(['nats-server']);
  } catch {
    console.log('nats-server could not be installed: the tests with it are skipped.');
  }
}

/** Its disposal ends it and removes its store. */
export interface NatsServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly storeDir: string;
  readonly process: ChildProcess;
  /** Kills it with SIGKILL, and starts it again on the same port and store. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Its configuration has these further lines from the next start on. */
  configure(config: string): Promise<void>;
  stop(): Promise<void>;
}

/**
 * A server of its own, with JetStream.
 *
 * @param config further lines of its configuration
 * @param host its address, on loopback unless it is given
 * @param inside what runs a program on the machine of that address, with its options: `ip netns exec ...`
 */
export async function startNatsServer(
  config = '',
  host = '127.0.0.1',
  inside: readonly string[] = [],
): Promise<NatsServer> {
  const dir = await mkdtemp(join(tmpdir(), 'sse-tail-nats-'));
  const port = await freePort();
  const storeDir = join(dir, 'store');
  const path = join(dir, 'nats.conf');
  const configure = (more: string) =>
    writeFile(path, `listen: ${host}:${port}\njetstream { store_dir: "${storeDir}" }\n${more}\n`);
  await configure(config);
  let child = run();

  function run(): ChildProcess {
    const [program = '', ...args] = [...inside, findNatsServer() as string, '-c', path];
    const started = spawn(program, args, { stdio: 'ignore' });
    // A test process that dies must not leave it behind.
    const end = () => started.kill('SIGKILL');
    process.once('exit', end);
    started.once('exit', () => process.off('exit', end));
    return started;
  }

  const server: NatsServer = {
    url: `nats://${host}:${port}`,
    port,
    storeDir,
    get process() {
      return child;
    },
    async kill() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await within('the end of the NATS server', ended);
    },
    async start() {
      child = run();
      await listening(host, port);
    },
    configure,
    async stop() {
      await server.kill();
      await rm(dir, { recursive: true, force: true });
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
  await listening(host, port).catch(async (error) => {
    await server.stop();
    throw error;
  });
  return server;
}

/**
 * What a server's disk has of its streams now. The returned function takes what was written since, as a power failure
 * takes what was not synced, and gives the number of bytes; the server must not run then.
 */
export function syncStreams({ storeDir }: NatsServer): () => number {
  const blocks = () =>
    readdirSync(storeDir, { recursive: true, encoding: 'utf8' })
      .filter((name) => /streams.*\/msgs\/.*\.(?:blk|idx)$/.test(name))
      .map((name) => join(storeDir, name));
  const sizes = new Map(blocks().map((path) => [path, statSync(path).size]));
  return () => {
    let lost = 0;
    for (const path of blocks()) {
      const excess = statSync(path).size - (sizes.get(path) ?? 0);
      // The server makes an index anew that is missing.
      if (path.endsWith('.idx')) rmSync(path);
      else if (excess > 0) {
        truncateSync(path, sizes.get(path) ?? 0);
        lost += excess;
      }
    }
    return lost;
  };
}

/** Until the port is taken and JetStream answers, or refuses who has no credentials. */
async function listening(host: string, port: number): Promise<void> {
  await until('the NATS server listens', async () => {
    try {
      const connection = await connect({ servers: `${host}:${port}`, reconnect: false, timeout: 1000 });
      try {
        const answer = await connection.request('$JS.API.INFO', '', { timeout: 1000 });
        return answer.json<{ error?: unknown }>().error === undefined;
      } finally {
        await connection.close();
      }
    } catch (error) {
      return error instanceof Error && /authorization|certificate|tls|secure/i.test(`${error.name} ${error.message}`);
    }
  });
}
