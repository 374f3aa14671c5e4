import type { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { execa } from 'execa';
import { causeNamed, causeOf } from '../../../words/errors.ts';
import type { Stream } from '../../../words/line.ts';
import type { Outcome } from '../../source.ts';
import { asInherited, passedOn } from '../launch/as-inherited.ts';
import { begun } from '../launch/begun.ts';
import { checkProgram, notFound, notRunnable } from '../launch/program.ts';
import type { CommandLine, CommandOutput, RunningCommand } from '../launch/running-command.ts';
import { deliver, deliverToJob } from '../signals/deliver.ts';
import { interleave } from './interleave.ts';
import { createOutputPipes } from './output-pipe.ts';
import { type PipeReader, readerOf } from './pipe-reader.ts';
import { WriteLog } from './write-log.ts';

/**
 * Runs a command whose stdout and stderr are a pipe each. Standard input is this process's.
 * @throws SseTailError kind `source`; its `facts.exitCode` is 127 (not found) or 126 (found, can't be run)
 */
export async function startOnPipes(command: CommandLine): Promise<RunningCommand> {
  checkProgram(command.argv[0] ?? '', command.env.PATH, command.cwd);
  const { pipes, writes } = (await createOutputPipes(2)) ?? {};
  const [out, err] = pipes?.map(({ writeFd }) => writeFd) ?? ['pipe', 'pipe'];
  const started = await start(command, out as Output, err as Output);
  await Promise.all(pipes?.map((pipe) => pipe.closeWriteEnd()) ?? []);
  if (started instanceof Error) {
    for (const { reader } of pipes ?? []) reader.destroy();
    throw started;
  }
  const { child, pid, exit } = started;
  const readers: PipeReader[] =
    pipes?.map(({ reader }) => reader) ?? [child.stdout, child.stderr].map((socket) => readerOf(socket as Readable));
  const outputs = readers.map((reader, at) => outputOf(reader, at === 0 ? 'stdout' : 'stderr'));
  const reads = interleave(
    outputs.map(({ read }) => read),
    writes ?? new WriteLog(),
  );
  return {
    exit,
    outputs: outputs.map((output, at) => withRead(output, reads[at] ?? output.read)),
    kill: killerOf(pid, exit, command.shell),
    leave: () => child.unref(),
  };
}

function withRead(output: CommandOutput, read: CommandOutput['read']): CommandOutput {
  return {
    stream: output.stream,
    read,
    get isComplete() {
      return output.isComplete;
    },
    cut: output.cut,
    lostReader: output.lostReader,
  };
}

function killerOf(pid: number, exit: Promise<Outcome>, isShell: boolean): RunningCommand['kill'] {
  let hasEnded = false;
  void exit.then(() => {
    hasEnded = true;
  });
  return (signal) => {
    // Afterwards the id may be another process's.
    if (hasEnded) return 'ended';
    return isShell ? deliverToJob(pid, signal) : deliver(pid, signal);
  };
}

/** What execa's types take of a descriptor; it takes any. */
type Output = 3 | 'pipe';
type Child = ReturnType<typeof spawn>;

interface Started {
  child: Child;
  pid: number;
  exit: Promise<Outcome>;
}

/** An error where it can't be run. */
async function start(command: CommandLine, stdout: Output, stderr: Output): Promise<Started | Error> {
  try {
    const { child } = await begun(() => spawn(command, stdout, stderr));
    const exit = exitOf(child);
    return child.pid === undefined ? await spawnFailure(child, command) : { child, pid: child.pid, exit };
  } catch (error) {
    return notRunnable(command.argv[0] ?? '', causeOf(error), error);
  }
}

function spawn({ argv, cwd, env, inherited }: CommandLine, stdout: Output, stderr: Output) {
  const [program = '', ...args] = asInherited(argv, env, inherited);
  return execa(program, args, {
    cwd,
    env,
    extendEnv: false,
    stdio: ['inherit', stdout, stderr, ...passedOn(inherited.descriptors)],
    buffer: false,
    reject: false,
    // Signals are for the command to deal with: none is sent that nobody has sent here.
    cleanup: false,
  });
}

/** More than a pipe and its reader hold, so that what is read after it was printed after `cut`. */
const heldBytes = 512 * 1024;

function outputOf(pipe: PipeReader, stream: Stream): CommandOutput {
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
    lostReader: () => pipe.destroy(),
  };
}

function exitOf(child: Child): Promise<Outcome> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

async function spawnFailure(child: Child, { argv: [program = ''], cwd }: CommandLine): Promise<Error> {
  const result = await child;
  if (result.code === 'ENOENT') return notFound(program, cwd, result);
  const code = String(result.code);
  const words = causeNamed(code);
  return notRunnable(program, words === code ? (result.originalMessage ?? code) : words, result);
}
