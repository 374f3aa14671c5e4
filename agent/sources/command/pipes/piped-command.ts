import { setImmediate as turn } from 'node:timers/promises';
import { execa } from 'execa';
import type { Stream } from '../../../words/line.ts';
import type { Outcome } from '../../source.ts';
import { notFound, notRunnable } from '../launch/program.ts';
import type { CommandOutput, RunningCommand } from '../launch/running-command.ts';
import { createOutputPipes, type OutputPipe } from './output-pipe.ts';

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
    stdout.destroy();
    stderr.destroy();
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

/** More than a pipe and its reader hold, so that what is read after it was printed after `cut`. */
const heldBytes = 256 * 1024;

function outputOf(pipe: OutputPipe, stream: Stream): CommandOutput {
  let isCut = false;
  let isTaking = false;
  let chunks = 0;
  let readAfterCut = 0;

  /** Two turns of the event loop bring what the pipe holds, if it holds anything. */
  async function cutOff(): Promise<void> {
    for (let before = -1; before !== chunks; ) {
      before = chunks;
      await turn();
      await turn();
      if (isTaking) return;
    }
    pipe.destroy();
  }

  return {
    stream,
    read(take) {
      return pipe.read((chunk) => {
        chunks++;
        const taken = take(chunk);
        if (isCut) readAfterCut += chunk.length;
        if (readAfterCut >= heldBytes) pipe.destroy();
        if (taken === undefined) return undefined;
        isTaking = true;
        return taken.then(() => {
          isTaking = false;
          if (isCut) void cutOff();
        });
      });
    },
    get isComplete() {
      return pipe.isAtEnd;
    },
    cut() {
      isCut = true;
      if (!isTaking) void cutOff();
    },
    lostReader: pipe.destroy,
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
