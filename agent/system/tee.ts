import { write } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { errorCode } from '../words/errors.ts';

/** Passes bytes on as they are, to this terminal or to a file. */
export interface Tee {
  /**
   * Resolves when the bytes were taken: whoever reads slowly makes the source wait, as with `tee`. Undefined where
   * there is nothing to wait for.
   */
  write(bytes: Buffer): Promise<void> | undefined;
  /** True once it can't be written any more: further bytes are dropped. */
  readonly isBroken: boolean;
}

const writeFd = promisify(write);
const retryMs = 5;

/**
 * Writes to a file descriptor off the event loop. `process.stdout` blocks the whole process while a terminal is
 * stopped (Ctrl-S) or a pipe is full, and the page with it. `onBroken` gets the error that ends it.
 */
export function createTee(fd: number, onBroken?: (error: unknown) => void): Tee {
  let isBroken = false;

  async function write(bytes: Buffer): Promise<void> {
    let at = 0;
    while (at < bytes.length && !isBroken) {
      try {
        const { bytesWritten } = await writeFd(fd, bytes, at, bytes.length - at, null);
        at += bytesWritten;
      } catch (error) {
        // A descriptor that another process has made non-blocking says "not now".
        if (errorCode(error) === 'EAGAIN') await sleep(retryMs);
        else {
          isBroken = true;
          onBroken?.(error);
        }
      }
    }
  }

  return {
    write,
    get isBroken() {
      return isBroken;
    },
  };
}

/**
 * Whether the error means that whoever read has left: no fault of anybody's. Everything else (a full disk, a terminal
 * that is gone) loses what was to be written.
 */
export function isReaderGone(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'EPIPE' || code === 'ECONNRESET';
}

/** Takes bytes and drops them: `--quiet`. */
export const noTee: Tee = { write: () => undefined, isBroken: false };

/** Waits for all that there is to wait for. */
export function allTaken(waits: readonly (Promise<void> | undefined)[]): Promise<unknown> | undefined {
  return waits.some((wait) => wait !== undefined) ? Promise.all(waits) : undefined;
}

/** Two descriptors of one file, written to in order of the calls: off the event loop the second could be quicker. */
export function inTurn(tees: readonly Tee[]): Tee[] {
  let last: Promise<void> | undefined;
  return tees.map((tee) => ({
    write(bytes) {
      const writing = last === undefined ? tee.write(bytes) : last.then(() => tee.write(bytes));
      last = writing;
      void writing?.then(() => {
        if (last === writing) last = undefined;
      });
      return writing;
    },
    get isBroken() {
      return tee.isBroken;
    },
  }));
}
