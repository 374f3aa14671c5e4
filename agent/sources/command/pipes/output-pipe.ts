import { close as closeFd, constants, open as openFd, watch } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { runTool } from '../launch/tool.ts';

const open = promisify(openFd);
const close = promisify(closeFd);

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

/** A pipe: what is written to `writeFd` is read here. */
export interface OutputPipe extends PipeReader {
  /** Blocks when the pipe is full. To be closed here once the command has it, or the pipe never ends. */
  writeFd: number;
  closeWriteEnd(): Promise<void>;
}

export interface WriteLog {
  /** Indices of the pipes that were written to, in the order of the writes; several in a row are one. */
  pipes: number[];
  /** Grows with all that is heard, also where that is one with what was heard before. */
  heard: number;
}

export interface OutputPipes {
  pipes: OutputPipe[];
  /** Grows with each change from one pipe to another; to be emptied by their reader. */
  writes: WriteLog;
}

/** More than are made while a chunk is read: beyond that the order of much text is lost, and no memory. */
const mostWrites = 16_384;

/** All that a pipe holds (pipe(7)). */
const pipeBytes = 64 * 1024;
/**
 * A command that fills its pipe all the time is taken from in pieces of this size at most: what is done for each piece
 * costs as much as what is done with its bytes.
 */
const roomBytes = 4 * pipeBytes;

/**
 * A FIFO needs no room, only a name for a moment: where one can be had when the place for temporary files is missing
 * or read-only.
 */
const otherPlaces = ['/tmp', '/dev/shm', '/run/user', '/var/tmp'];

/**
 * Pipes as a shell makes them. What Node calls a pipe for a child is a Unix socket: `echo x >/dev/stderr` fails on it
 * (ENXIO), and a command whose reader has left gets ECONNRESET where a pipeline would end it by SIGPIPE. Node can't
 * call pipe(2), but a FIFO whose name is gone is the same thing (fifo(7)).
 *
 * Undefined where none can be made: no writable directory, no mkfifo.
 */
export async function createOutputPipes(count: number): Promise<OutputPipes | undefined> {
  for (const place of new Set([tmpdir(), ...otherPlaces])) {
    const pipes = await createPipesIn(place, count).catch(() => undefined);
    if (pipes !== undefined) return pipes;
  }
  return undefined;
}

async function createPipesIn(place: string, count: number): Promise<OutputPipes> {
  const made = await makePipesIn(await mkdtemp(join(place, 'sse-tail-')), count);
  // The end of a name is heard like a write to it.
  await turn();
  await turn();
  made.writes.pipes.length = 0;
  return made;
}

/** The directory is gone afterwards. */
async function makePipesIn(directory: string, count: number): Promise<OutputPipes> {
  try {
    const paths = Array.from({ length: count }, (_, i) => join(directory, String(i)));
    await runTool('mkfifo', ['-m', '600', ...paths]);
    const gathering: Gathering = { passOn: undefined };
    const pipes = await Promise.all(paths.map((path) => openPipe(path, gathering)));
    return { pipes, writes: watchWrites(paths) };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * Says which FIFO was written to, one after the other, as long as this process runs; nothing where the system has no
 * more watches.
 */
function watchWrites(paths: readonly string[]): WriteLog {
  const writes: WriteLog = { pipes: [], heard: 0 };
  if (process.platform !== 'linux') return writes;
  for (const [pipe, path] of paths.entries()) {
    try {
      const watcher = watch(path, { persistent: false }, (event) => {
        if (event !== 'change') return;
        writes.heard++;
        if (writes.pipes.at(-1) !== pipe && writes.pipes.length < mostWrites) writes.pipes.push(pipe);
      });
      watcher.on('error', () => watcher.close());
    } catch {
      return writes;
    }
  }
  return writes;
}

/** The reader of a socket that Node has made for a child. */
export function readerOf(socket: Readable): PipeReader {
  // Destroyed, or it failed: either way nothing more comes from it.
  socket.on('error', () => {});
  const destroy = () => void socket.destroy();
  return {
    async read(take) {
      for await (const chunk of socket.iterator({ destroyOnReturn: true })) await take(chunk);
    },
    get isAtEnd() {
      return socket.readableEnded;
    },
    destroy,
  };
}

/** Of pipes that are read together one gathers at a time: what is read of another one comes after it. */
interface Gathering {
  /** Passes on what was gathered. */
  passOn: (() => void) | undefined;
}

async function openPipe(path: string, gathering: Gathering): Promise<OutputPipe> {
  // Without O_NONBLOCK this would wait for a writer, and a writer that comes first for a reader.
  const readFd = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeFd = await open(path, constants.O_WRONLY);
  let take: Take | undefined;
  let failure: { error: unknown } | undefined;
  // One buffer, and no stream in between: that takes a third of the time.
  const room = Buffer.allocUnsafeSlow(roomBytes);
  /** What was read and not passed on is `room[start, end)`; what is read next comes after it. */
  let start = 0;
  let end = 0;
  let nextTurn: NodeJS.Immediate | undefined;
  let taking: Promise<unknown> | undefined;
  const onread: OnReadOpts = {
    buffer: () => room.subarray(end, end + pipeBytes),
    callback(length) {
      end += length;
      // A socket begins to read by itself.
      if (take === undefined) return false;
      if (gathering.passOn !== passOn) gathering.passOn?.();
      const isFull = end + pipeBytes > room.length;
      if (length === pipeBytes && !isFull) {
        gathering.passOn = passOn;
        nextTurn ??= setImmediate(gather, end);
        return true;
      }
      const isTaken = pass(take);
      if (isFull) start = end = 0;
      return isTaken;
    },
  };

  /** Waits for more as long as each turn of the event loop brings some. */
  function gather(endBefore: number): void {
    nextTurn = undefined;
    if (end > endBefore) nextTurn = setImmediate(gather, end);
    else passOn();
  }

  function passOn(): void {
    if (take !== undefined && end > start && !pass(take)) socket.pause();
  }

  /** Whether it was taken at once; if not, reading goes on when it has been. */
  function pass(taker: Take): boolean {
    clearImmediate(nextTurn);
    nextTurn = undefined;
    if (gathering.passOn === passOn) gathering.passOn = undefined;
    taking = taker(takeRest())?.then(() => socket.resume(), fail);
    return taking === undefined;
  }

  const options: SocketConstructorOpts & { onread: OnReadOpts } = {
    fd: readFd,
    readable: true,
    writable: false,
    onread,
  };
  const socket = new Socket(options);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  // Destroyed, or it failed: either way nothing more comes from it.
  socket.on('error', () => {});

  function takeRest(): Buffer {
    const rest = room.subarray(start, end);
    start = end;
    return rest;
  }

  function destroy(): void {
    socket.destroy();
  }

  function fail(error: unknown): void {
    failure = { error };
    destroy();
  }

  return {
    async read(taker) {
      if (end > start) await taker(takeRest())?.catch(fail);
      take = taker;
      socket.resume();
      await closed;
      await taking;
      if (end > start && failure === undefined) await taker(takeRest());
      if (failure !== undefined) throw failure.error;
    },
    get isAtEnd() {
      return socket.readableEnded;
    },
    destroy,
    writeFd,
    closeWriteEnd: () => close(writeFd),
  };
}
