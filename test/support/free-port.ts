import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below what systems give to connections and to whoever listens on port 0 (Linux: 32768 to 60999, ip(7)). */
const lowest = 20_000;
const highest = 32_767;

/** A TCP port of 127.0.0.1 that nobody has, for a program to listen on: no connection gets it meanwhile. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest + 1));
    const server = createServer();
    try {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    } catch {
      continue;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}
