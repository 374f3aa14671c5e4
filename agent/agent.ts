import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import type { AgentOptions } from './agent-options.ts';
import { createFileStore } from './journal/disk/logs/file-store.ts';
import type { Damage } from './journal/journal.ts';
import { parseStoreAddress, secretsInAddress } from './journal/nats/cluster/store-address.ts';
import type { Publisher } from './journal/nats/publish/publisher.ts';
import type { Log, WritableLog } from './journal/store.ts';
import { damageNotice } from './journal/trouble.ts';
import { logDirectory } from './log-directory.ts';
import { awaitedText, describe, infoOf, missingText, onlySourceOf, refusedText } from './log-info.ts';
import { openLog } from './open-log.ts';
import { createSource, openSave } from './open-source.ts';
import { readLastLines } from './recorder/last-lines.ts';
import { createRecorder } from './recorder/recorder.ts';
import { serveStore, withToken } from './serve.ts';
import type { Server } from './server/server.ts';
import type { CommandSource } from './sources/command/command.ts';
import { loadNativePty } from './sources/command/pty/native-pty.ts';
import type { Delivery } from './sources/command/signals/deliver.ts';
import { isGlob } from './sources/file/watch/glob.ts';
import type { Outcome } from './sources/source.ts';
import { checkEncoding } from './text/lines/encoding.ts';
import { parsePattern } from './text/redact/pattern.ts';
import { createRedactor, type Redactor } from './text/redact/redact.ts';
import { secretsIn } from './text/redact/secrets.ts';
import { defined } from './words/defined.ts';
import { causeOf, errorCode } from './words/errors.ts';
import { fsPath } from './words/raw-text.ts';

export type { AgentInput, AgentOptions } from './agent-options.ts';
export type { Log } from './journal/store.ts';
export { type LogServer, type ServingOptions, serveLogs } from './serve.ts';
export type { StartAt } from './sources/file/file.ts';
export type { Outcome } from './sources/source.ts';
export { SseTailError } from './words/errors.ts';
export type { LogInfo, LogStatus } from './words/log.ts';

/** A source, its log and the page that shows it. */
export interface Agent {
  /** Where the page is. */
  readonly url: string;
  /** The same with the token, where one is needed: what a person has to open. */
  readonly entryUrl: string;
  /** The URL to start a browser with: arguments are no secret, so it has a code that lets in once. */
  openingUrl(): string;
  readonly log: Log;
  /** Starts to read. @throws SseTailError kind `source`, with `facts.exitCode` where a command can't be run */
  start(): Promise<void>;
  /** Resolves when the command or stdin has ended and all of it is in the log; never for files. */
  readonly ended: Promise<Outcome>;
  /**
   * True once something was lost on the way to stdout, stderr or `save` (a full disk, not a reader that has left). The
   * log has it.
   */
  readonly hasLostOutput: boolean;
  /** Resolves when the command's process has ended, whatever is still to be read of its output; never for others. */
  readonly exited: Promise<Outcome>;
  /** Passes a signal on to the command. */
  kill(signal: NodeJS.Signals): Delivery;
  /** Resolves when every connected viewer has everything (true), or after `deadlineMs` (false). */
  drained(deadlineMs: number): Promise<boolean>;
  /**
   * Resolves when the store has acknowledged every line (true), or after `deadlineMs` (false). True at once without a
   * store.
   */
  acknowledged(deadlineMs: number): Promise<boolean>;
  /** The same for what a power failure of the store can no longer take. */
  delivered(deadlineMs: number): Promise<boolean>;
  /** Lines that the store has not acknowledged yet; 0 without one. */
  readonly unacknowledged: number;
  /** Lines that a power failure of the store could take; those that it has not acknowledged, too. 0 without one. */
  readonly undelivered: number;
  /**
   * Resolves once somebody watched and for `graceMs` nobody has. With `once` a page watches until it is closed,
   * otherwise until a log that has ended was given.
   */
  deserted(graceMs: number): Promise<void>;
  /** Stops reading (and the command), writes what is left, ends all connections. Called again, it is the same end. */
  close(): Promise<void>;
}

/**
 * Opens the log and serves its page; nothing is read or run before `start`.
 *
 * @throws SseTailError kind `usage` (host; no pseudo-terminal for `tty`), `address` (port taken), `locked` (the
 * persistent log is being written), `journal`
 */
export async function createAgent(asked: AgentOptions): Promise<Agent> {
  const options = asked.serve === false ? asked : withToken(asked);
  const { input, report = () => {} } = options;
  const encoding = checkEncoding(options.encoding);
  if (input.kind === 'command' && input.tty) loadNativePty();
  const openings: (() => Promise<unknown>)[] = [];
  let closing: Promise<void> | undefined;
  const onDamage = (damage: Damage) => report(damageNotice(damage));
  let hasBegun = false;
  const close = () => {
    closing ??= closeAll(openings.reverse());
    return closing;
  };

  try {
    const { path: dir, dispose } = await logDirectory(options.dir, options.keep ?? true);
    openings.push(dispose);
    const store = await createFileStore({
      dir,
      ...defined({ retainBytes: options.retainBytes, fsync: options.fsync }),
      ...(options.store === undefined ? {} : { idBytes: sharedIdBytes }),
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
      // A port that is taken, a directory as a file: nothing was started, so there is nothing to keep.
      if (!hasBegun && log.journal.lastId === 0) await store.remove(log.info.id);
    });
    log.journal.subscribe({
      onTrouble: (trouble) =>
        report(
          trouble === undefined ? 'The journal can be written again. Nothing was lost.' : `${trouble} It is in ${dir}.`,
        ),
      onDamage,
    });
    const server = options.serve === false ? noServer : await serveStore(store, () => log, options);
    openings.push(() => server.close());
    if (options.serve !== false) await store.setUrl(server.url);
    const publisher = await publisherOf(options, log);
    openings.push(() => publisher.close());

    const losses: string[] = [];
    const lost = (to: string, error: unknown) => {
      losses.push(to);
      report(`The output can no longer be written to ${to}: ${causeOf(error)}. The log still gets all of it.`);
    };
    const source = await createSource({ ...options, dir }, log, await openSave(options, openings, lost), lost);
    const recorder = createRecorder({
      log,
      ...defined({
        redactor,
        encoding,
        onOtherEncoding: options.encoding === undefined ? () => report(encodingHint) : undefined,
        onlySource: onlySourceOf(input, log),
        lastLines: log.journal.lastId > 0 ? await readLastLines(log.journal) : undefined,
        goesOn: input.kind === 'files',
      }),
    });
    openings.push(async () => {
      await source.stop();
      await recorder.close();
    });

    return {
      url: server.url,
      entryUrl: server.entryUrl,
      openingUrl: server.openingUrl,
      log,
      async start() {
        if (log.info.lasting && log.journal.lastId > 0) await recorder.notice(`run started: ${describe(input)}`);
        await source.start(recorder);
        hasBegun = true;
        await recorder.flush();
        // It may have been closed meanwhile, with nothing read.
        if (openings.length === 0 || input.kind !== 'files') return;
        if (log.status.state === 'waiting') report(await whyWaiting(input.paths));
        else for (const sentence of await whatIsMissing(input.paths)) report(sentence);
      },
      ended: source.ended,
      get hasLostOutput() {
        return losses.length > 0;
      },
      exited: 'exited' in source ? (source as CommandSource).exited : new Promise(() => {}),
      kill: (signal) => ('kill' in source ? (source as CommandSource).kill(signal) : 'ended'),
      drained: server.drained,
      acknowledged: publisher.acknowledged,
      delivered: publisher.delivered,
      get unacknowledged() {
        return publisher.unacknowledged;
      },
      get undelivered() {
        return publisher.undelivered;
      },
      deserted: server.deserted,
      close,
    };
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
}

/** One after the other, also after one that fails. @throws what the first of those threw */
async function closeAll(closers: readonly (() => Promise<unknown>)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const close of closers) {
    try {
      await close();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}

/** Two logs of a hundred thousand machines must not have the same id. */
const sharedIdBytes = 5;

const noServer: Pick<Server, 'url' | 'entryUrl' | 'openingUrl' | 'drained' | 'deserted' | 'close'> = {
  url: '',
  entryUrl: '',
  openingUrl: () => '',
  drained: async () => true,
  deserted: () => new Promise(() => {}),
  async close() {},
};

async function publisherOf(
  { store, natsCreds, report = () => {} }: AgentOptions,
  log: WritableLog,
): Promise<Publisher> {
  if (store === undefined) return noPublisher;
  const address = parseStoreAddress(store);
  // Its packages take time and memory, and need not be installed.
  const { startPublishing } = await import('./journal/nats/publish/publisher.ts');
  return startPublishing({ log, address, report, ...defined({ credentials: natsCreds }) });
}

const noPublisher: Publisher = {
  unacknowledged: 0,
  undelivered: 0,
  acknowledged: async () => true,
  delivered: async () => true,
  async close() {},
};

const encodingHint =
  'Much of the input is not UTF-8, and is shown with replacement characters. If you know its encoding, name it: --encoding gbk, for example.';

/** Why there is nothing to read yet: no file, or one that is refused to this user. */
async function whyWaiting(paths: readonly string[]): Promise<string> {
  const refusals = await Promise.all(paths.map(refusalOf));
  for (const [at, refusal] of refusals.entries()) {
    if (refusal !== undefined && errorCode(refusal) !== 'ENOENT') return refusedText([paths[at] ?? ''], refusal);
  }
  return awaitedText(paths, refusals.includes(undefined));
}

/** Where something is followed: which of the named files are not. */
async function whatIsMissing(paths: readonly string[]): Promise<string[]> {
  const byCause = new Map<string, { refusal: unknown; paths: string[] }>();
  for (const path of paths) {
    const refusal = isGlob(path) ? undefined : await refusalOf(path);
    if (refusal === undefined) continue;
    const cause = causeOf(refusal);
    const known = byCause.get(cause) ?? { refusal, paths: [] };
    known.paths.push(path);
    byCause.set(cause, known);
  }
  return [...byCause.values()].map(({ refusal, paths: alike }) =>
    errorCode(refusal) === 'ENOENT' ? missingText(alike) : refusedText(alike, refusal),
  );
}

function refusalOf(path: string): Promise<unknown> {
  return access(fsPath(path), constants.R_OK).then(
    () => undefined,
    (refusal: unknown) => refusal,
  );
}

function redactorOf({ redact = {}, token, store = '' }: AgentOptions): Redactor | undefined {
  if (redact === false) return undefined;
  const { names = [], patterns = [] } = redact;
  return createRedactor({
    values: [...secretsIn(process.env, names), ...(token === undefined ? [] : [token]), ...secretsInAddress(store)],
    patterns: patterns.map(parsePattern),
  });
}
