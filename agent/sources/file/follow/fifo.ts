import { type BigIntStats, close, constants, createReadStream, fstat, open } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { isatty, ReadStream } from 'node:tty';
import { promisify } from 'node:util';
import { fsPath } from '../../../words/raw-text.ts';
import { fileId } from '../find/fingerprint.ts';
import { isStdinPath, type PipePresence } from '../find/presence.ts';
import { readFlags } from '../find/read-flags.ts';

/**
 * Something that is read as a stream, from where it is now: a FIFO, a terminal, a device, standard input by its path.
 */
export interface Pipe {
  /** Another one when a new FIFO had the path by the time that the writers of the old one left. */
  readonly id: string;
  /** Resolves when it is read no more: its end came, it failed, or it was closed. */
  readonly ended: Promise<void>;
  close(): void;
}

export interface PipeReader {
  /** Bytes as they come; the next ones wait for the promise. */
  write(bytes: Buffer): Promise<void> | undefined;
  /** All writers of a FIFO have left; the next one's text is another one. */
  writersLeft(): Promise<void> | undefined;
}

/**
 * Reads the FIFO, device or standard input at `path`. A FIFO is read on when its writers left and others come.
 * Undefined when something else is at the path by now.
 */
export async function readPipe(path: string, reader: PipeReader, there: PipePresence): Promise<Pipe | undefined> {
  let isClosed = false;
  let { id } = there;
  const first = await openInput(path, (stats) => fileId(stats) === id);
  if (first === undefined) return undefined;
  let { input } = first;

  async function readAll(): Promise<void> {
    for (;;) {
      try {
        for await (const chunk of input) await reader.write(chunk);
      } catch {
        // Destroyed by `close`, or it failed: either way nothing more comes from it.
      }
      // Opened anew before the old one is closed: a writer that comes now finds a reader.
      const isReadOn = there.isFifo && !isClosed && !isStdinPath(path);
      const next = isReadOn ? await openInput(path, (stats) => stats.isFIFO()).catch(() => undefined) : undefined;
      input.destroy();
      await reader.writersLeft();
      if (next === undefined) return;
      ({ id, input } = next);
      if (isClosed) input.destroy();
    }
  }

  return {
    get id() {
      return id;
    },
    ended: readAll(),
    close() {
      isClosed = true;
      input.destroy();
    },
  };
}

/**
 * Read without a thread of its own wherever that is possible: a thread that waits for a FIFO holds up all other
 * files.
 */
async function openInput(
  path: string,
  isWanted: (stats: BigIntStats) => boolean,
): Promise<{ id: string; input: Readable } | undefined> {
  // Standard input may be a socket, which can't be opened by its path.
  if (isStdinPath(path)) return { id: 'stdin', input: process.stdin };
  // A bare descriptor, which the stream closes: a FileHandle would close it once more when it is collected.
  const fd = await promisify(open)(fsPath(path), readFlags);
  const stats = await promisify(fstat)(fd, { bigint: true });
  const id = fileId(stats);
  if (isWanted(stats)) {
    if (stats.isFIFO()) return { id, input: new Socket({ fd, readable: true, writable: false }) };
    if (isatty(fd)) return { id, input: new ReadStream(fd) };
    return { id, input: createReadStream('', { fd: await openedToWait(fd) }) };
  }
  await promisify(close)(fd);
  return undefined;
}

/**
 * The same device, open without O_NONBLOCK, where that can be had: a read then waits for what comes. Not by its path,
 * which may be another file's by now.
 */
async function openedToWait(fd: number): Promise<number> {
  const again = await promisify(open)(`/proc/self/fd/${fd}`, constants.O_RDONLY).catch(() => undefined);
  if (again === undefined) return fd;
  await promisify(close)(fd);
  return again;
}
