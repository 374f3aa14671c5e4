import { gapText } from '../frame/plain-text.ts';
import { listed, sizeText } from '../words/amounts.ts';
import { causeOf, causeOfWriting, isOutOfDescriptors, SseTailError } from '../words/errors.ts';
import { shellWord } from '../words/raw-text.ts';
import type { Gap } from '../words/wire.ts';
import type { InputKind } from './options/option.ts';
import type { Task } from './options/subcommands.ts';

/** Every sentence that the command line says about itself. The help texts of options stand in their table. */

const usage = (message: string, cause?: unknown) => new SseTailError('usage', message, {}, cause);
/** An error names at most this many of the logs that a word matches. */
const mostNamed = 5;
const programOf = (task: Task) => (task === 'stream' ? 'sse-tail' : `sse-tail ${task}`);
const inputWords: Record<InputKind, string> = { files: 'files', command: 'a command', stdin: 'standard input' };

/** Mistakes in the command line: what was expected, what was given, what to do. */
export const mistakes = {
  unknownOption: (given: string, task: Task, near: string | undefined) =>
    usage(
      `Unknown option ${given}.${near === undefined ? '' : ` Did you mean ${near}?`} See ${programOf(task)} --help.`,
    ),
  foreignOption: (given: string, task: Task, advice: string) =>
    usage(`${programOf(task)} has no option ${given}. ${advice}`),
  notTaken: (given: string, task: Task, takenBy: readonly Task[]) =>
    task === 'stream'
      ? usage(`${given} is only an option of sse-tail ${listed(takenBy, 'and')}. See sse-tail ${takenBy[0]} --help.`)
      : usage(`${given} is not an option of ${programOf(task)}. See ${programOf(task)} --help.`),
  noValueExpected: (option: string, given: string) => usage(`${option} takes no value, but got "${given}".`),
  valueMissing: (option: string, expected: string) => usage(`${option} expects ${expected}, but got nothing.`),
  badValue: (option: string, expected: string, given: string) =>
    usage(`${option} expects ${expected}, but got ${given === '' ? 'an empty value' : `"${given}"`}.`),
  exclusive: (one: string, other: string) => usage(`${one} and ${other} can't be used together.`),
  secretInArguments: (option: string, variable: string, other: string) =>
    usage(
      `${option} holds a password or token, which every user of this machine can see. Put it in ${variable}, or use ${other}.`,
    ),
  needs: (option: string, other: string) => usage(`${option} has no effect without ${other}. Add ${other}.`),
  otherInput: (option: string, kinds: readonly InputKind[], given: InputKind) =>
    usage(
      `${option} only applies to ${kinds.map((kind) => inputWords[kind]).join(' or ')}, but the input is ${inputWords[given]}.`,
    ),

  filesAndCommand: (operands: readonly string[]) =>
    usage(`Expected files or a command, but got both: ${operands.join(' ')} and a command.`),
  forgottenDashes: (first: string, meant: string) =>
    usage(`There is no file "${first}". Did you mean "${meant}"? To wait for a file of that name, write ./${first}.`),
  emptyName: () => usage('Expected the name of a file, but got an empty one. Is a variable not set?'),
  filesAndStdin: () => usage('Expected files or "-" for standard input, but got both.'),
  twoCommands: () => usage('Expected one command, but got one with -c and another after --.'),
  noCommand: () => usage('Expected a command after --, but got nothing.'),
  noInput: () =>
    usage('Expected a file, a command after --, or data on standard input, but got none. See sse-tail --help.'),

  noOperands: (task: Task, given: string) =>
    usage(`${task} takes no arguments, but got "${given}". To follow a file of that name, write ./${task}.`),
  oneLog: (task: Task, count: number) =>
    usage(`${task} expects one log, but got ${count === 0 ? 'none' : count}. "sse-tail logs" lists them.`),
  noPattern: () => usage('grep expects a pattern, but got nothing. See sse-tail grep --help.'),
  badPattern: (pattern: string, error: SseTailError, literally: string) => {
    const { at } = error.facts;
    const place = typeof at === 'number' ? ` at character ${at + 1}` : '';
    return usage(
      `Expected a regular expression, but got "${pattern}": ${error.message}${place}. ${literally} to search for it literally.`,
    );
  },
  noShell: (given: readonly string[]) =>
    usage(`completions expects bash, zsh or fish, but got ${given.length === 0 ? 'nothing' : `"${given.join(' ')}"`}.`),
  noLogs: () => usage('rm expects at least one log, or --all, but got none. "sse-tail logs" lists them.'),
  logsAndAll: (given: string) => usage(`rm expects logs or --all, but got both: "${given}" and --all.`),

  noSuchLog: (given: string, dir?: string) => {
    const [place, option] = dir === undefined ? ['', ''] : [` in ${dir}`, ` --dir ${shellWord(dir)}`];
    return new SseTailError('journal', `There is no log "${given}"${place}. "sse-tail logs${option}" lists them.`, {
      given,
    });
  },
  severalLogs: (given: string, ids: readonly string[]) => {
    const more = ids.length > mostNamed ? ` and ${ids.length - mostNamed} more` : '';
    const named = ids.slice(0, mostNamed).join(', ');
    return new SseTailError(
      'journal',
      `"${given}" matches ${ids.length} logs: ${named}${more}. Use the ID of one of them.`,
      { given, ids },
    );
  },
  exportToTerminal: () =>
    usage("export writes HTML, which a terminal can't show. Add -o run.html, or redirect the output."),
  exportFile: (path: string, error: unknown) =>
    new SseTailError('journal', `The file "${path}" can't be written: ${causeOfWriting(error)}.`, { path }, error),
  justRemoved: (id: string) => new SseTailError('journal', `The log ${id} has just been removed.`, { id }),
  unread: (id: string, why: string) =>
    new SseTailError('journal', `The log ${id} was not printed as a whole. ${why}`, { id }),

  weakToken: (path: string, fault: string) => usage(`The token in ${path} ${fault}.`),
  tokenFile: (path: string, error: unknown) =>
    usage(`--token-file expects a readable file, but "${path}" can't be read: ${causeOf(error)}.`, error),
};

/** What the person who runs sse-tail should know. */
export const notices = {
  needsInit:
    'sse-tail is the first process of this container, but does not reap orphaned processes. Start the container with an init (docker run --init).',
  unknownVariable: (name: string, near: string) =>
    `The environment variable ${name} is unknown and was ignored. Did you mean ${near}?`,
  /** What was asked for helps to find out why; which file it was that could not be opened any more says nothing. */
  unforeseen: (error: unknown) =>
    `The system refused something that sse-tail needs: ${causeOf(error)}.${isOutOfDescriptors(error) ? '' : ` ${error}.`}`,
  noSharedLogs: 'No agent has published a log to this store yet.',
  noLogs: (dir: string) => `No logs are kept in ${dir}.`,
  noLogsYet: (dir: string) => `No logs are kept in ${dir} yet. They appear on the page as soon as there are some.`,
  nothingToRedact: (name: string, isSet: boolean) =>
    isSet
      ? `--redact ${name} has no effect: the value of that variable is too short for a secret.`
      : `--redact ${name} has no effect: there is no environment variable of that name.`,
  publishing: (log: string, place: string) => `Publishing ${log} to ${place}.`,
  unacknowledged: (lines: number, isForgotten = false) => {
    const [what, which] = lines === 1 ? ['The last line is', 'it'] : [`The last ${lines} lines are`, 'them'];
    const fate = isForgotten ? '--no-keep deletes' : 'The log on this machine has';
    return `${what} not in the store. ${fate} ${which}.`;
  },
  awaitingStore: (what: 'acknowledged' | 'synced', mostMs: number) => {
    const atMost = mostMs === Number.POSITIVE_INFINITY ? '' : `, for at most ${durationText(mostMs)}`;
    return `Waiting until the store has ${what} every line${atMost}.`;
  },
  undelivered: (lines: number) =>
    `The store has acknowledged everything, but a power failure there could still take the last ${
      lines === 1 ? 'line' : `${lines} lines`
    }: wait longer (--linger), or set sync_interval in NATS and sync-interval in --store.`,
  storeAwaited: (cause: string) => `${cause} Retrying.`,
  outputBroken: (cause: string) => `The output can't be written: ${cause}.`,
  unsearched: (id: string, cause: string) => `The log ${id} could not be searched: ${cause}`,
  unsearchedLines: (id: string, gap: Gap) => `The log ${id} was not searched as a whole: ${gapText(gap)}.`,
  removed: (id: string) => `Removed ${id}.`,
  removedAll: (removed: number, bytes: number, staying: number) =>
    `Removed ${logCount(removed)} (${sizeText(bytes)}).${stayingText(staying)}`,
  keptUnreadable: (count: number) => `${logCount(count)} can't be read and stayed. Remove by id what is not wanted.`,
};

function stayingText(count: number): string {
  if (count === 0) return '';
  return count === 1 ? ' 1 log is still in use and was kept.' : ` ${count} logs are still in use and were kept.`;
}

function durationText(ms: number): string {
  return ms < 120_000 ? `${Math.ceil(ms / 1000)} s` : `${Math.ceil(ms / 60_000)} min`;
}

function logCount(count: number): string {
  return count === 1 ? '1 log' : `${count} logs`;
}
