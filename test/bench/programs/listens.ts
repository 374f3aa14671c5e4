import { connect } from 'node:net';
import { until } from '../../support/deadline.ts';

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
