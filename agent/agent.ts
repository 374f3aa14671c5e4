import { constants } from 'node:fs';
import { access, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { createFileStore } from './journal/disk/logs/file-store.ts';
import { stateDir } from './journal/disk/logs/state-dir.ts';
import type { Damage } from './journal/journal.ts';
import type { Log, WritableLog } from './journal/store.ts';
import { damageNotice } from './journal/trouble.ts';
import { openLog } from './open-log.ts';
import { readLastLines } from './recorder/last-lines.ts';
import { createRecorder } from './recorder/recorder.ts';
import { type ServingOptions, serveStore } from './serve.ts';
import { type CommandSource, commandName, createCommandSource } from './sources/command/command.ts';
import { loadNativePty } from './sources/command/pty/native-pty.ts';
import type { Delivery } from './sources/command/signals/deliver.ts';
import { createFileSource, type StartAt } from './sources/file/file.ts';
import { startFrom, startText } from './sources/file/open/start-offset.ts';
import { isGlob } from './sources/file/watch/glob.ts';
import type { Outcome, Source } from './sources/source.ts';
import { createStdinSource } from './sources/stdin.ts';
import { createTee, noTee, type Tee } from './system/tee.ts';
import { parsePattern } from './text/redact/pattern.ts';
import { createRedactor, type Redactor } from './text/redact/redact.ts';
import { secretsIn } from './text/redact/secrets.ts';
import { defined } from './words/defined.ts';
import { causeOf, errorCode, SseTailError } from './words/errors.ts';
import type { LogInfo } from './words/log.ts';

export type { Log } from './journal/store.ts';
export { type LogServer, type ServingOptions, serveLogs } from './serve.ts';
export type { StartAt } from './sources/file/file.ts';
export type { Outcome } from './sources/source.ts';
export { SseTailError } from './words/errors.ts';
export type { LogInfo, LogStatus } from './words/log.ts';

/** What to stream. */
export type AgentInput =
  /** Files and globs, which need not exist yet. `start` is where a file begins that is not known yet (default: its last 10,000 lines). */
  | { kind: 'files'; paths: string[]; start?: StartAt }
  /**
   * Program and arguments; with `shell` one text for `/bin/sh -c`. Runs once `start` is called. With `tty` it runs on a
   * pseudo-terminal, and this process's standard input is typed into that.
   */
  | { kind: 'command'; argv: string[]; shell?: boolean; tty?: boolean }
  | { kind: 'stdin'; input?: NodeJS.ReadStream };

export interface AgentOptions extends ServingOptions {
  input: AgentInput;
  /** Where logs are kept (default `$XDG_STATE_HOME/sse-tail`). */
  dir?: string;
  /** False: the log is forgotten when the agent is closed. */
  keep?: boolean;
  /** Most bytes to keep of a log (default 1 GiB). */
  retainBytes?: number;
  /** Each line is on the disk before anybody is shown it, so that a power loss can't take it back. */
  fsync?: boolean;
  /** A lasting log of this name, which goes on with every run. */
  name?: string;
  /** Title of the page. */
  title?: string;
  /** Don't copy a command's output or standard input to stdout and stderr. */
  quiet?: boolean;
  /** False: a command is told to print no colours. */
  colour?: boolean;
  /** Path of a file that the bytes of a command or standard input are written to as well. */
  save?: string;
  /**
   * Secrets are replaced by `***` before anything is kept: the values of environment variables named like one, and of `names`;
   * values that lines `::add-mask::value` give; what `patterns` match, or only their first
   * group that took part (regular expressions without lookaheads and backreferences: they are matched in linear time). False: nothing is.
   */
  redact?: false | { names?: string[]; patterns?: (string | RegExp)[] };
  /** Look at followed files this often and don't ask for change events: for file systems that have none. */
  pollMs?: number;
  /** Takes what the person who runs the agent should know: one sentence at a time. */
  report?: (sentence: string) => void;
}

/** A source, its log and the page that shows it. */
export interface Agent {
  /** Where the page is. */
  readonly url: string;
  /** The same with the token, where one is needed: what a browser has to open. */
  readonly entryUrl: string;
  readonly log: Log;
  /** Begins to read. @throws SseTailError kind `source`, with `facts.exitCode` where a command can't be run */
  start(): Promise<void>;
  /** Resolves when the command or stdin has ended and all of it is in the log; never for files. */
  readonly ended: Promise<Outcome>;
  /** True once something was lost on the way to stdout, stderr or `save` (a full disk, not a reader that has left). The log has it. */
  readonly hasLostOutput: boolean;
  /** Passes a signal on to the command. */
  kill(signal: NodeJS.Signals): Delivery;
  /** Resolves when every connected viewer has everything (true), or after `deadlineMs` (false). */
  drained(deadlineMs: number): Promise<boolean>;
  /**
   * Resolves once somebody watched and for `graceMs` nobody has. With `once` somebody watches until the page is closed, else
   * until a log that has ended was given.
   */
  deserted(graceMs: number): Promise<void>;
  /** Stops reading (and the command), writes what is left, ends all connections. */
  close(): Promise<void>;
}

/**
 * Opens the log and serves its page; nothing is read or run before `start`.
 *
 * @throws SseTailError kind `usage` (host; no pseudo-terminal for `tty`), `address` (port taken), `locked` (the lasting
 * log is being written), `journal`
 */
export async function createAgent(options: AgentOptions): Promise<Agent> {
  const { input, report = () => {} } = options;
  if (input.kind === 'command' && input.tty) loadNativePty();
  const openings: (() => Promise<unknown>)[] = [];
  const onDamage = (damage: Damage) => report(damageNotice(damage));
  let hasBegun = false;
  const closeAll = async () => {
    for (const close of openings.reverse().splice(0)) await close();
  };

  try {
    const dir = await logDir(options, openings);
    const store = await createFileStore({
      dir,
      ...defined({ retainBytes: options.retainBytes, fsync: options.fsync }),
      onDamage,
    });
    openings.push(() => store.close());
    const redactor = redactorOf(options);
    const log = await openLog(store, {
      info: infoOf(options, redactor),
      isStartAsked: input.kind === 'files' && input.start !== undefined,
      report,
    });
    openings.push(async () => {
      await log.close();
      // A port that is taken, a folder as file: nothing was begun, so there is nothing to keep.
      if (!hasBegun && log.journal.lastId === 0) await store.remove(log.info.id);
    });
    log.journal.subscribe({
      onTrouble: (trouble) => report(trouble ?? 'The journal can be written again; nothing was lost.'),
      onDamage,
    });
    const server = await serveStore(store, () => log, options);
    openings.push(() => server.close());
    await store.setUrl(server.url);

    const losses: string[] = [];
    const lost = (to: string, error: unknown) => {
      losses.push(to);
      report(`What is printed can't be written to ${to} any more: ${causeOf(error)}. The log still gets all of it.`);
    };
    const source = createSource(options, log, await openSave(options, openings, lost), lost);
    const recorder = createRecorder({
      log,
      ...defined({
        redactor,
        onlySource: onlySourceOf(input, log),
        lastLines: input.kind === 'files' ? await readLastLines(log.journal) : undefined,
      }),
    });
    openings.push(async () => {
      await source.stop();
      await recorder.close();
    });

    return {
      url: server.url,
      entryUrl: server.entryUrl,
      log,
      async start() {
        if (log.info.lasting && log.journal.lastId > 0) await recorder.notice(`run started: ${describe(input)}`);
        await source.start(recorder);
        hasBegun = true;
        await recorder.flush();
        if (log.status.state === 'waiting') report(await whyWaiting(input));
      },
      ended: source.ended,
      get hasLostOutput() {
        return losses.length > 0;
      },
      kill: (signal) => ('kill' in source ? (source as CommandSource).kill(signal) : 'ended'),
      drained: server.drained,
      deserted: server.deserted,
      close: closeAll,
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function logDir({ dir, keep = true }: AgentOptions, openings: (() => Promise<unknown>)[]): Promise<string> {
  if (keep) return dir === undefined ? stateDir(process.env) : resolve(dir);
  const temporary = await mkdtemp(join(dir === undefined ? tmpdir() : resolve(dir), 'sse-tail-'));
  openings.push(() => rm(temporary, { recursive: true, force: true }));
  return temporary;
}

/** Opened before anything runs: a command whose output can't be kept as asked is not begun. */
async function openSave(
  { save }: AgentOptions,
  openings: (() => Promise<unknown>)[],
  lost: (to: string, error: unknown) => void,
): Promise<Tee> {
  if (save === undefined) return noTee;
  const file = await open(save, 'w').catch((error) => {
    throw new SseTailError('usage', `--save expects a file that can be written, but was given "${save}".`, {}, error);
  });
  openings.push(() => file.close());
  return createTee(file.fd, (error) => lost(save, error));
}

const defaultStart: StartAt = { last: 10_000 };

function createSource(
  options: AgentOptions,
  { info, journal, beginnings }: WritableLog,
  save: Tee,
  onLoss: (to: string, error: unknown) => void,
): Source | CommandSource {
  const { input, pollMs, quiet = false, colour = true, report = () => {} } = options;
  switch (input.kind) {
    case 'files': {
      // A log that goes on begins its files as it was told when it was begun.
      const { paths, start = info.start === undefined ? defaultStart : startFrom(info.start) } = input;
      const positions = new Map([...beginnings, ...journal.positions]);
      return createFileSource({ paths, start, positions, ...defined({ pollMs }) });
    }
    case 'command': {
      const { argv, shell = false, tty = false } = input;
      const env = environmentForCommands();
      return createCommandSource({
        argv,
        shell,
        tty,
        env,
        quiet,
        colour,
        save,
        onLoss,
        onSilence: () => report(silenceHint),
      });
    }
    case 'stdin':
      return createStdinSource({ ...defined({ input: input.input }), quiet, save, onLoss, onUnreadable: report });
  }
}

const silenceHint =
  'The command has printed nothing for a while. If it holds its output back because it prints to a pipe, --tty helps.';

/** The token of our page is no business of the command's. */
function environmentForCommands(): NodeJS.ProcessEnv {
  const { SSE_TAIL_TOKEN: _, ...env } = process.env;
  return env;
}

function redactorOf({ redact = {}, token }: AgentOptions): Redactor | undefined {
  if (redact === false) return undefined;
  const { names = [], patterns = [] } = redact;
  return createRedactor({
    values: [...secretsIn(process.env, names), ...(token === undefined ? [] : [token])],
    patterns: patterns.map(parsePattern),
  });
}

function infoOf(
  { input, name, title }: AgentOptions,
  redactor: Redactor | undefined,
): Omit<LogInfo, 'id' | 'createdAt'> {
  const withoutSecrets = (text: string) => redactor?.text(text) ?? text;
  const common = {
    cwd: process.cwd(),
    ...defined({ title: title && withoutSecrets(title), lasting: name === undefined ? undefined : (true as const) }),
  };
  switch (input.kind) {
    case 'files': {
      const paths = input.paths.map((path) => resolve(path));
      return {
        kind: 'file',
        name: name ?? nameOfFiles(input.paths),
        paths,
        start: startText(input.start ?? defaultStart),
        ...common,
      };
    }
    case 'command':
      return {
        kind: 'command',
        name: name ?? withoutSecrets(commandName(input.argv)),
        argv: input.argv.map(withoutSecrets),
        ...common,
      };
    case 'stdin':
      return { kind: 'stdin', name: name ?? 'stdin', ...common };
  }
}

function describe(input: AgentInput): string {
  switch (input.kind) {
    case 'files':
      return input.paths.join(' ');
    case 'command':
      return commandName(input.argv);
    case 'stdin':
      return 'standard input';
  }
}

/** Why there is nothing to read yet: no file, or one that is refused to this user. */
async function whyWaiting(input: AgentInput): Promise<string> {
  for (const path of input.kind === 'files' ? input.paths : []) {
    const error = await access(path, constants.R_OK).then(
      () => undefined,
      (refusal) => refusal,
    );
    if (error !== undefined && errorCode(error) !== 'ENOENT') {
      return `${path} can't be read: ${causeOf(error)}; waiting until it can be.`;
    }
  }
  return `There is no ${describe(input)} yet; waiting for it.`;
}

function nameOfFiles(paths: string[]): string {
  const [first = ''] = paths;
  const name = isGlob(first) ? first : basename(first);
  return paths.length === 1 ? name : `${name} and ${paths.length - 1} more`;
}

/**
 * The one source there can ever be, or undefined where there are or may come several. A lasting log may have had another one: a
 * line that names none is of the log's first.
 */
function onlySourceOf(input: AgentInput, log: Log): string | undefined {
  const [first] = log.sources;
  const only = singleSourceOf(input);
  return first === undefined || first === only ? only : undefined;
}

function singleSourceOf(input: AgentInput): string | undefined {
  switch (input.kind) {
    case 'files': {
      const [first, second] = input.paths;
      return second !== undefined || first === undefined || isGlob(first) ? undefined : basename(first);
    }
    case 'command':
      return commandName(input.argv);
    case 'stdin':
      return 'stdin';
  }
}
