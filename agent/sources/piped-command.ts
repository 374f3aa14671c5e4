import { setImmediate as turn } from 'node:timers/promises';
import { execa } from 'execa';
import type { Stream } from '../line.ts';
import { createOutputPipes, type OutputPipe } from './output-pipe.ts';
import { notFound, notRunnable } from './program.ts';
import type { CommandOutput, RunningCommand } from './running-command.ts';
import type { Outcome } from './source.ts';

export interface PipedCommandOptions {
  /** Program and arguments, passed as they are. */
  argv: string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
}

/**
 * Runs a command whose stdout and stderr are a pipe each. Standard input is this process's.
 * @throws SseTailError kind `source`; its `facts.exitCode` is 127 (not found) or 126 (found, can't be run)
 */
export async function startOnPipes(options: PipedCommandOptions): Promise<RunningCommand> {
  const [stdout, stderr] = (await createOutputPipes(2)) as [OutputPipe, OutputPipe];
  const child = spawn(options, stdout.writeFd, stderr.writeFd);
  const exit = exitOf(child);
  await Promise.all([stdout.closeWriteEnd(), stderr.closeWriteEnd()]);
  if (child.pid === undefined) {
    stdout.output.destroy();
    stderr.output.destroy();
    throw await spawnFailure(child, options);
  }
  return {
    exit,
    outputs: [outputOf(stdout, 'stdout'), outputOf(stderr, 'stderr')],
    kill: (signal) => child.kill(signal),
  };
}

type Child = ReturnType<typeof spawn>;

function spawn({ argv, cwd, env }: PipedCommandOptions, stdout: number, stderr: number) {
  const [program = '', ...args] = argv;
  return execa(program, args, {
    cwd,
    env,
    extendEnv: false,
    // execa takes any descriptor; its types stop at 9.
    stdio: ['inherit', stdout as 3, stderr as 4],
    buffer: false,
    reject: false,
    // Ends the command when this process ends in a way that Node can notice.
    cleanup: true,
  });
}

const noChunk = () => undefined;

/** More than a pipe and its reader hold, so that what is read after it was printed after `cut`. */
const heldBytes = 256 * 1024;

function outputOf({ output }: OutputPipe, stream: Stream): CommandOutput {
  let isCut = false;
  let isWaiting = false;

  async function* bytes(): AsyncGenerator<Buffer, void> {
    const chunks = output[Symbol.asyncIterator]();
    for (let readAfterCut = 0; readAfterCut < heldBytes; ) {
      isWaiting = true;
      if (isCut) void cutOff();
      // Destroyed it fails, and that is its end.
      const chunk = await chunks.next().then(({ value }) => value as Buffer | undefined, noChunk);
      isWaiting = false;
      if (chunk === undefined) return;
      if (isCut) readAfterCut += chunk.length;
      yield chunk;
    }
    output.destroy();
  }

  /** Two turns of the event loop bring what the pipe holds, if it holds anything. */
  async function cutOff(): Promise<void> {
    await turn();
    await turn();
    if (isWaiting) output.destroy();
  }

  return {
    stream,
    bytes: bytes(),
    get isComplete() {
      return output.readableEnded;
    },
    cut() {
      isCut = true;
      if (isWaiting) void cutOff();
    },
    lostReader: () => void output.destroy(),
  };
}

function exitOf(child: Child): Promise<Outcome> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

async function spawnFailure(child: Child, { argv: [program = ''], cwd }: PipedCommandOptions): Promise<Error> {
  const result = await child;
  if (result.code === 'ENOENT') return notFound(program, cwd, result);
  const reason = result.code === 'EACCES' ? 'permission denied' : (result.originalMessage ?? String(result.code));
  return notRunnable(program, reason, result);
}
