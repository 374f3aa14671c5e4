import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * A TCP proxy in front of a server of this machine that passes bytes on as a line to somewhere else would: connections
 * share what goes through it, and each costs a round trip before the first byte.
 */
export interface SlowLine {
  readonly port: number;
  close(): void;
}

export interface LineQuality {
  bitsPerSecond: number;
  /** There and back. */
  roundTripMs: number;
}

/** The line as measurements name it: a connection at home, to a server in the same part of the world. */
export const homeLine: LineQuality = { bitsPerSecond: 20e6, roundTripMs: 40 };

export async function startSlowLine(targetPort: number, quality: LineQuality): Promise<SlowLine> {
  const open = new Set<Socket>();
  const there = createDirection(quality);
  const back = createDirection(quality);
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => open.delete(from));
    }
    back(far, near);
    // The kernel has accepted the connection already, without the way there and back.
    setTimeout(() => there(near, far), quality.roundTripMs);
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

/** Passes on what comes from one socket to the other, after what others have sent in the same direction. */
function createDirection({ bitsPerSecond, roundTripMs }: LineQuality): (from: Socket, to: Socket) => void {
  const delayMs = roundTripMs / 2;
  let freeAt = 0;
  const at = (moment: number, act: () => void) => setTimeout(act, moment - performance.now());
  return (from, to) => {
    from.on('data', (bytes) => {
      freeAt = Math.max(freeAt, performance.now()) + (bytes.length * 8000) / bitsPerSecond;
      const sentAt = freeAt;
      at(sentAt + delayMs, () => to.write(bytes));
      from.pause();
      at(sentAt, () => from.resume());
    });
    from.on('end', () => at(freeAt + delayMs, () => to.end()));
  };
}
