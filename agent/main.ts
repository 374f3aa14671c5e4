#!/usr/bin/env node
import './system/engine.ts';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Agent, type AgentInput, createAgent, serveLogs } from './agent.ts';
import { helpText } from './cli/help.ts';
import { catLog, listLogs, removeLogs } from './cli/logs/subcommands.ts';
import { type Input, misspeltVariables, type OptionValues, parseCommandLine } from './cli/options.ts';
import { exitCodeOf } from './sources/command/command.ts';
import { isForeground } from './sources/command/foreground.ts';
import { version } from './system/package.ts';
import { SseTailError } from './words/errors.ts';

/** Viewers get this long to fetch the rest where nobody sits at a terminal (CI). */
const drainMs = 5000;
/** … and this long after a signal. */
const hurriedDrainMs = 500;
/** A journal that can't be written has this long to recover after a signal that asks for the end. */
const patienceMs = 2000;
/** A page that is loaded anew, or whose connection broke, is back within this time. */
const reloadMs = 3000;
/** Node fires a timer at once that is longer than this (25 days). */
const longestTimerMs = 2 ** 31 - 1;

const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

// Whoever read our words may leave before we do; that is no reason to end.
process.stderr.on('error', () => {});
process.exit(await main());

async function main(): Promise<number> {
  try {
    const invocation = parseCommandLine(process.argv.slice(2), process.env, process.stdin.isTTY === true);
    for (const sentence of misspeltVariables(process.env)) report(sentence);
    switch (invocation.action) {
      case 'help':
        process.stdout.write(helpText(invocation.task));
        return 0;
      case 'version':
        process.stdout.write(`sse-tail ${version}\n`);
        return 0;
      case 'stream':
        return await stream(invocation.input, invocation.values);
      case 'serve':
        return await serve(invocation.values);
      case 'logs':
        return await listLogs({ ...invocation.values, report });
      case 'cat':
        return await catLog(invocation.log, catOptions(invocation.values));
      case 'rm':
        return await removeLogs(invocation.logs, { ...invocation.values, report });
    }
  } catch (error) {
    if (!(error instanceof SseTailError)) throw error;
    report(error.message);
    return exitCodeFor(error);
  }
}

async function stream(input: Input, values: OptionValues): Promise<number> {
  const source = agentInput(input, values);
  const agent = await createAgent({
    ...agentOptions(values),
    ...(await servingOptions(values)),
    input: source,
    report,
  });
  const signals = takeSignals(agent, source);
  return await Promise.race([untilEnd(agent, signals, input, values), endOfPatience(agent, signals, input)]);
}

async function untilEnd(agent: Agent, signals: Signals, input: Input, values: OptionValues): Promise<number> {
  try {
    report(placeOf(agent, values));
    if (values.open) await openBrowser(agent, values);
    await agent.start();
    const ended = agent.ended.then(exitCodeOf);
    // A command or standard input comes to its end whoever watches; following files has no other.
    const left = input.kind === 'files' && values.once ? agent.deserted(reloadMs) : new Promise<never>(() => {});
    const isLeft = await Promise.race([ended.then(() => false), signals.stop.then(() => false), left.then(() => true)]);
    if (!isLeft && !signals.wereGiven()) await Promise.race([linger(agent, values), signals.stop]);
    await agent.drained(signals.wereGiven() ? hurriedDrainMs : drainMs);
    await agent.close();
    return input.kind === 'command' ? await ended : 0;
  } finally {
    await agent.close();
  }
}

/** A journal that can't be written is waited for, but not against the will of who wants an end. @throws SseTailError kind `journal` */
async function endOfPatience(agent: Agent, { stop }: Signals, input: Input): Promise<never> {
  await stop;
  do await sleep(patienceMs);
  while (agent.log.journal.trouble === undefined);
  const fate = input.kind === 'files' ? 'are read at the next start' : 'are lost';
  throw new SseTailError('journal', `The journal was not waited for any longer: lines that it does not have ${fate}.`);
}

async function serve(values: OptionValues): Promise<number> {
  const { dir, open: isOpenAsked } = values;
  const stop = anySignal();
  const server = await serveLogs({ ...present({ dir }), ...(await servingOptions(values)), report });
  report(placeOf(server, values));
  if (isOpenAsked) await openBrowser(server, values);
  await stop;
  await server.close();
  return 0;
}

function catOptions({ dir, lines, strip, follow }: OptionValues) {
  return { ...present({ dir, start: lines, strip, follow }), report };
}

/**
 * Serves the page on after the end of the source: for as long as asked for, else while somebody sits at the terminal. With
 * `--once` until it was opened and is closed again, if that comes first.
 */
async function linger(agent: Agent, values: OptionValues): Promise<void> {
  const { linger: lingerMs, once } = values;
  const isAttended = process.stderr.isTTY === true && !process.env.CI;
  const ms = lingerMs ?? (isAttended || once ? Number.POSITIVE_INFINITY : 0);
  if (ms === Number.POSITIVE_INFINITY) {
    report(
      `The page stays at ${placeOf(agent, values)} until ${once ? 'it was opened and is closed again' : 'Ctrl-C'}.`,
    );
  }
  await Promise.race([sleep(Math.min(ms, longestTimerMs)), ...(once ? [agent.deserted(reloadMs)] : [])]);
}

interface Signals {
  /**
   * Resolves when a signal means the agent: for files and stdin the first one, for a running command the second Ctrl-C, or
   * the second of any kind where its output can't be written.
   */
  stop: Promise<void>;
  /** Whether somebody wants an end at all. */
  wereGiven(): boolean;
}

function takeSignals(agent: Agent, input: AgentInput): Signals {
  const isOnPty = input.kind === 'command' && input.tty === true;
  let isRunning = input.kind === 'command';
  let given = 0;
  let interrupts = 0;
  void agent.ended.then(() => {
    isRunning = false;
  });
  const stop = new Promise<void>((resolve) => {
    for (const signal of endingSignals) {
      process.on(signal, () => {
        given++;
        if (signal === 'SIGINT') interrupts++;
        const isStuck = agent.log.journal.trouble !== undefined;
        if (!isRunning || interrupts > 1 || (isStuck && given > 1)) return resolve();
        // From the keyboard it went to the whole foreground group already; twice would mean "at once" to many programs.
        const isFromKeyboard = !isOnPty && (signal === 'SIGINT' || signal === 'SIGQUIT') && isForeground();
        if (!isFromKeyboard) agent.kill(signal);
      });
    }
  });
  return { stop, wereGiven: () => given > 0 };
}

function anySignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of endingSignals) process.once(signal, () => resolve());
  });
}

function agentInput(input: Input, { lines, tty }: OptionValues): AgentInput {
  if (input.kind === 'files' && lines !== undefined) return { ...input, start: lines };
  return input.kind === 'command' && tty ? { ...input, tty } : input;
}

function agentOptions({ noKeep, noColor, retain, poll, noRedact, redact, redactPattern, ...values }: OptionValues) {
  const { dir, name, title, quiet, once, save, fsync } = values;
  return present({
    dir,
    name,
    title,
    quiet,
    once,
    save,
    fsync,
    pollMs: poll,
    colour: noColor === undefined ? undefined : !noColor,
    keep: noKeep === undefined ? undefined : !noKeep,
    retainBytes: retain,
    redact: noRedact ? (false as const) : present({ names: redact, patterns: redactPattern }),
  });
}

async function servingOptions({ tokenFile, noAuth, allowHost, allowOrigin, tlsCert, tlsKey, ...values }: OptionValues) {
  const { host, port, socket } = values;
  return present({
    host,
    port,
    socket,
    tls: tlsCert === undefined || tlsKey === undefined ? undefined : { cert: tlsCert, key: tlsKey },
    token: tokenFile === undefined ? values.token : await readToken(tokenFile),
    auth: noAuth === undefined ? undefined : !noAuth,
    allowHosts: allowHost,
    allowOrigins: allowOrigin,
  });
}

async function readToken(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    throw new SseTailError(
      'usage',
      `--token-file expects a file that can be read, but was given "${path}".`,
      {},
      error,
    );
  }
}

/** Where the page is, as it is told. A token that was given is known; printed, it would stand in the log of a CI service. */
function placeOf(page: { url: string; entryUrl: string }, { socket, token, tokenFile }: OptionValues): string {
  const url = token === undefined && tokenFile === undefined ? page.entryUrl : page.url;
  return socket === undefined ? url : `${url} (curl --unix-socket ${socket} http://localhost/)`;
}

/** What was given; what was not is absent rather than undefined. */
function present<Values extends object>(values: Values) {
  type Present = { [Name in keyof Values]?: Exclude<Values[Name], undefined> };
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Present;
}

async function openBrowser(page: { url: string; entryUrl: string }, values: OptionValues): Promise<void> {
  const { default: open } = await import('open');
  const tellFailure = () => report(`No browser could be opened; the page is at ${placeOf(page, values)}`);
  try {
    const opener = await open(page.entryUrl);
    opener.once('error', tellFailure);
    // As xdg-open(1) has them. Anything else is how a browser ended that it had opened and waited for.
    opener.once('exit', (code) => {
      if (code !== null && code >= 1 && code <= 4) tellFailure();
    });
  } catch {
    tellFailure();
  }
}

/** Everything that sse-tail itself says goes to stderr: stdout is the command's. */
function report(sentence: string): void {
  // In a raw terminal LF alone doesn't go back to the first column.
  const end = process.stdin.isRaw ? '\r\n' : '\n';
  process.stderr.write(`sse-tail: ${sentence}${end}`);
}

function exitCodeFor({ kind, facts }: SseTailError): number {
  if (kind === 'usage') return 2;
  return typeof facts.exitCode === 'number' ? facts.exitCode : 1;
}
