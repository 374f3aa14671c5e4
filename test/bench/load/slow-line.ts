import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy in front of a server of this machine that passes bytes on as a line to somewhere else would. */
export interface SlowLine {
  readonly port: number;
  close(): void;
}

export interface LineQuality {
  bitsPerSecond: number;
  /** There and back. */
  roundTripMs: number;
}

export async function startSlowLine(targetPort: number, quality: LineQuality): Promise<SlowLine> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => open.delete(from));
      pass(from, to, quality);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

function pass(from: Socket, to: Socket, { bitsPerSecond, roundTripMs }: LineQuality): void {
  const delayMs = roundTripMs / 2;
  let freeAt = 0;
  const at = (moment: number, act: () => void) => setTimeout(act, moment - performance.now());
  from.on('data', (bytes) => {
    freeAt = Math.max(freeAt, performance.now()) + (bytes.length * 8000) / bitsPerSecond;
    at(freeAt + delayMs, () => to.write(bytes));
    from.pause();
    at(freeAt, () => from.resume());
  });
  from.on('end', () => at(freeAt + delayMs, () => to.end()));
}
