import type { Readable } from 'node:stream';

/** Takes a chunk at once (undefined), or has taken it when the promise resolves; rejects where it can't be taken. */
export type Take = (chunk: Buffer) => Promise<unknown> | undefined;

/** The end of a pipe at which a command's output is read. */
export interface PipeReader {
  /**
   * Passes what comes out of it to `take`, and resolves once it is at its end or destroyed. A chunk is only valid until
   * `take` returns, or until the promise that it returns resolves; the next one waits for that. Rejects as that one
   * does. To be called once.
   */
  read(take: Take): Promise<void>;
  /** Everything was read, and nobody can write to it any more. */
  readonly isAtEnd: boolean;
  /** Reads no more of it: whoever writes to it gets SIGPIPE. */
  destroy(): void;
}

/** The reader of a socket that Node has made for a child. */
export function readerOf(socket: Readable): PipeReader {
  // Destroyed, or it failed: either way nothing more comes from it.
  socket.on('error', () => {});
  return {
    async read(take) {
      for await (const chunk of socket.iterator({ destroyOnReturn: true })) await take(chunk);
    },
    get isAtEnd() {
      return socket.readableEnded;
    },
    destroy: () => void socket.destroy(),
  };
}
