import { parseArgs } from 'node:util';
import { isHost } from '../server/guard/host.ts';
import { parseOrigin } from '../server/guard/origin.ts';
import type { StartAt } from '../sources/file/file.ts';
import { parsePattern } from '../text/redact/pattern.ts';
import { SseTailError } from '../words/errors.ts';
import { parseDuration, parseSize } from '../words/units.ts';
import { isSubcommand, type SubcommandName, subcommands, type Task } from './subcommands.ts';

/** One option: parser, `--help` and the README's table are made from these entries. */
export interface Option<Value = unknown> {
  short?: string;
  /** How its value is called in the help; an option without is a flag. */
  value?: string;
  group: 'Input' | 'Page' | 'Access' | 'Secrets' | 'Keeping' | 'Kept logs' | 'General';
  /** One sentence. */
  help: string;
  /** What holds when it isn't given, as the help says it. */
  standard?: string;
  /** False for an option that makes no sense as an environment variable. */
  env?: false;
  /** May be given more than once; its value is a list of all that were given. */
  isList?: true;
  /** The value of a text, or undefined when the text is not what `expects` says. */
  parse(text: string): Value | undefined;
  /** What a value has to be: `--port expects <expects>, but was given "x".` */
  expects: string;
  /** What takes it; left out: streaming only. */
  takenBy?: readonly Task[];
  /** Where a subcommand means it a little differently. */
  meaning?: Partial<Record<SubcommandName, Pick<Option, 'help' | 'standard' | 'env'>>>;
}

function flag(option: Omit<Option, 'parse' | 'expects' | 'value'>): Option<boolean> {
  return { ...option, parse: (text) => flagTexts[text.toLowerCase()], expects: '1 or 0' };
}

const flagTexts: Readonly<Record<string, boolean>> = {
  '1': true,
  true: true,
  yes: true,
  '0': false,
  false: false,
  no: false,
  '': false,
};

function text(option: Omit<Option, 'parse' | 'expects'>): Option<string> {
  return { ...option, parse: (given) => (given === '' ? undefined : given), expects: 'some text' };
}

/** Texts, separated by commas in one value, or one value each. */
function list(
  option: Omit<Option, 'parse' | 'isList'>,
  parseOne: (text: string) => string | undefined,
): Option<string[]> {
  return {
    ...option,
    isList: true,
    parse(given) {
      const parsed = given.split(',').map((one) => parseOne(one.trim()));
      return parsed.includes(undefined) ? undefined : (parsed as string[]);
    },
  };
}

export const options = {
  lines: {
    short: 'n',
    value: 'n|all|+k',
    group: 'Input',
    help: 'Begin a file with its last n lines, all of it, or line k',
    standard: '10000',
    parse: parseStart,
    expects: 'a number of lines, "all", or "+k" for line k on',
    takenBy: ['stream', 'cat'],
    meaning: {
      cat: { help: 'Begin with the last n lines, all of them, or line k', standard: 'all', env: false },
    },
  } satisfies Option<StartAt>,
  shell: text({
    short: 'c',
    value: 'text',
    group: 'Input',
    help: 'Run the text with /bin/sh, so that pipes and && work',
    env: false,
  }),
  poll: {
    value: 'interval',
    group: 'Input',
    help: 'Look at files this often, for file systems without change events: 500ms, 2s',
    parse: (given) => parseDuration(given) || undefined,
    expects: 'an interval such as 500ms or 2s',
  } satisfies Option<number>,
  tty: flag({ group: 'Input', help: 'Run the command on a pseudo-terminal, with standard input typed into it' }),
  noColor: flag({ group: 'Input', help: "Don't ask the command for colours" }),
  save: text({
    value: 'file',
    group: 'Input',
    help: 'Write the bytes of the command or standard input to a file as well',
  }),
  quiet: flag({ short: 'q', group: 'Input', help: "Don't copy the output to this terminal" }),
  port: {
    short: 'p',
    value: 'port',
    group: 'Page',
    help: 'Listen on this port; 0 picks a free one',
    standard: '7730 or the next free one',
    parse: (given) => integerWithin(given, 0, 65_535),
    expects: 'a port number from 0 to 65535',
    takenBy: ['stream', 'serve'],
  } satisfies Option<number>,
  host: text({
    value: 'address',
    group: 'Page',
    help: 'Listen on this address',
    standard: '127.0.0.1',
    takenBy: ['stream', 'serve'],
  }),
  open: flag({ short: 'B', group: 'Page', help: 'Open the page in a browser', takenBy: ['stream', 'serve'] }),
  title: text({ value: 'text', group: 'Page', help: 'Title of the page', standard: 'the name of the log' }),
  linger: {
    value: 'duration',
    group: 'Page',
    help: 'Serve on for this long after the end: 30s, 5m, forever',
    standard: 'forever on a terminal, else until viewers have everything',
    parse: (given) => (given === 'forever' ? Number.POSITIVE_INFINITY : parseDuration(given)),
    expects: 'a duration such as 30s, 5m or "forever"',
  } satisfies Option<number>,
  once: flag({
    group: 'Page',
    help: 'End when the page was opened and closed again; a command still comes to its end',
  }),
  token: text({
    value: 'text',
    group: 'Access',
    help: 'Let in only who knows this; better in the variable or a file, which `ps` does not show',
    standard: 'made up where others can connect',
    takenBy: ['stream', 'serve'],
  }),
  tokenFile: text({
    value: 'file',
    group: 'Access',
    help: 'Read the token from a file',
    takenBy: ['stream', 'serve'],
  }),
  noAuth: flag({ group: 'Access', help: 'Let in whoever can connect', takenBy: ['stream', 'serve'] }),
  allowHost: list(
    {
      value: 'name',
      group: 'Access',
      help: 'Answer under this name too, such as that of a reverse proxy; may be repeated',
      expects: 'a host name such as logs.example.com',
      takenBy: ['stream', 'serve'],
    },
    (name) => (isHost(name) ? name : undefined),
  ),
  allowOrigin: list(
    {
      value: 'origin',
      group: 'Access',
      help: "Let another site's pages read; may be repeated",
      expects: 'an origin such as https://ci.example.com',
      takenBy: ['stream', 'serve'],
    },
    parseOrigin,
  ),
  socket: text({
    value: 'path',
    group: 'Access',
    help: 'Listen on a Unix socket instead, for you alone',
    takenBy: ['stream', 'serve'],
  }),
  socketMode: {
    value: 'mode',
    group: 'Access',
    help: 'Permissions of the socket, such as 660',
    standard: '600, with --socket-group 660',
    parse: (given) => (/^0?[0-7]{3}$/.test(given) ? Number.parseInt(given, 8) : undefined),
    expects: 'three octal digits such as 660',
    takenBy: ['stream', 'serve'],
  } satisfies Option<number>,
  socketGroup: text({
    value: 'group',
    group: 'Access',
    help: 'Let this group connect to the socket, such as that of a reverse proxy',
    takenBy: ['stream', 'serve'],
  }),
  tlsCert: text({
    value: 'file',
    group: 'Access',
    help: 'Serve over TLS with this certificate (PEM); it is read again when it changes',
    takenBy: ['stream', 'serve'],
  }),
  tlsKey: text({ value: 'file', group: 'Access', help: "The certificate's key (PEM)", takenBy: ['stream', 'serve'] }),
  redact: list(
    {
      value: 'name',
      group: 'Secrets',
      help: 'Replace the value of this variable by *** as well; may be repeated',
      standard: 'those named like *_TOKEN, *_PASSWORD, *_KEY',
      expects: 'the name of an environment variable',
    },
    (name) => (/^[^=\s]+$/.test(name) ? name : undefined),
  ),
  redactPattern: {
    value: 'regex',
    group: 'Secrets',
    help: 'Replace what this matches by ***, or only its group; may be repeated',
    isList: true,
    parse(given) {
      const pattern = parsePattern(given);
      return pattern && [pattern];
    },
    expects: 'a regular expression without back-references or repetitions of what itself varies',
  } satisfies Option<RegExp[]>,
  noRedact: flag({ group: 'Secrets', help: 'Keep every line as it is printed' }),
  name: text({ value: 'name', group: 'Keeping', help: 'Keep one lasting log of this name and go on in it' }),
  dir: text({
    value: 'path',
    group: 'Keeping',
    help: 'Keep logs here',
    standard: '$XDG_STATE_HOME/sse-tail',
    takenBy: ['stream', 'logs', 'cat', 'rm', 'serve'],
    meaning: {
      logs: inThisFolder('List the logs kept here'),
      cat: inThisFolder('Look for the log here'),
      rm: inThisFolder('Look for the logs here'),
      serve: inThisFolder('Serve the logs kept here'),
    },
  }),
  noKeep: flag({ group: 'Keeping', help: 'Forget the log at the end' }),
  retain: {
    value: 'size',
    group: 'Keeping',
    help: 'Keep at most this much of a log: 500M, 4GiB',
    standard: '1GiB',
    parse: parseSize,
    expects: 'a size such as 500M or 4GiB',
  } satisfies Option<number>,
  fsync: flag({ group: 'Keeping', help: 'Show no line before the disk has it: safe from power loss, slower' }),
  json: flag({ group: 'Kept logs', help: 'Print a JSON array instead of a table', env: false, takenBy: ['logs'] }),
  follow: flag({
    short: 'f',
    group: 'Kept logs',
    help: 'Go on with what is still being written, until the log is finished',
    env: false,
    takenBy: ['cat'],
  }),
  strip: flag({
    group: 'Kept logs',
    help: 'Leave out colours and other escape sequences',
    env: false,
    takenBy: ['cat'],
  }),
  all: flag({
    group: 'Kept logs',
    help: 'Remove every log but those that are being written',
    env: false,
    takenBy: ['rm'],
  }),
  version: flag({ group: 'General', help: 'Print the version', env: false, takenBy: everyTask() }),
  help: flag({ short: 'h', group: 'General', help: 'Print this help', env: false, takenBy: everyTask() }),
};

function inThisFolder(help: string) {
  return { help, standard: '$XDG_STATE_HOME/sse-tail' };
}

function everyTask(): Task[] {
  return ['stream', ...(Object.keys(subcommands) as SubcommandName[])];
}

/** The options that a task takes, worded for it, in the order of the help. */
export function optionsFor(task: Task): [OptionName, Option][] {
  return optionNames.flatMap((name) => {
    const option: Option = options[name];
    if (!(option.takenBy ?? ['stream']).includes(task)) return [];
    const meaning = task === 'stream' ? undefined : option.meaning?.[task];
    return [[name, { ...option, ...meaning }] as [OptionName, Option]];
  });
}

/** The values that were given, by option; what was not given is absent. */
export type OptionValues = {
  [Name in keyof typeof options]?: Exclude<ReturnType<(typeof options)[Name]['parse']>, undefined>;
};

export type OptionName = keyof typeof options;

/** What to stream. */
export type Input =
  | { kind: 'files'; paths: string[] }
  | { kind: 'command'; argv: string[]; shell: boolean }
  | { kind: 'stdin' };

/** What the command line asks for. */
export type Invocation =
  | { action: 'help'; task: Task }
  | { action: 'version' }
  | { action: 'stream'; input: Input; values: OptionValues }
  | { action: 'logs' | 'serve'; values: OptionValues }
  /** `log` and `logs`: ids, beginnings of ids, or names. */
  | { action: 'cat'; log: string; values: OptionValues }
  | { action: 'rm'; logs: string[] | 'all'; values: OptionValues };

/** Name on the command line: `--no-keep`. */
export function longName(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Name of the environment variable: `SSE_TAIL_NO_KEEP`. */
export function envName(name: string): string {
  return `SSE_TAIL_${longName(name).slice(2).replaceAll('-', '_').toUpperCase()}`;
}

/**
 * @param args what follows the program's name
 * @param env variables `SSE_TAIL_*` stand in for options that are not given
 * @param stdinIsTerminal whether there is nothing to read on standard input
 * @throws SseTailError kind `usage`: one sentence with what was expected and what was given
 */
export function parseCommandLine(args: string[], env: NodeJS.ProcessEnv, stdinIsTerminal: boolean): Invocation {
  const { own, command } = splitAtCommand(args);
  const { given, operands } = readWords(own);
  const [first] = operands;
  const task = isSubcommand(first) ? first : 'stream';
  const values = valuesOf(given, task);
  if (values.help) return { action: 'help', task };
  if (values.version) return { action: 'version' };
  const all = () => settle(values, fromEnvironment(env, task));
  if (task !== 'stream') return invocationOf(task, [...operands.slice(1), ...(command?.words ?? [])], all());
  const input = inputOf(values, operands, command, stdinIsTerminal);
  refuseForeign(values, input);
  if (values.name !== undefined && values.noKeep) {
    throw usage('--name keeps a lasting log and --no-keep forgets it: expected one of them, but was given both.');
  }
  return { action: 'stream', input, values: all() };
}

/** Options of which at most one can hold. One on the command line stands against what the environment says of the others. */
const alternatives: OptionName[][][] = [
  [['token'], ['tokenFile'], ['noAuth']],
  [['socket'], ['host', 'port']],
  [['socket'], ['open']],
  [['noRedact'], ['redact', 'redactPattern']],
];

function settle(given: OptionValues, fromEnv: OptionValues): OptionValues {
  const values = { ...fromEnv, ...given };
  for (const group of alternatives) {
    const asked = group.filter((names) => names.some((name) => given[name]));
    if (asked.length > 0) {
      for (const name of group.flat()) if (!asked.flat().includes(name)) delete values[name];
    }
    const held = group.flatMap((names) => names.filter((name) => values[name]).slice(0, 1));
    if (held.length > 1) {
      const [one, other] = held.map(longName);
      throw usage(`${one} and ${other} exclude each other: expected one of them, but was given both.`);
    }
  }
  for (const name of ['socketMode', 'socketGroup'] as const) {
    if (given[name] !== undefined && values.socket === undefined) {
      throw usage(`${longName(name)} is about a Unix socket: expected --socket as well.`);
    }
  }
  if ((values.tlsCert === undefined) !== (values.tlsKey === undefined)) {
    throw usage('--tls-cert and --tls-key go together: expected both, but was given one.');
  }
  return values;
}

function invocationOf(task: SubcommandName, operands: string[], values: OptionValues): Invocation {
  const [first, second] = operands;
  switch (task) {
    case 'logs':
    case 'serve':
      if (first === undefined) return { action: task, values };
      throw usage(`${task} expects nothing behind it, but was given "${first}" (a file is ./${task}).`);
    case 'cat':
      if (first !== undefined && second === undefined) return { action: 'cat', log: first, values };
      throw usage(`cat expects one log, but was given ${first === undefined ? 'none' : operands.length}.`);
    case 'rm':
      if (values.all && first !== undefined) {
        throw usage(`rm expects logs or --all, but was given both: "${first}" and --all.`);
      }
      if (values.all) return { action: 'rm', logs: 'all', values };
      if (first !== undefined) return { action: 'rm', logs: operands, values };
      throw usage('rm expects one log or several, or --all, but was given none.');
  }
}

/** Options that are about one kind of input. In the environment they wait for an input of their kind. */
const inputsOf: Partial<Record<OptionName, { kinds: Input['kind'][]; because: string }>> = {
  lines: { kinds: ['files'], because: 'says where a file begins' },
  poll: { kinds: ['files'], because: 'says how often files are looked at' },
  save: { kinds: ['command', 'stdin'], because: 'keeps what a command or standard input prints' },
  noColor: { kinds: ['command'], because: 'is said to a command' },
  tty: { kinds: ['command'], because: 'says how a command is run' },
};

const inputWords: Record<Input['kind'], string> = { files: 'files', command: 'a command', stdin: 'standard input' };

function refuseForeign(values: OptionValues, { kind }: Input): void {
  for (const name of Object.keys(values) as OptionName[]) {
    const about = inputsOf[name];
    if (about === undefined || about.kinds.includes(kind)) continue;
    throw usage(`${longName(name)} ${about.because}, but the input is ${inputWords[kind]}.`);
  }
}

interface CommandWords {
  words: string[];
  shell: boolean;
}

/** What stands behind `--` is the command, word for word. `-c --` joins its words for the shell. */
function splitAtCommand(args: string[]): { own: string[]; command?: CommandWords } {
  const at = args.indexOf('--');
  if (at < 0) return { own: args };
  const own = args.slice(0, at);
  const last = own.at(-1);
  const shell = last === '-c' || last === '--shell';
  return { own: shell ? own.slice(0, -1) : own, command: { words: args.slice(at + 1), shell } };
}

/** An option as it stands on the command line. */
interface GivenOption {
  name: OptionName;
  rawName: string;
  value: string | undefined;
}

function readWords(args: string[]): { given: GivenOption[]; operands: string[] } {
  const { tokens } = parseArgs({
    args,
    options: parseArgsConfig(),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const given: GivenOption[] = [];
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind !== 'option') continue;
    const name = optionNames.find((candidate) => longName(candidate) === `--${token.name}`);
    if (name === undefined) throw unknownOption(token.rawName);
    given.push({ name, rawName: token.rawName, value: token.value });
  }
  return { given, operands };
}

function valuesOf(given: GivenOption[], task: Task): OptionValues {
  const values: Record<string, unknown> = {};
  const taken = new Map(optionsFor(task));
  for (const { name, rawName, value } of given) {
    const option = taken.get(name);
    if (option === undefined) throw notTaken(rawName, options[name], task);
    if (option.value === undefined && value !== undefined) {
      throw usage(`${rawName} is a flag and takes no value, but was given "${value}".`);
    }
    if (option.value !== undefined && value === undefined) {
      throw usage(`${rawName} expects ${option.expects}, but nothing was given.`);
    }
    const parsed = parseValue(rawName, option, value ?? '1');
    values[name] = option.isList ? [...((values[name] as unknown[]) ?? []), ...(parsed as unknown[])] : parsed;
  }
  return values;
}

const optionNames = Object.keys(options) as OptionName[];

function parseArgsConfig() {
  return Object.fromEntries(
    optionNames.map((name) => {
      const { short, value }: Option = options[name];
      const type = value === undefined ? ('boolean' as const) : ('string' as const);
      return [longName(name).slice(2), short === undefined ? { type } : { type, short }];
    }),
  );
}

function parseValue(givenAs: string, option: Option, given: string): unknown {
  const value = option.parse(given);
  if (value === undefined) throw usage(`${givenAs} expects ${option.expects}, but was given "${given}".`);
  return value;
}

function fromEnvironment(env: NodeJS.ProcessEnv, task: Task): OptionValues {
  const values: Record<string, unknown> = {};
  for (const [name, option] of optionsFor(task)) {
    const given = env[envName(name)];
    if (option.env !== false && given !== undefined && given !== '' && !isMadeUp(name, given, env)) {
      values[name] = parseValue(envName(name), option, given);
    }
  }
  return values;
}

/**
 * Whether a variable was set by Kubernetes or Docker for a service or a linked container called `sse-tail`, and not by
 * somebody who means us: `SSE_TAIL_PORT=tcp://10.0.0.7:7730` and, with Docker, `SSE_TAIL_NAME=/web/sse-tail`.
 */
function isMadeUp(name: OptionName, given: string, env: NodeJS.ProcessEnv): boolean {
  const isAddress = (text: string | undefined) => /^(?:tcp|udp|sctp):\/\//.test(text ?? '');
  if (name === 'name') return /^\/[^/]+\/[^/]+$/.test(given) && isAddress(env[envName('port')]);
  return isAddress(given);
}

/**
 * A sentence for each variable that is nearly that of an option: it was meant to say something, and says nothing. Others that begin with
 * `SSE_TAIL_` may be anybody's: container images and Kubernetes make up such names.
 */
export function misspeltVariables(env: NodeJS.ProcessEnv): string[] {
  const names = optionNames.filter((name) => (options[name] as Option).env !== false).map(envName);
  return Object.keys(env).flatMap((name) => {
    if (!name.startsWith('SSE_TAIL_') || names.includes(name)) return [];
    const near = names.find((candidate) => isNear(candidate, name));
    return near === undefined ? [] : [`${name} is the variable of no option; did you mean ${near}? (see --help).`];
  });
}

function inputOf(
  values: OptionValues,
  operands: string[],
  command: CommandWords | undefined,
  stdinIsTerminal: boolean,
): Input {
  if (command !== undefined || values.shell !== undefined) {
    if (operands.length > 0)
      throw usage(`Expected files or a command, but was given both: ${operands.join(' ')} and a command.`);
    if (command === undefined) return { kind: 'command', argv: [values.shell as string], shell: true };
    if (values.shell !== undefined) throw usage('Expected one command, but was given one with -c and one after --.');
    if (command.words.length === 0) throw usage('Expected a command after --, but nothing stands there.');
    return { kind: 'command', argv: command.words, shell: command.shell };
  }
  if (operands.length === 0) {
    if (stdinIsTerminal) {
      throw usage(
        'Expected a file, a command after --, or something piped into standard input, but was given none (see --help).',
      );
    }
    return { kind: 'stdin' };
  }
  if (!operands.includes('-')) return { kind: 'files', paths: operands };
  if (operands.length > 1) throw usage('Expected files or "-" for standard input, but was given both.');
  return { kind: 'stdin' };
}

function unknownOption(given: string): SseTailError {
  const near = optionNames
    .map(longName)
    .find((name) => name.startsWith(given) || given.startsWith(name) || isNear(name, given));
  return usage(`There is no option ${given}${near === undefined ? '' : `; did you mean ${near}?`} (see --help).`);
}

function notTaken(given: string, { takenBy = ['stream'] }: Option, task: Task): SseTailError {
  if (task !== 'stream') {
    return usage(`${given} is not an option of sse-tail ${task} (see sse-tail ${task} --help).`);
  }
  const takers = takenBy.map((taker) => `sse-tail ${taker}`).join(' and ');
  return usage(`${given} is an option of ${takers} only (see --help).`);
}

function usage(message: string): SseTailError {
  return new SseTailError('usage', message);
}

function parseStart(given: string): StartAt | undefined {
  if (given === 'all') return 'all';
  const number = integerWithin(given.replace(/^\+/, ''), 0, Number.MAX_SAFE_INTEGER);
  if (number === undefined) return undefined;
  return given.startsWith('+') ? { line: Math.max(1, number) } : { last: number };
}

function integerWithin(given: string, least: number, most: number): number | undefined {
  if (!/^\d+$/.test(given)) return undefined;
  const number = Number(given);
  return number >= least && number <= most ? number : undefined;
}

function isNear(name: string, given: string): boolean {
  return distance(name, given) <= 2;
}

/** Levenshtein distance: how many letters have to be changed. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
