import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { SseTailError } from '../errors.ts';
import type { Stream } from '../line.ts';
import { type Copy, createCopy, noCopy } from './copy.ts';
import { createOutputPipes, type OutputPipe } from './output-pipe.ts';
import type { Outcome, Sink, Source } from './source.ts';

export interface CommandOptions {
  /** Program and arguments, passed as they are; with `shell` one text for `/bin/sh -c`. */
  argv: string[];
  shell?: boolean;
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Don't copy the output to this process's stdout and stderr. */
  quiet?: boolean;
  /** False: the command is told to print no colours. */
  colour?: boolean;
  /** Takes all bytes of both outputs, as they come. */
  save?: Copy;
  /** Called once, when the command has printed nothing at all for long. */
  onSilence?: () => void;
}

/** A command that runs: its stdout and stderr are two channels of one source. */
export interface CommandSource extends Source {
  /** Passes a signal on to the command. */
  kill(signal: NodeJS.Signals): void;
}

/** Processes that outlive the command may keep its pipes open; what they print is taken for this long after its end. */
const lateOutputMs = 2000;

/** Programs that print to a pipe often hold back kilobytes of it: after this long without a byte that is worth a hint. */
const silenceMs = 30_000;

/** How wide programs may print where this is no terminal: they would take 80 columns for a page that has more. */
const pageColumns = 120;

/** A command that ignores SIGTERM is killed after this long. */
const killAfterMs = 5000;

/**
 * @throws SseTailError kind `source` from `start` where the command can't be run; its `facts.exitCode` is 127 (not
 * found) or 126 (found, can't be run) as in POSIX 2.8.2.
 */
export function createCommandSource(options: CommandOptions): CommandSource {
  const { argv, quiet = false, save = noCopy, onSilence = () => {} } = options;
  const name = commandName(argv);
  let child: Child | undefined;
  let settle: (outcome: Outcome) => void;
  const ended = new Promise<Outcome>((resolve) => {
    settle = resolve;
  });

  async function start(sink: Sink): Promise<void> {
    const startedAt = Date.now();
    const [stdout, stderr] = (await createOutputPipes(2)) as [OutputPipe, OutputPipe];
    const running = spawn(options, stdout.writeFd, stderr.writeFd);
    const exit = exitOf(running);
    await Promise.all([stdout.closeWriteEnd(), stderr.closeWriteEnd()]);
    if (running.pid === undefined) {
      const failure = await spawnFailure(running, options);
      await sink.notice(failure.message, name);
      const code = failure.facts.exitCode as number;
      stdout.output.destroy();
      stderr.output.destroy();
      sink.status({ state: 'exited', code, signal: null, startedAt, endedAt: Date.now() });
      await sink.flush();
      throw failure;
    }
    child = running;

    sink.status({ state: 'running', startedAt });
    const silence = setTimeout(onSilence, silenceMs);
    for (const { output } of [stdout, stderr]) output.once('data', () => clearTimeout(silence));
    void exit.then(() => clearTimeout(silence));
    const outputs = [follow(stdout.output, 1, 'stdout', sink), follow(stderr.output, 2, 'stderr', sink)];
    void finish(exit, outputs, sink, startedAt);
  }

  async function finish(exit: Promise<Outcome>, outputs: Output[], sink: Sink, startedAt: number): Promise<void> {
    const outcome = await exit;
    const endedAt = Date.now();
    const closed = Promise.all(outputs.map((output) => output.closed));
    const late = new AbortController();
    const inTime = await Promise.race([
      closed.then(() => true),
      sleep(lateOutputMs, false, { signal: late.signal }).catch(() => false),
    ]);
    late.abort();
    if (!inTime) {
      for (const output of outputs) output.cut();
      await closed;
      await sink.notice(
        'a process that outlived the command keeps its output open; it is not followed any longer',
        name,
      );
    }
    sink.status({ state: 'exited', ...outcome, startedAt, endedAt });
    await sink.flush();
    settle(outcome);
  }

  interface Output {
    closed: Promise<void>;
    cut(): void;
  }

  function follow(stream: Readable, fd: number, kind: Stream, sink: Sink): Output {
    const channel = sink.channel(name, kind);
    // A reader of our output that has gone is one that the command would have had: it gets its SIGPIPE.
    const copy: Copy = quiet ? noCopy : createCopy(fd, () => stream.destroy());
    return { closed: pump(), cut: () => stream.destroy() };

    async function pump(): Promise<void> {
      try {
        for await (const chunk of stream) {
          await Promise.all([copy.write(chunk), save.write(chunk), channel.write(chunk)]);
        }
      } catch {
        // Destroyed: by `cut`, or because nobody reads the copy.
      }
      await channel.end();
    }
  }

  return {
    start,
    ended,
    kill(signal) {
      child?.kill(signal);
    },
    async stop() {
      if (child === undefined) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child?.kill('SIGKILL'), killAfterMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

type Child = ReturnType<typeof spawn>;

function spawn(options: CommandOptions, stdout: number, stderr: number) {
  const { argv, shell = false, cwd = process.cwd(), env = process.env, colour = true } = options;
  const [program = '', ...args] = shell ? ['/bin/sh', '-c', argv.join(' ')] : argv;
  return execa(program, args, {
    cwd,
    env: colour ? withColour(env) : { ...env, NO_COLOR: '1' },
    extendEnv: false,
    // execa takes any descriptor; its types stop at 9.
    stdio: ['inherit', stdout as 3, stderr as 4],
    buffer: false,
    reject: false,
    // Ends the command when this process ends in a way that Node can notice.
    cleanup: true,
  });
}

/** What people call a command: its words, as they would type them. */
export function commandName(argv: string[]): string {
  return argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) || argv.length === 1 ? word : `'${word}'`)).join(' ');
}

/** `128 + n` for signal n, as a shell reports it. */
export function exitCodeOf({ code, signal }: Outcome): number {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

function exitOf(child: Child): Promise<Outcome> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

async function spawnFailure(child: Child, { argv, cwd = process.cwd() }: CommandOptions): Promise<SseTailError> {
  const result = await child;
  const program = argv[0] ?? '';
  if (result.code === 'ENOENT') {
    const message = `'${program}' was not found (looked in PATH, from ${cwd}).`;
    return new SseTailError('source', message, { exitCode: 127 }, result);
  }
  const reason = result.code === 'EACCES' ? 'permission denied' : (result.originalMessage ?? result.code);
  return new SseTailError('source', `'${program}' can't be run: ${reason}.`, { exitCode: 126 }, result);
}

/** Asks for colour, since the page can show it, in the ways that programs understand (force-color.org, bixense.com/clicolors). */
function withColour(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (env.NO_COLOR) return env;
  const columns = String(process.stdout.columns ?? pageColumns);
  return { FORCE_COLOR: '3', CLICOLOR_FORCE: '1', COLORTERM: 'truecolor', COLUMNS: columns, ...env };
}
