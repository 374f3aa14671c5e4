import { contextExpected, mostContext } from '../../finding/line-query.ts';
import { parseStoreAddress } from '../../journal/nats/cluster/store-address.ts';
import { isHost } from '../../server/guard/host.ts';
import { parseOrigin } from '../../server/guard/origin.ts';
import type { StartAt } from '../../sources/file/file.ts';
import type { WindowSize } from '../../sources/source.ts';
import { type Level, parseLevel } from '../../text/level.ts';
import { encodingNamed } from '../../text/lines/encoding.ts';
import { parseLinkTemplate } from '../../text/link-template.ts';
import { parsePattern } from '../../text/redact/pattern.ts';
import type { Stream } from '../../words/line.ts';
import { isStream } from '../../words/selection.ts';
import { parseDuration, parseMoment, parseSize } from '../../words/units.ts';
import { flag, integerWithin, list, type Option, parseStart, parseWindowSize, splitNames, text } from './option.ts';
import { type SubcommandName, subcommands, type Task } from './subcommands.ts';

/** Lines are dropped by segments of many batches: of less, nothing or everything would be kept. */
const smallestRetained = 1024 * 1024;

export const options = {
  lines: {
    short: 'n',
    value: 'n|all|+k',
    group: 'Input',
    help: 'Start at the last n lines of a file, at its beginning (all), or at line k',
    standard: '10000',
    parse: parseStart,
    expects: 'a number of lines, "all", or "+k" to start at line k',
    inputs: ['files'],
    takenBy: ['stream', 'cat'],
    meaning: {
      cat: { help: 'Start at the last n lines, at the beginning (all), or at line k', standard: 'all', env: false },
    },
  } satisfies Option<StartAt>,
  recursive: flag({
    short: 'r',
    group: 'Input',
    help: 'Follow the files in a directory and in all directories below it',
    inputs: ['files'],
  }),
  shell: text({
    short: 'c',
    value: 'command',
    group: 'Input',
    help: 'Run this command line with /bin/sh, so that pipes and && work',
    env: false,
    expects: 'a command line',
  }),
  poll: {
    value: 'interval',
    group: 'Input',
    help: 'Check files at this interval (500ms, 2s), for file systems without change events',
    parse: (given) => parseDuration(given) || undefined,
    expects: 'an interval such as 500ms or 2s',
    inputs: ['files'],
  } satisfies Option<number>,
  encoding: {
    value: 'name',
    group: 'Input',
    help: 'Character encoding of the input (gbk, shift_jis, windows-1252)',
    standard: 'utf-8',
    parse: encodingNamed,
    expects: 'an ASCII-compatible encoding, such as gbk, shift_jis or windows-1252',
  } satisfies Option<string>,
  tty: flag({
    group: 'Input',
    help: 'Run the command on a pseudo-terminal and pass standard input to it as typed',
    inputs: ['command'],
  }),
  size: {
    value: 'WxH',
    group: 'Input',
    help: 'Size of the pseudo-terminal, such as 120x40',
    standard: 'that of this terminal; without one COLUMNS and LINES, or 120x40',
    parse: parseWindowSize,
    expects: 'columns and rows from 1 to 1000, such as 120x40',
    inputs: ['command'],
  } satisfies Option<WindowSize>,
  noColor: flag({ group: 'Input', help: "Don't ask the command to print colors", inputs: ['command'] }),
  save: text({
    value: 'file',
    group: 'Input',
    help: 'Also write the output of the command, or standard input, to a file',
    inputs: ['command', 'stdin'],
  }),
  quiet: flag({ short: 'q', group: 'Input', help: "Don't print the output on this terminal" }),
  port: {
    short: 'p',
    value: 'port',
    group: 'Page',
    help: 'Listen on this port; 0 picks a free one',
    standard: '7730, or the next free port',
    parse: (given) => integerWithin(given, 0, 65_535),
    expects: 'a port number from 0 to 65535',
    takenBy: ['stream', 'serve', 'healthcheck'],
    meaning: { healthcheck: { help: 'Check the sse-tail on this port', standard: '7730' } },
  } satisfies Option<number>,
  host: text({
    value: 'address',
    group: 'Page',
    help: 'Listen on this address',
    standard: '127.0.0.1',
    takenBy: ['stream', 'serve', 'healthcheck'],
    meaning: { healthcheck: { help: 'Check the sse-tail on this address', standard: '127.0.0.1' } },
  }),
  open: flag({ short: 'B', group: 'Page', help: 'Open the page in a browser', takenBy: ['stream', 'serve'] }),
  title: text({ value: 'text', group: 'Page', help: 'Title of the page', standard: 'the name of the log' }),
  linkTemplate: {
    value: 'url',
    group: 'Page',
    help: 'Turn paths with line numbers into links: vscode://file/{path}:{line}:{column}',
    parse: (given) => parseLinkTemplate(given)?.text,
    expects: 'a URL with {path} that runs no script, such as vscode://file/{path}:{line}',
    takenBy: ['stream', 'serve'],
  } satisfies Option<string>,
  linger: {
    value: 'duration',
    group: 'Page',
    help: 'Keep serving for this long after the input has ended: 30s, 5m, forever',
    standard: 'forever on a terminal; otherwise until all viewers are up to date',
    parse: (given) => (given === 'forever' ? Number.POSITIVE_INFINITY : parseDuration(given)),
    expects: 'a duration such as 30s, 5m or "forever"',
  } satisfies Option<number>,
  once: flag({
    group: 'Page',
    help: 'Exit once the page has been opened and closed again; never interrupts a command',
  }),
  token: text({
    value: 'text',
    group: 'Access',
    help: 'Require this token; prefer the variable or a file, which `ps` does not show',
    standard: 'generated where other machines can connect',
    takenBy: ['stream', 'serve', 'healthcheck'],
    meaning: { healthcheck: { help: 'Send this token', standard: 'none' } },
  }),
  tokenFile: text({
    value: 'file',
    group: 'Access',
    help: 'Read the token from a file',
    takenBy: ['stream', 'serve', 'healthcheck'],
    meaning: { healthcheck: { help: 'Read the token to send from a file' } },
  }),
  noAuth: flag({ group: 'Access', help: 'Let anyone who can connect read the log', takenBy: ['stream', 'serve'] }),
  allowHost: list(
    {
      value: 'name',
      group: 'Access',
      help: 'Also accept requests for this host name, such as that of a reverse proxy; may be repeated',
      expects: 'a host name such as logs.example.com',
      takenBy: ['stream', 'serve'],
    },
    (name) => (isHost(name) ? name : undefined),
  ),
  allowOrigin: list(
    {
      value: 'origin',
      group: 'Access',
      help: 'Let pages of this other origin read the log; may be repeated',
      expects: 'an origin such as https://ci.example.com',
      takenBy: ['stream', 'serve'],
    },
    parseOrigin,
  ),
  showPaths: flag({
    group: 'Access',
    help: 'Show viewers absolute paths of files and working directories',
    takenBy: ['stream', 'serve'],
  }),
  socket: text({
    value: 'path',
    group: 'Access',
    help: 'Listen on a Unix socket instead of a port; only you can connect',
    takenBy: ['stream', 'serve', 'healthcheck'],
    meaning: { healthcheck: { help: 'Check the sse-tail on this Unix socket' } },
  }),
  socketMode: {
    value: 'mode',
    group: 'Access',
    help: 'Permissions of the socket, such as 660',
    standard: '600; 660 with --socket-group',
    parse: (given) => (/^0?[0-7]{3}$/.test(given) ? Number.parseInt(given, 8) : undefined),
    expects: 'three octal digits such as 660',
    takenBy: ['stream', 'serve'],
  } satisfies Option<number>,
  socketGroup: text({
    value: 'group',
    group: 'Access',
    help: 'Let this group, such as that of a reverse proxy, connect to the socket',
    takenBy: ['stream', 'serve'],
  }),
  tlsCert: text({
    value: 'file',
    group: 'Access',
    help: 'Serve over TLS with this certificate (PEM), which is reloaded when it changes',
    takenBy: ['stream', 'serve'],
  }),
  tlsKey: text({
    value: 'file',
    group: 'Access',
    help: 'Private key of the certificate (PEM)',
    takenBy: ['stream', 'serve'],
  }),
  redact: list(
    {
      value: 'name',
      group: 'Secrets',
      help: 'Also replace the value of this environment variable with ***; may be repeated',
      standard: 'variables named like *_TOKEN, *_PASSWORD, *_KEY',
      expects: 'the name of an environment variable',
    },
    (name) => (/^[^=\s]+$/.test(name) ? name : undefined),
  ),
  redactPattern: {
    value: 'regex',
    group: 'Secrets',
    help: 'Replace matches of this pattern, or of its group, with ***; may be repeated',
    isList: true,
    parse(given) {
      parsePattern(given);
      return [given];
    },
    expects: 'a regular expression',
  } satisfies Option<string[]>,
  noRedact: flag({ group: 'Secrets', help: 'Keep every line as printed, secrets included' }),
  name: text({
    value: 'name',
    group: 'Storage',
    help: 'Keep a persistent log of this name, which every run continues',
  }),
  dir: text({
    value: 'path',
    group: 'Storage',
    help: 'Directory where logs are kept',
    standard: '$XDG_STATE_HOME/sse-tail',
    takenBy: ['stream', 'logs', 'cat', 'grep', 'export', 'rm', 'serve'],
    meaning: {
      grep: inThisDirectory('Look for the logs in this directory'),
      logs: inThisDirectory('List the logs kept in this directory'),
      cat: inThisDirectory('Look for the log in this directory'),
      export: inThisDirectory('Look for the log in this directory'),
      rm: inThisDirectory('Look for the logs in this directory'),
      serve: inThisDirectory('Serve the logs kept in this directory'),
    },
  }),
  store: {
    value: 'url',
    group: 'Storage',
    help: 'Also publish the log to NATS JetStream: nats://host:4222',
    parse: (given) => parseStoreAddress(given) && given,
    expects: 'an address such as nats://host:4222',
    takenBy: ['stream', 'logs', 'cat', 'grep', 'export', 'rm', 'serve'],
    meaning: {
      grep: { help: 'Search the logs published to this store' },
      logs: { help: 'List the logs published to this store' },
      cat: { help: 'Print a log published to this store' },
      export: { help: 'Export a log published to this store' },
      rm: { help: 'Remove logs published to this store' },
      serve: { help: 'Serve the logs published to this store: nats://host:4222' },
    },
  } satisfies Option<string>,
  natsCreds: text({
    value: 'file',
    group: 'Storage',
    help: 'NATS credentials file for --store',
    takenBy: ['stream', 'logs', 'cat', 'grep', 'export', 'rm', 'serve'],
  }),
  noServe: flag({ group: 'Page', help: 'Serve no page here, only publish to --store' }),
  noKeep: flag({ group: 'Storage', help: 'Delete the log on exit' }),
  retain: {
    value: 'size',
    group: 'Storage',
    help: 'Keep at most this much of a log (500M, 4GiB), at least 1M; its oldest lines go first',
    standard: '1GiB',
    parse(given) {
      const bytes = parseSize(given);
      return bytes !== undefined && bytes >= smallestRetained ? bytes : undefined;
    },
    expects: 'a size of at least 1M, such as 500M or 4GiB',
  } satisfies Option<number>,
  fsync: flag({ group: 'Storage', help: 'Write each line to disk before showing it: survives power loss, slower' }),
  json: flag({
    group: 'Kept logs',
    help: 'Print a JSON array instead of a table',
    env: false,
    takenBy: ['logs', 'grep'],
    meaning: { grep: { help: 'Print a JSON object for each line', env: false } },
  }),
  fixedStrings: flag({
    short: 'F',
    ...searching('Take the pattern literally, not as a regular expression', ['grep']),
  }),
  lineRegexp: flag({ short: 'x', ...searching('Find only lines that match as a whole', ['grep']) }),
  wordRegexp: flag({ short: 'w', ...searching('Find whole words only', ['grep', 'cat', 'export']) }),
  caseSensitive: flag({
    short: 's',
    ...searching('Match case, even if the pattern has no capital letter', ['grep', 'cat', 'export']),
  }),
  match: text({ value: 'text', ...searching('Only lines that contain this text', ['cat', 'export']) }),
  regex: flag(searching('Take --match and --not as regular expressions', ['cat', 'export'])),
  not: {
    value: 'text',
    ...searching('Leave out lines that contain this text; may be repeated', ['grep', 'cat', 'export']),
    isList: true,
    parse: (given) => (given === '' ? undefined : [given]),
    expects: 'a text',
  } satisfies Option<string[]>,
  level: list(
    {
      value: 'level',
      ...searching('Only lines of these levels, separated by commas: error, warn, info, debug', [
        'grep',
        'cat',
        'export',
      ]),
      expects: 'error, warn, info or debug',
    },
    parseLevel,
  ) as Option<Level[]>,
  source: list(
    {
      value: 'name',
      ...searching('Only lines of these sources, separated by commas (\\, in a name); may be repeated', [
        'grep',
        'cat',
        'export',
      ]),
      expects: 'the name of a source',
    },
    (name) => name || undefined,
    splitNames,
  ),
  stream: list(
    {
      value: 'stream',
      ...searching('Only lines of this stream: stdout or stderr', ['grep', 'cat', 'export']),
      expects: 'stdout or stderr',
    },
    (name) => (isStream(name) ? name : undefined),
  ) as Option<Stream[]>,
  since: moment('Only lines since this time: an age (10m, 2h) or 2026-01-31T12:00:00Z'),
  until: moment('Only lines until this time'),
  context: context({
    short: 'C',
    value: 'n',
    ...searching('Also print n lines before and after each match', ['grep', 'cat', 'export']),
    meaning: { grep: { help: 'Also print n lines before and after each match; -2 is -C 2', env: false } },
  }),
  beforeContext: context({
    short: 'B',
    value: 'n',
    ...searching('Also print n lines before each match', ['grep', 'cat', 'export']),
  }),
  afterContext: context({
    short: 'A',
    value: 'n',
    ...searching('Also print n lines after each match', ['grep', 'cat', 'export']),
  }),
  record: flag(
    searching('Also print the rest of the stack trace, object or compiler message around a match', [
      'grep',
      'cat',
      'export',
    ]),
  ),
  from: lineNumber('Only lines from this number on'),
  to: lineNumber('Only lines up to this number'),
  tail: {
    value: 'n',
    ...searching('Only the last n matching lines of each log', ['grep', 'cat']),
    parse: (given) => integerWithin(given, 0, Number.MAX_SAFE_INTEGER),
    expects: 'a number of lines',
    meaning: { cat: { help: 'Only the last n lines, or the last n that match', env: false } },
  } satisfies Option<number>,
  limit: {
    short: 'm',
    value: 'n',
    ...searching('Stop after n matching lines in each log', ['grep', 'cat']),
    parse: (given) => integerWithin(given, 1, Number.MAX_SAFE_INTEGER),
    expects: 'a number of lines (1, 2, 3 …)',
    meaning: { cat: { help: 'Stop after n lines', env: false } },
    letterFor: ['grep'],
  } satisfies Option<number>,
  lineNumber: flag({ short: 'n', ...searching('Print the number of each line', ['grep']) }),
  count: flag({ short: 'c', ...searching('Print only how many lines of each log match', ['grep']) }),
  onlyMatching: flag({ short: 'o', ...searching('Print only what matches, each match on its own line', ['grep']) }),
  follow: flag({
    short: 'f',
    group: 'Kept logs',
    help: 'Print new lines as they are written, until the log is finished',
    env: false,
    takenBy: ['cat', 'grep'],
    letterFor: ['cat'],
    meaning: { grep: { help: 'Print new matches as they are written, until the logs are finished', env: false } },
  }),
  strip: flag({
    group: 'Kept logs',
    help: 'Remove colors and other escape sequences',
    env: false,
    takenBy: ['cat'],
  }),
  output: text({
    short: 'o',
    value: 'file',
    group: 'Kept logs',
    help: 'Write to this file; - is standard output',
    expects: 'a file name',
    standard: 'standard output, unless that is a terminal',
    env: false,
    takenBy: ['export'],
  }),
  all: flag({
    group: 'Kept logs',
    help: 'Remove every log that is not in use',
    env: false,
    takenBy: ['rm'],
  }),
  version: flag({ short: 'V', group: 'General', help: 'Print the version', env: false, takenBy: everyTask() }),
  help: flag({ short: 'h', group: 'General', help: 'Print this help', env: false, takenBy: everyTask() }),
};

function searching(help: string, takenBy: Task[]) {
  return { group: 'Kept logs' as const, help, env: false as const, takenBy };
}

function lineNumber(help: string): Option<number> {
  return {
    value: 'n',
    ...searching(help, ['grep', 'cat']),
    parse: (given) => integerWithin(given, 1, Number.MAX_SAFE_INTEGER),
    expects: 'a line number (1, 2, 3 …)',
  };
}

function context(option: Omit<Option, 'parse' | 'expects'>): Option<number> {
  return { ...option, parse: (given) => integerWithin(given, 0, mostContext), expects: contextExpected };
}

function moment(help: string): Option<number> {
  return {
    value: 'time',
    ...searching(help, ['grep', 'cat', 'export']),
    parse: (given) => parseMoment(given, Date.now()),
    expects: 'an age such as 10m or 2h, or a time such as 2026-01-31T12:00:00Z',
  };
}

function inThisDirectory(help: string) {
  return { help, standard: '$XDG_STATE_HOME/sse-tail' };
}

function everyTask(): Task[] {
  return ['stream', ...(Object.keys(subcommands) as SubcommandName[])];
}

export type OptionName = keyof typeof options;

export const optionNames = Object.keys(options) as OptionName[];

/** The values that were given, by option; what was not given is absent. */
export type OptionValues = {
  [Name in OptionName]?: Exclude<ReturnType<(typeof options)[Name]['parse']>, undefined>;
};

/** The options that a task takes, worded for it, in the order of the help. */
export function optionsFor(task: Task): [OptionName, Option][] {
  return optionNames.flatMap((name) => {
    const option: Option = options[name];
    if (!(option.takenBy ?? ['stream']).includes(task)) return [];
    const meaning = task === 'stream' ? undefined : option.meaning?.[task];
    const { short, ...rest } = { ...option, ...meaning };
    const hasLetter = short !== undefined && (option.letterFor?.includes(task) ?? true);
    return [[name, hasLetter ? { short, ...rest } : rest] as [OptionName, Option]];
  });
}
