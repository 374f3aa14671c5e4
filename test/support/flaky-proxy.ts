import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { within } from './deadline.ts';

/**
 * A TCP proxy in front of a server on 127.0.0.1 that does to connections what networks do. Never to bytes: TCP sees to
 * them.
 */
export interface FlakyProxy extends AsyncDisposable {
  readonly port: number;
  /** Connections made so far. */
  readonly connections: number;
  /** Bytes that have passed so far, in both directions. */
  readonly bytes: number;
  /** Breaks off all connections, in the middle of whatever they carry. Returns how many there were. */
  cut(): number;
  /** Nothing passes any more, in either direction; connections stay. */
  stall(): void;
  /** What was held up passes again. */
  resume(): void;
  /** What passes comes later, and in small pieces; the defaults are those of a good network. */
  worsen(how: { delayMs?: number; pieceBytes?: number }): void;
  /** The next connections reach the server twice: it answers both, and only one of the answers comes back. */
  double(isDoubling: boolean): void;
}

export async function startFlakyProxy(targetPort: () => number): Promise<FlakyProxy> {
  const open = new Set<Socket>();
  let passing: Promise<void> = Promise.resolve();
  let resume = () => {};
  let delayMs = 0;
  let pieceBytes = Number.POSITIVE_INFINITY;
  let isDoubling = false;
  let connections = 0;
  let bytesPassed = 0;

  const server = createServer({ allowHalfOpen: true }, (near) => {
    connections++;
    const far = connectToServer();
    const shadow = isDoubling ? connectToServer() : undefined;
    shadow?.resume();
    near.on('close', () => shadow?.destroy());
    void pass(near, shadow === undefined ? [far] : [far, shadow]);
    void pass(far, [near]);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  function connectToServer(): Socket {
    const far = connect({ port: targetPort(), host: '127.0.0.1', allowHalfOpen: true });
    open.add(far);
    far.on('close', () => open.delete(far));
    far.on('error', () => {});
    return far;
  }

  async function pass(from: Socket, to: readonly Socket[]): Promise<void> {
    open.add(from);
    from.on('close', () => {
      open.delete(from);
      for (const socket of to) socket.destroy();
    });
    from.on('error', () => {});
    try {
      for await (const bytes of from) {
        for (const piece of piecesOf(bytes)) {
          await passing;
          if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
          await Promise.all(to.map((socket) => give(socket, piece)));
          bytesPassed += piece.length;
        }
      }
      for (const socket of to) socket.end();
    } catch {
      // Cut, here or by one of the two ends.
    }
  }

  function* piecesOf(bytes: Buffer): Generator<Buffer> {
    for (let at = 0; at < bytes.length; ) {
      // It may be another one when the next piece is asked for.
      const piece = bytes.subarray(at, at + pieceBytes);
      yield piece;
      at += piece.length;
    }
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
    get bytes() {
      return bytesPassed;
    },
    cut,
    stall() {
      resume();
      passing = new Promise((resolve) => {
        resume = resolve;
      });
    },
    resume: () => resume(),
    worsen(how) {
      delayMs = how.delayMs ?? 0;
      pieceBytes = how.pieceBytes ?? Number.POSITIVE_INFINITY;
    },
    double(isOn) {
      isDoubling = isOn;
    },
    async [Symbol.asyncDispose]() {
      resume();
      server.close();
      cut();
      await within('the end of the proxy', once(server, 'close'));
    },
  };
}

async function give(socket: Socket, bytes: Buffer): Promise<void> {
  if (socket.destroyed || socket.write(bytes)) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    };
    socket.on('drain', done);
    socket.on('close', done);
  });
}
