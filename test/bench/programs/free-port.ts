import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { until } from '../../support/deadline.ts';

/** A port of 127.0.0.1 that was free a moment ago: for programs that can't pick one themselves. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Resolves when somebody listens on the port. */
export async function listens(port: number): Promise<void> {
  await until(`a server on port ${port}`, () => canConnect(port), 15_000);
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
