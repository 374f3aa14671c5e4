import { close as closeFd, read as readFd, write as writeFd } from 'node:fs';
import type { OnReadOpts, SocketConstructorOpts } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ReadStream } from 'node:tty';
import { promisify } from 'node:util';
import { createDeferred } from '../../../system/deferred.ts';
import { errorCode } from '../../../words/errors.ts';
import type { Outcome, WindowSize } from '../../source.ts';
import { type ForkOptions, forkOnPty } from './fork.ts';
import { loadNativePty } from './native-pty.ts';

/** A pseudo-terminal and the command that runs on it. */
export interface Pty {
  readonly pid: number;
  /** Path of the side that the command has. */
  readonly path: string;
  readonly exit: Promise<Outcome>;
  /**
   * Everything that is printed to it, until the command has ended and nobody has it open any more, or `cut` was called.
   * A chunk is only valid until the next one is asked for.
   */
  readonly output: AsyncIterable<Buffer>;
  /** All of it was read: nobody has the terminal open any more. */
  readonly isComplete: boolean;
  /** Types: resolves when the terminal has taken the bytes, or there is none any more. */
  write(bytes: Buffer): Promise<void>;
  resize(size: WindowSize): void;
  /**
   * Once the command has ended: what is there is still read, but nothing is waited for. Before: the terminal is hung
   * up.
   */
  cut(): void;
}

const read = promisify(readFd);
const write = promisify(writeFd);
const close = promisify(closeFd);

/** The kernel gives at most 4 KiB at a time. */
const chunkBytes = 64 * 1024;

/** Until typing is tried again on a terminal whose reader is behind. */
const retryMs = 5;

/** Between two looks whether a process that outlived the command has printed something. */
const lateIntervalMs = 10;

/** No terminal holds more than this, so what is read after it has been printed after `cut`. */
const heldBytes = 128 * 1024;

/**
 * Runs a command on a pseudo-terminal of its own.
 *
 * Reading it to the end is the difficult part. When the last process that has the terminal open ends, the kernel still
 * holds what it printed. The libuv of Node 20 takes the hang-up for the end and drops that (libuv#4992), and so does
 * everything built on it. So the slave side is held open here: as long as the command runs there is no hang-up, and
 * after that libuv is left out and the master is read directly until it says EIO (Linux) or end of file (BSD).
 *
 * @throws SseTailError kind `usage` where there are no pseudo-terminals
 */
export function openPty(options: ForkOptions): Pty {
  let hasEnded = false;
  let isHungUp = false;
  let isCut = false;
  let isComplete = false;
  let isClosed = false;
  let wake = (): void => {};

  const { promise: exit, resolve: settle } = createDeferred<Outcome>();
  const { fd, pid, path, slave } = forkOnPty(options, (outcome) => {
    hasEnded = true;
    settle(outcome);
    wake();
  });

  const chunk = Buffer.allocUnsafe(chunkBytes);
  let filled = 0;
  const reading: SocketConstructorOpts & { onread: OnReadOpts } = {
    onread: {
      buffer: chunk,
      callback(length) {
        filled = length;
        wake();
        return false;
      },
    },
  };
  const master = new ReadStream(fd, reading);
  master.on('error', hungUp);
  master.on('end', hungUp);
  let written: Promise<void> = Promise.resolve();

  function hungUp(): void {
    isHungUp = true;
    wake();
  }

  async function* output(): AsyncGenerator<Buffer, void> {
    try {
      while (!hasEnded && !isHungUp && !isCut) {
        const length = await nextChunk();
        if (length > 0) yield chunk.subarray(0, length);
      }
    } finally {
      await close(slave);
    }
    try {
      if (hasEnded || isHungUp) yield* rest();
    } finally {
      isClosed = true;
      // A descriptor that is closed while it is written to may be another file by then.
      await written;
      master.destroy();
    }
  }

  async function nextChunk(): Promise<number> {
    await new Promise<void>((resolve) => {
      wake = resolve;
      master.resume();
    });
    master.pause();
    const length = filled;
    filled = 0;
    return length;
  }

  async function* rest(): AsyncGenerator<Buffer, void> {
    for (let readAfterCut = 0; readAfterCut < heldBytes; ) {
      const length = await readMaster(fd, chunk);
      if (length === 0) {
        isComplete = true;
        return;
      }
      if (length === undefined) {
        if (isCut) return;
        await sleep(lateIntervalMs);
        continue;
      }
      if (isCut) readAfterCut += length;
      yield chunk.subarray(0, length);
    }
  }

  async function type(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length && !isClosed; ) {
      try {
        at += (await write(fd, bytes, at)).bytesWritten;
      } catch (error) {
        if (errorCode(error) !== 'EAGAIN') return;
        await sleep(retryMs);
      }
    }
  }

  return {
    pid,
    path,
    exit,
    output: output(),
    get isComplete() {
      return isComplete;
    },
    write(bytes) {
      written = written.then(() => type(bytes));
      return written;
    },
    resize({ columns, rows }) {
      if (!isClosed) loadNativePty().resize(fd, columns, rows);
    },
    cut() {
      isCut = true;
      wake();
    },
  };
}

/** 0 at the end, undefined when there is nothing yet. */
async function readMaster(fd: number, chunk: Buffer): Promise<number | undefined> {
  try {
    const { bytesRead } = await read(fd, chunk, 0, chunk.length, null);
    return bytesRead;
  } catch (error) {
    return errorCode(error) === 'EAGAIN' ? undefined : 0;
  }
}
