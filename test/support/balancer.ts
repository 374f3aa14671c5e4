import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** A TCP balancer that knows nothing of HTTP: each connection goes to the next server that takes it. */
export interface Balancer extends AsyncDisposable {
  readonly port: number;
  /** Ports on 127.0.0.1; may change at any time. */
  targets: number[];
}

export async function startBalancer(): Promise<Balancer> {
  let turn = 0;
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer((near) => {
    sockets.add(near);
    near.on('error', () => {});
    near.on('close', () => sockets.delete(near));
    const port = balancer.targets[turn++ % balancer.targets.length];
    if (port === undefined) return near.destroy();
    const far = connect(port, '127.0.0.1');
    sockets.add(far);
    far.on('close', () => {
      sockets.delete(far);
      near.destroy();
    });
    near.on('close', () => far.destroy());
    far.on('error', () => near.destroy());
    near.pipe(far).pipe(near);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const balancer: Balancer = {
    port,
    targets: [],
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
  return balancer;
}
