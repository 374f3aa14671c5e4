import { close as closeFd, constants, open as openFd } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { runTool } from '../launch/tool.ts';
import { FifoReader, type Gathering } from './fifo-reader.ts';
import type { PipeReader } from './pipe-reader.ts';
import { type WriteLog, watchWrites } from './write-log.ts';

const open = promisify(openFd);
const close = promisify(closeFd);

/** A pipe: what is written to `writeFd` is what `reader` reads. */
export interface OutputPipe {
  reader: PipeReader;
  /** Blocks when the pipe is full. To be closed here once the command has it, or the pipe never ends. */
  writeFd: number;
  closeWriteEnd(): Promise<void>;
}

export interface OutputPipes {
  pipes: OutputPipe[];
  /** Which of them was written to; to be emptied by their reader. */
  writes: WriteLog;
}

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
  // The end of a name is reported like a write to it.
  await turn();
  await turn();
  made.writes.clear();
  return made;
}

/** The directory is gone afterwards. */
async function makePipesIn(directory: string, count: number): Promise<OutputPipes> {
  try {
    const paths = Array.from({ length: count }, (_, i) => join(directory, String(i)));
    await runTool('mkfifo', ['-m', '600', ...paths]);
    const gathering: Gathering = { reader: undefined };
    const pipes = await Promise.all(paths.map((path) => openPipe(path, gathering)));
    return { pipes, writes: watchWrites(paths) };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function openPipe(path: string, gathering: Gathering): Promise<OutputPipe> {
  // Without O_NONBLOCK this would wait for a writer, and a writer that comes first for a reader.
  const readFd = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeFd = await open(path, constants.O_WRONLY);
  return { reader: new FifoReader(readFd, gathering), writeFd, closeWriteEnd: () => close(writeFd) };
}
