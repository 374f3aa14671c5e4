import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A TCP proxy in front of a server on 127.0.0.1 that does to connections what networks do. */
export interface FlakyProxy extends AsyncDisposable {
  readonly port: number;
  /** Connections made so far. */
  readonly connections: number;
  /** Breaks off all connections, in the middle of whatever they carry. Returns how many there were. */
  cut(): number;
  /** Nothing passes any more, in either direction; connections stay. */
  stall(): void;
  /** What was held up passes again. */
  resume(): void;
}

export async function startFlakyProxy(targetPort: () => number): Promise<FlakyProxy> {
  const open = new Set<Socket>();
  let isStalled = false;
  let connections = 0;

  const server = createServer((near) => {
    connections++;
    const far = connect(targetPort(), '127.0.0.1');
    join(near, far);
    join(far, near);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  function join(from: Socket, to: Socket): void {
    open.add(from);
    if (isStalled) from.pause();
    from.on('data', (bytes) => {
      if (to.write(bytes)) return;
      from.pause();
      to.once('drain', () => {
        if (!isStalled) from.resume();
      });
    });
    from.on('end', () => to.end());
    from.on('error', () => to.destroy());
    from.on('close', () => {
      open.delete(from);
      to.destroy();
    });
  }

  function cut(): number {
    const count = open.size / 2;
    for (const socket of open) socket.destroy();
    return Math.ceil(count);
  }

  return {
    port: (server.address() as { port: number }).port,
    get connections() {
      return connections;
    },
    cut,
    stall() {
      isStalled = true;
      for (const socket of open) socket.pause();
    },
    resume() {
      isStalled = false;
      for (const socket of open) socket.resume();
    },
    async [Symbol.asyncDispose]() {
      server.close();
      cut();
      await once(server, 'close');
    },
  };
}
