import { fstatSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDeferred } from '../../system/deferred.ts';
import type { Inherited } from '../../system/inherited.ts';
import { allTaken, createTee, inTurn, isReaderGone, noTee, type Tee } from '../../system/tee.ts';
import { terminalOutput } from '../../system/terminal.ts';
import { SseTailError, sentenceForViewers } from '../../words/errors.ts';
import { shownText } from '../../words/raw-text.ts';
import type { Outcome, Sink, Source, WindowSize } from '../source.ts';
import type { CommandOutput, RunningCommand } from './launch/running-command.ts';
import type { Delivery } from './signals/deliver.ts';

export interface CommandOptions {
  /** Program and arguments, passed as they are; with `shell` one text for `/bin/sh -c`. */
  argv: string[];
  shell?: boolean;
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** What it is to have as this process had it from its own parent; nothing unless a program says so. */
  inherited?: Inherited;
  /** Run it on a pseudo-terminal instead of pipes. */
  tty?: boolean;
  /** How large that is, whatever this terminal is; undefined: as large as this terminal. */
  size?: WindowSize;
  /** Don't copy the output to this process's stdout and stderr. */
  quiet?: boolean;
  /** False: the command is told to print no colors. */
  color?: boolean;
  /** Takes all bytes of both outputs, as they come. */
  save?: Tee;
  /**
   * Called once for stdout or stderr when it can't be written any more, though somebody is there to read it: the log
   * goes on.
   */
  onLoss?: (to: string, error: unknown) => void;
  /** Called once, when the command has printed nothing at all for `silenceMs`. */
  onSilence?: () => void;
  silenceMs?: number;
  /** Called when the command has ended and another process keeps its output open, which is not read any longer. */
  onLeftOpen?: () => void;
}

/** A command that runs: its stdout and stderr are two channels of one source, on a pseudo-terminal they are one. */
export interface CommandSource extends Source {
  /** Resolves when its process has ended, whatever is still to be read of its output. */
  readonly exited: Promise<Outcome>;
  /** Passes a signal on to the command; one that comes before the command runs waits until it does. */
  kill(signal: NodeJS.Signals): Delivery;
}

/** Processes that outlive the command may keep its pipes open; what they print is taken for this long after its end. */
const lateOutputMs = 2000;

/**
 * Programs that print to a pipe often hold back kilobytes of it: after this long without a byte that is worth a hint.
 */
const defaultSilenceMs = 30_000;

/** How wide programs may print where this is no terminal: they would take 80 columns for a page that has more. */
const pageColumns = 120;

/**
 * A command that was told to end is waited for this long, and then left alone: what it still does is its own
 * business.
 */
const patienceMs = 5000;

/**
 * @throws SseTailError kind `source` from `start` where the command can't be run; its `facts.exitCode` is 127 (not
 * found) or 126 (found, can't be run) as in POSIX 2.8.2.
 */
export function createCommandSource(options: CommandOptions): CommandSource {
  const { argv, tty = false, quiet = false, save = noTee } = options;
  const { onLoss = () => {}, onSilence = () => {}, onLeftOpen = () => {}, silenceMs = defaultSilenceMs } = options;
  const name = shownText(commandName(argv));
  let command: RunningCommand | undefined;
  let reading: Promise<unknown> = Promise.resolve();
  const early: NodeJS.Signals[] = [];
  let hasFailed = false;
  const exited = createDeferred<Outcome>();
  const ended = createDeferred<Outcome>();

  async function start(sink: Sink): Promise<void> {
    const startedAt = Date.now();
    const running = await run(options).catch(async (failure) => {
      const outcome: Outcome = { code: failure.facts?.exitCode ?? 1, signal: null };
      // A journal that can't be written keeps the rest waiting, and there is nobody to whom a signal could be passed.
      hasFailed = true;
      exited.resolve(outcome);
      if (failure instanceof SseTailError) await sink.notice(sentenceForViewers(failure), name);
      sink.status({ state: 'exited', ...outcome, startedAt, endedAt: Date.now() });
      await sink.flush();
      throw failure;
    });
    command = running;
    for (const signal of early) running.kill(signal);

    sink.status({ state: 'running', startedAt });
    const silence = tty ? undefined : setTimeout(onSilence, silenceMs);
    const heard = () => clearTimeout(silence);
    void running.exit.then(heard);
    const tees = teesOf(running.outputs);
    reading = Promise.all(running.outputs.map((output, at) => follow(output, tees[at] ?? noTee, sink, heard)));
    void finish(running, reading, sink, startedAt);
  }

  async function finish(
    { exit, outputs }: RunningCommand,
    closed: Promise<unknown>,
    sink: Sink,
    startedAt: number,
  ): Promise<void> {
    const outcome = await exit;
    exited.resolve(outcome);
    const endedAt = Date.now();
    const late = new AbortController();
    const inTime = await Promise.race([
      closed.then(() => true),
      sleep(lateOutputMs, false, { signal: late.signal }).catch(() => false),
    ]);
    late.abort();
    if (!inTime) {
      for (const output of outputs) output.cut();
      await closed;
    }
    if (!inTime && !outputs.every(({ isComplete }) => isComplete)) {
      onLeftOpen();
      await sink.notice(
        'a process that outlived the command keeps its output open; it is not followed any longer',
        name,
      );
    }
    sink.status({ state: 'exited', ...outcome, startedAt, endedAt });
    await sink.flush();
    ended.resolve(outcome);
  }

  /** Its pipes are closed: it runs on, and gets SIGPIPE if it prints. */
  async function leaveAlone({ outputs, leave }: RunningCommand): Promise<void> {
    leave();
    for (const output of outputs) output.cut();
    await reading;
  }

  /** Resolves when nothing more comes. */
  async function follow(output: CommandOutput, tee: Tee, sink: Sink, heard: () => void): Promise<void> {
    const { stream, terminal } = output;
    const channel = sink.channel(name, stream, terminal);
    await output.read((chunk) => {
      heard();
      return allTaken([tee.write(chunk), save.write(chunk), channel.write(chunk)]);
    });
    await channel.end();
  }

  /** One for each output. To the same terminal or file they are written in turn. */
  function teesOf(outputs: readonly CommandOutput[]): readonly Tee[] {
    if (quiet) return outputs.map(() => noTee);
    const tees = outputs.map(teeOf);
    return tees.length > 1 && isSameFile(1, 2) ? inTurn(tees) : tees;
  }

  function teeOf({ stream, lostReader }: CommandOutput): Tee {
    return createTee(stream === 'stdout' ? 1 : 2, (error) => {
      if (isReaderGone(error)) lostReader();
      else onLoss(stream === 'stdout' ? 'standard output' : 'standard error', error);
    });
  }

  return {
    start,
    exited: exited.promise,
    ended: ended.promise,
    kill(signal) {
      if (command !== undefined) return command.kill(signal);
      if (hasFailed) return 'ended';
      early.push(signal);
      return 'sent';
    },
    async stop() {
      if (command === undefined) return;
      const delivery = command.kill('SIGTERM');
      const patience = new AbortController();
      const { signal } = patience;
      const wait = sleep(delivery === 'refused' ? 0 : patienceMs, 'left', { signal }).catch(() => undefined);
      const isLeft = (await Promise.race([ended.promise, wait])) === 'left';
      patience.abort();
      if (isLeft) await leaveAlone(command);
    },
  };
}

const nothing: Inherited = { ignoredSignals: new Set(), openFiles: undefined, descriptors: [] };

async function run(options: CommandOptions): Promise<RunningCommand> {
  const {
    tty = false,
    shell = false,
    cwd = process.cwd(),
    env = process.env,
    color = true,
    inherited = nothing,
    size,
  } = options;
  const argv = shell ? ['/bin/sh', '-c', options.argv.join(' ')] : options.argv;
  // Imported when needed: the library that runs commands takes 60 ms and 6 MB, of an agent that follows files as well.
  if (tty) {
    const { startOnPty } = await import('./pty/pty-command.ts');
    // On a terminal a program finds out for itself what to do, and so do those that it starts on pipes.
    return startOnPty({ argv, shell, cwd, inherited, env: color ? env : withoutColor(env) }, size);
  }
  const { startOnPipes } = await import('./pipes/piped-command.ts');
  return startOnPipes({ argv, shell, cwd, inherited, env: color ? withColor(env) : withoutColor(env) });
}

function isSameFile(one: number, other: number): boolean {
  const [a, b] = [fstatSync(one), fstatSync(other)];
  return a.dev === b.dev && a.ino === b.ino;
}

/** What people call a command: its words, as they would type them. */
export function commandName(argv: string[]): string {
  return argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) || argv.length === 1 ? word : `'${word}'`)).join(' ');
}

/** `128 + n` for signal n, as a shell reports it. */
export function exitCodeOf({ code, signal }: Outcome): number {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

/**
 * Asks for color, since the page can show it, in the ways that programs understand (force-color.org,
 * bixense.com/clicolors).
 */
function withColor(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (env.NO_COLOR) return env;
  const columns = String(terminalOutput(1)?.columns ?? pageColumns);
  return { FORCE_COLOR: '3', CLICOLOR_FORCE: '1', COLORTERM: 'truecolor', COLUMNS: columns, ...env };
}

function withoutColor(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, NO_COLOR: '1' };
}
