import { close as closeFd, constants, open as openFd } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { execa } from 'execa';

const open = promisify(openFd);
const close = promisify(closeFd);

/** A pipe: what is written to `writeFd` comes out of `output`. */
export interface OutputPipe {
  output: Socket;
  /** Blocks when the pipe is full. To be closed here once the command has it, or `output` never ends. */
  writeFd: number;
  closeWriteEnd(): Promise<void>;
}

/**
 * Pipes as a shell makes them. What Node calls a pipe for a child is a Unix socket: `echo x >/dev/stderr` fails on it
 * (ENXIO), and a command whose reader has left gets ECONNRESET where a pipeline would end it by SIGPIPE. Node can't call
 * pipe(2), but a FIFO whose name is gone is the same thing (fifo(7)).
 */
export async function createOutputPipes(count: number): Promise<OutputPipe[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sse-tail-'));
  try {
    const paths = Array.from({ length: count }, (_, i) => join(folder, String(i)));
    await execa('mkfifo', ['-m', '600', ...paths]);
    return await Promise.all(paths.map(openPipe));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function openPipe(path: string): Promise<OutputPipe> {
  // Without O_NONBLOCK this would wait for a writer, and a writer that comes first for a reader.
  const readFd = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeFd = await open(path, constants.O_WRONLY);
  return {
    output: new Socket({ fd: readFd, readable: true, writable: false }),
    writeFd,
    closeWriteEnd: () => close(writeFd),
  };
}
