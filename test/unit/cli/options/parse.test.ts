import { describe, expect, it } from 'vitest';
import { misspelledVariables } from '../../../../agent/cli/options/environment.ts';
import { optionsFor } from '../../../../agent/cli/options/options.ts';
import { parseCommandLine } from '../../../../agent/cli/options/parse.ts';
import { longName } from '../../../../agent/cli/options/spelling.ts';
import { subcommands, type Task } from '../../../../agent/cli/options/subcommands.ts';
import { lineQueryNames } from '../../../../agent/server/resources/query/line-query.ts';
import { SseTailError } from '../../../../agent/words/errors.ts';
import { spawnSync } from '../../../support/sync-child.ts';

const parse = (...args: string[]) => parseCommandLine(args, {}, false);

function mistake(...args: string[]): string {
  try {
    parseCommandLine(args, {}, true);
  } catch (error) {
    expect(error).toBeInstanceOf(SseTailError);
    expect((error as SseTailError).kind).toBe('usage');
    return (error as SseTailError).message;
  }
  throw new Error(`accepted: ${args.join(' ')}`);
}

describe('what is streamed', () => {
  it('operands are files', () => {
    expect(parse('a.log', 'logs/*.log')).toEqual({
      action: 'stream',
      input: { kind: 'files', paths: ['a.log', 'logs/*.log'] },
      values: {},
    });
  });

  it('what stands behind -- is the command, whatever it looks like', () => {
    expect(parse('-q', '--', 'npm', 'run', 'build', '--', '--port', '1')).toEqual({
      action: 'stream',
      input: { kind: 'command', argv: ['npm', 'run', 'build', '--', '--port', '1'], shell: false },
      values: { quiet: true },
    });
  });

  it('-c takes a text for the shell, before or behind --', () => {
    const input = { kind: 'command', argv: ['make && make test'], shell: true };
    expect(parse('-c', 'make && make test')).toMatchObject({ input });
    expect(parse('-c', '--', 'make && make test')).toMatchObject({ input });
  });

  it('nothing, or a dash, is standard input', () => {
    expect(parse()).toMatchObject({ input: { kind: 'stdin' } });
    expect(parse('-')).toMatchObject({ input: { kind: 'stdin' } });
  });

  it('nothing is a mistake where a terminal is the standard input', () => {
    expect(mistake()).toContain('Expected a file, a command after --, or data on standard input');
  });
});

describe('a subcommand', () => {
  it('is the first operand, also behind options', () => {
    expect(parse('logs', '--json')).toEqual({ action: 'logs', values: { json: true } });
    expect(parse('--dir', 'kept', 'cat', 'a', '-n', '5')).toEqual({
      action: 'cat',
      log: 'a',
      values: { dir: 'kept', lines: { last: 5 } },
    });
    expect(parse('rm', 'a', 'b')).toEqual({ action: 'rm', logs: ['a', 'b'], values: {} });
    expect(parse('rm', '--all')).toEqual({ action: 'rm', logs: 'all', values: { all: true } });
    expect(parse('serve', '-p0')).toEqual({ action: 'serve', values: { port: 0 } });
  });

  it('means its own letters behind options and before them', () => {
    expect(parse('--dir', 'D', 'grep', '-n', 'value', 'a.log')).toEqual({
      action: 'grep',
      pattern: 'value',
      logs: ['a.log'],
      values: { dir: 'D', lineNumber: true },
    });
    expect(parse('--dir', 'D', 'grep', '-c', '-o', 'x')).toMatchObject({ values: { count: true, onlyMatching: true } });
    expect(parse('-o', 'x.html', 'export', 'a')).toMatchObject({ action: 'export', values: { output: 'x.html' } });
    expect(parse('-n', '5', 'cat', 'a')).toMatchObject({ action: 'cat', values: { lines: { last: 5 } } });
    expect(parse('-c', 'grep')).toMatchObject({ action: 'stream', input: { argv: ['grep'], shell: true } });
  });

  it('is none with a path, behind another file, or as a command', () => {
    expect(parse('./logs')).toMatchObject({ input: { kind: 'files', paths: ['./logs'] } });
    expect(parse('a.log', 'logs')).toMatchObject({ input: { kind: 'files', paths: ['a.log', 'logs'] } });
    expect(parse('--', 'cat', 'a')).toMatchObject({ input: { kind: 'command', argv: ['cat', 'a'] } });
    expect(parse('toString')).toMatchObject({ input: { kind: 'files', paths: ['toString'] } });
  });

  it('takes what stands behind -- as operands, whatever it looks like', () => {
    const counted = { action: 'grep', pattern: '-x', logs: ['a'], values: { count: true } };
    expect(parse('grep', '-c', '--', '-x', 'a')).toMatchObject(counted);
    expect(mistake('cat', '-c', '--', 'a')).toContain('-c is');
    expect(parse('cat', '--', '-x')).toMatchObject({ action: 'cat', log: '-x' });
  });

  it('has its own help', () => {
    expect(parse('cat', '--help')).toEqual({ action: 'help', task: 'cat' });
    expect(parse('logs', '--version')).toEqual({ action: 'version' });
  });

  it('reads a number as lines of context where it is grep, also among letters', () => {
    expect(parse('grep', '-2', 'x')).toMatchObject({ pattern: 'x', values: { context: 2 } });
    expect(parse('-12', 'grep', 'x')).toMatchObject({ pattern: 'x', values: { context: 12 } });
    expect(parse('grep', '-n10', '-c', 'x')).toMatchObject({ values: { lineNumber: true, context: 10, count: true } });
    expect(parse('grep', '-A1', '--', '-3')).toMatchObject({ pattern: '-3', values: { afterContext: 1 } });
  });

  it.each(['grep', 'cat'] as const)('%s takes what events and raw take to filter', (task) => {
    const range = ['from', 'to', 'tail', 'limit', 'follow', 'source', 'stream'];
    const renamed: Record<string, string> = { word: 'word-regexp', case: 'case-sensitive', q: 'match' };
    for (const side of ['before', 'after']) renamed[side] = `${side}-context`;
    // Values of fields are what a click on the page finds, whose rows are pieces. grep's pattern is an operand, and an
    // expression.
    const without = ['has', 'lacks', 'pieces', ...(task === 'grep' ? ['q', 'regex'] : [])];
    const wanted = [...lineQueryNames, ...range].filter((name) => !without.includes(name));
    const taken = optionsFor(task).map(([name]) => longName(name));
    expect(wanted.map((name) => `--${renamed[name] ?? name}`).filter((name) => !taken.includes(name))).toEqual([]);
  });

  it.each(['grep', 'cat', 'export'] as const)('%s takes sources with commas in their names', (task) => {
    const sources = (...given: string[]) => {
      const args = given.flatMap((names) => ['--source', names]);
      const { values } = parse(task, ...args, 'x') as { values: { source?: string[] } };
      return values.source;
    };
    expect(sources('a,b', 'c')).toEqual(['a', 'b', 'c']);
    expect(sources('a\\,b.log')).toEqual(['a,b.log']);
    expect(sources('a\\,b.log,c', 'd\\,\\,e')).toEqual(['a,b.log', 'c', 'd,,e']);
    // What is no separator stays as it is.
    expect(sources('C:\\logs\\a.log, b')).toEqual(['C:\\logs\\a.log', 'b']);
    expect(mistake(task, '--source', 'a,,b', 'x')).toContain('--source');
  });

  it('takes the variables of its own options only', () => {
    const env = { SSE_TAIL_DIR: 'kept', SSE_TAIL_PORT: 'x', SSE_TAIL_LINES: '7', SSE_TAIL_STRIP: '1' };
    expect(parseCommandLine(['cat', 'a'], env, true)).toEqual({ action: 'cat', log: 'a', values: { dir: 'kept' } });
  });
});

describe('a letter', () => {
  it('means what it means to the subcommand', () => {
    expect(parse('grep', '-n', '-B', '2', '-c', 'x')).toMatchObject({
      values: { lineNumber: true, beforeContext: 2, count: true },
    });
    expect(parse('cat', '-n', '2', '-B', '3', 'x')).toMatchObject({ values: { lines: { last: 2 }, beforeContext: 3 } });
    expect(parse('serve', '-B')).toMatchObject({ values: { open: true } });
  });

  it.each(['stream', ...Object.keys(subcommands)] as Task[])('has one meaning to %s', (task) => {
    const letters = optionsFor(task).flatMap(([, { short }]) => short ?? []);
    expect(letters).toEqual([...new Set(letters)]);
  });
});

describe('values', () => {
  it('are parsed by their option', () => {
    expect(
      parse('-n', '+5', '-p0', '--retain=2MiB', '--linger', '5m', '--no-keep', '-B', '--title', 'a b', 'x.log'),
    ).toMatchObject({
      values: {
        lines: { line: 5 },
        port: 0,
        retain: 2 * 1024 ** 2,
        linger: 300_000,
        noKeep: true,
        open: true,
        title: 'a b',
      },
    });
    expect(parse('-n', 'all', '--linger', 'forever', 'x.log')).toMatchObject({
      values: { lines: 'all', linger: Number.POSITIVE_INFINITY },
    });
    expect(parse('-n', '20', 'x.log')).toMatchObject({ values: { lines: { last: 20 } } });
  });

  it('come from the environment where the command line says nothing', () => {
    const env = { SSE_TAIL_PORT: '8080', SSE_TAIL_QUIET: '1', SSE_TAIL_NO_KEEP: '0', SSE_TAIL_TITLE: '' };
    const invocation = parseCommandLine(['--port', '9090', 'x.log'], env, true);
    expect(invocation).toMatchObject({ values: { port: 9090, quiet: true, noKeep: false } });
    expect(invocation).not.toHaveProperty('values.title');
  });

  it('of a list are gathered, separated by commas or given again', () => {
    const args = ['--allow-host', 'a.example,b.example:8443', '--allow-host=c.example', '--redact', 'A, B', 'x.log'];
    expect(parse(...args)).toMatchObject({
      values: { allowHost: ['a.example', 'b.example:8443', 'c.example'], redact: ['A', 'B'] },
    });
    const patterns = parse('--redact-pattern', 'a,b{2}', '--redact-pattern', 'c', 'x.log');
    expect(patterns).toMatchObject({ values: { redactPattern: ['a,b{2}', 'c'] } });
    expect(parse('--allow-origin', 'https://CI.example.com/', 'x.log')).toMatchObject({
      values: { allowOrigin: ['https://ci.example.com'] },
    });
  });

  it('but not what Kubernetes or Docker made up for a service or container called sse-tail', () => {
    const env = { SSE_TAIL_PORT: 'tcp://10.0.0.7:7730', SSE_TAIL_NAME: '/web/sse-tail', SSE_TAIL_TITLE: 'build' };
    expect(parseCommandLine(['--', 'make'], env, true)).toMatchObject({ values: { title: 'build' } });
    expect(parseCommandLine(['--', 'make'], env, true)).not.toMatchObject({ values: { name: expect.anything() } });
    expect(parseCommandLine(['serve'], { SSE_TAIL_PORT: 'udp://[fd00::1]:53' }, true)).toEqual({
      action: 'serve',
      values: {},
    });
    expect(parseCommandLine(['x'], { SSE_TAIL_NAME: '/web/sse-tail' }, true)).toMatchObject({
      values: { name: '/web/sse-tail' },
    });
  });

  it('about a Unix socket need one; from the environment they wait for it', () => {
    expect(parse('--socket', 'a.sock', '--socket-mode', '660', '--socket-group', 'www-data', 'x')).toMatchObject({
      values: { socket: 'a.sock', socketMode: 0o660, socketGroup: 'www-data' },
    });
    expect(mistake('--socket-mode', '660', 'x')).toBe('--socket-mode has no effect without --socket. Add --socket.');
    expect(mistake('--socket', 'a', '--socket-mode', '999', 'x')).toContain('expects three octal digits');
    expect(parseCommandLine(['x'], { SSE_TAIL_SOCKET_MODE: '666' }, true)).toMatchObject({ action: 'stream' });
  });

  it('that exclude each other: the command line stands against the environment', () => {
    const env = { SSE_TAIL_TOKEN: 'x'.repeat(20), SSE_TAIL_PORT: '1', SSE_TAIL_REDACT: 'X' };
    const valuesOf = (...args: string[]) => {
      const invocation = parseCommandLine([...args, 'x.log'], env, true);
      return 'values' in invocation ? invocation.values : {};
    };
    expect(valuesOf()).toMatchObject({ token: 'x'.repeat(20), port: 1, redact: ['X'] });
    expect(valuesOf('--no-auth')).not.toHaveProperty('token');
    expect(valuesOf('--token-file', 'f')).toEqual({ tokenFile: 'f', port: 1, redact: ['X'] });
    expect(valuesOf('--socket', 's')).not.toHaveProperty('port');
    expect(valuesOf('--no-redact')).not.toHaveProperty('redact');
  });

  const excluding = [
    [['--token', 'x'.repeat(20)], ['--token-file', 'f'], ['--no-auth']],
    [
      ['--socket', 's'],
      ['--port', '0'],
    ],
    [
      ['--socket', 's'],
      ['--port', '7'],
    ],
    [
      ['--socket', 's'],
      ['--host', '::1'],
    ],
    [['--socket', 's'], ['--open']],
    [['--no-redact'], ['--redact', 'X']],
    [['--no-redact'], ['--redact-pattern', 'x']],
    [['--name', 'n'], ['--no-keep']],
  ];
  const pairs = excluding.flatMap((group) => group.flatMap((one) => group.map((other) => [one, other] as const)));

  it.each(pairs.filter(([one, other]) => one !== other))(
    '%j holds, and the variable for %j is ignored',
    (one, other) => {
      const variable = (word = '') => `SSE_TAIL_${word.slice(2).replaceAll('-', '_').toUpperCase()}`;
      const env = { [variable(other[0])]: other[1] ?? '1' };
      expect(parseCommandLine([...one, 'x.log'], env, true)).toEqual(parseCommandLine([...one, 'x.log'], {}, true));
      expect(mistake(...one, ...other, 'x.log')).toMatch(/^--[a-z-]+ and --[a-z-]+ can't be used together\.$/);
      const both = { ...env, [variable(one[0])]: one[1] ?? '1' };
      expect(() => parseCommandLine(['x.log'], both, true)).toThrow("can't be used together");
    },
  );

  it.each([
    ['-c', '--count'],
    ['-o', '--only-matching'],
  ])('grep --json prints objects, and no %s', (short, long) => {
    expect(mistake('grep', '--json', short, 'x')).toBe(`--json and ${long} can't be used together.`);
  });

  it.each([
    [['grep', '-c', '--follow', 'x'], "--count and --follow can't be used together."],
    [['cat', '-n', '5', '--tail', '5', 'x'], "--lines and --tail can't be used together."],
    [['cat', '-n', '+5', '--from', '5', 'x'], "--lines and --from can't be used together."],
    [['grep', '--from', '5', '--to', '4', 'x'], '--to expects a line number not below --from (5), but got "4".'],
    [['cat', '-n', '+5', '--to', '4', 'x'], '--to expects a line number not below --lines (5), but got "4".'],
    [['grep', '--from', '0', 'x'], '--from expects a line number (1, 2, 3 …), but got "0".'],
    [['grep', '-m', '0', 'x'], '-m expects a number of lines (1, 2, 3 …), but got "0".'],
    [['cat', '--stream', 'out', 'x'], '--stream expects stdout or stderr, but got "out".'],
    [['grep', '-10001', 'x'], '-10001 expects a number of lines (0 to 10000), but got "10001".'],
  ])('%j', (args, message) => {
    expect(mistake(...args)).toBe(message);
  });

  it('are ignored as variables where what they depend on is not asked for', () => {
    const env = { SSE_TAIL_NO_SERVE: '1', SSE_TAIL_SOCKET_MODE: '666', SSE_TAIL_SOCKET: 's' };
    expect(parseCommandLine(['-p', '0', 'x.log'], env, true)).toMatchObject({ values: { port: 0 } });
    expect(parseCommandLine(['-p', '0', 'x.log'], env, true)).toEqual(parseCommandLine(['-p', '0', 'x.log'], {}, true));
  });

  it('help and version win over everything else that is right', () => {
    expect(parse('--help', 'x.log')).toEqual({ action: 'help', task: 'stream' });
    expect(parse('-h')).toEqual({ action: 'help', task: 'stream' });
    expect(parse('--version')).toEqual({ action: 'version' });
  });
});

describe('a mistake is one message with what was expected, what was given, and what to do', () => {
  it.each([
    [['--port', '70000', 'x'], '--port expects a port number from 0 to 65535, but got "70000".'],
    [['-p', 'http', 'x'], '-p expects a port number from 0 to 65535, but got "http".'],
    [['x', '--port'], '--port expects a port number from 0 to 65535, but got nothing.'],
    [['-n', '-5', 'x'], '-n expects a number of lines, "all", or "+k" to start at line k, but got "-5".'],
    [
      ['--tty', '--size', '120', '--', 'x'],
      '--size expects columns and rows from 1 to 1000, such as 120x40, but got "120".',
    ],
    [
      ['--tty', '--size', '0x40', '--', 'x'],
      '--size expects columns and rows from 1 to 1000, such as 120x40, but got "0x40".',
    ],
    [['--size', '120x40', '--', 'x'], '--size has no effect without --tty. Add --tty.'],
    [['--retain', 'much', 'x'], '--retain expects a size of at least 1M, such as 500M or 4GiB, but got "much".'],
    [['--retain', '1000K', 'x'], '--retain expects a size of at least 1M, such as 500M or 4GiB, but got "1000K".'],
    [['--linger', 'a while', 'x'], '--linger expects a duration such as 30s, 5m or "forever", but got "a while".'],
    [['--quiet=yes', 'x'], '--quiet takes no value, but got "yes".'],
    [['--prot', '1', 'x'], 'Unknown option --prot. Did you mean --port? See sse-tail --help.'],
    [['-x', 'x.log'], '-x is only an option of sse-tail grep. See sse-tail grep --help.'],
    [['-k'], 'Unknown option -k. See sse-tail --help.'],
    [['-c', ''], '-c expects a command line, but got an empty value.'],
    [['--host', '', 'x'], '--host expects an address, but got an empty value.'],
    [['x.log', '--', 'make'], 'Expected files or a command, but got both: x.log and a command.'],
    [['--'], 'Expected a command after --, but got nothing.'],
    [['-c', 'a', '--', 'b'], 'Expected one command, but got one with -c and another after --.'],
    [['x.log', ''], 'Expected the name of a file, but got an empty one. Is a variable not set?'],
    [['x.log', '-'], 'Expected files or "-" for standard input, but got both.'],
    [['-n', '5', '--', 'make'], '--lines only applies to files, but the input is a command.'],
    [['--token', 'x', '--no-auth', 'x'], "--token and --no-auth can't be used together."],
    [['--socket', 's', '--open', 'x'], "--socket and --open can't be used together."],
    [['--socket-mode', '660', 'x'], '--socket-mode has no effect without --socket. Add --socket.'],
    [['--tls-key', 'k', 'x'], '--tls-key has no effect without --tls-cert. Add --tls-cert.'],
    [['--tls-cert', 'k', 'x'], '--tls-cert has no effect without --tls-key. Add --tls-key.'],
    [['--allow-host', 'a b', 'x'], '--allow-host expects a host name such as logs.example.com, but got "a b".'],
    [['--allow-origin', '*', 'x'], '--allow-origin expects an origin such as https://ci.example.com, but got "*".'],
    [['-n', '5', '-'], '--lines only applies to files, but the input is standard input.'],
    [['--poll', '1s', '-'], '--poll only applies to files, but the input is standard input.'],
    [['--no-color', 'x.log'], '--no-color only applies to a command, but the input is files.'],
    [['--save', 'y', 'x.log'], '--save only applies to a command or standard input, but the input is files.'],
    [['--name', 'x', '--no-keep', 'x.log'], "--name and --no-keep can't be used together."],
    [['--json', 'x.log'], '--json is only an option of sse-tail logs and grep. See sse-tail logs --help.'],
    [['logs', '--quiet'], '--quiet is not an option of sse-tail logs. See sse-tail logs --help.'],
    [['logs', 'x'], 'logs takes no arguments, but got "x". To follow a file of that name, write ./logs.'],
    [['serve', 'x'], 'serve takes no arguments, but got "x". To follow a file of that name, write ./serve.'],
    [['cat'], 'cat expects one log, but got none. "sse-tail logs" lists them.'],
    [['cat', 'a', 'b'], 'cat expects one log, but got 2. "sse-tail logs" lists them.'],
    [['cat', '-n', 'x', 'a'], '-n expects a number of lines, "all", or "+k" to start at line k, but got "x".'],
    [['rm'], 'rm expects at least one log, or --all, but got none. "sse-tail logs" lists them.'],
    [
      ['cat', '--since', 'x', 'a'],
      '--since expects an age such as 10m or 2h, or a time such as 2026-01-31T12:00:00Z, but got "x".',
    ],
    [['rm', '--all', 'a'], 'rm expects logs or --all, but got both: "a" and --all.'],
  ])('%j', (args, message) => {
    expect(mistake(...args)).toBe(message);
  });

  it.each([
    [['--foo', 'x'], 'Unknown option --foo. See sse-tail --help.'],
    [['--colors', 'x'], 'Unknown option --colors. See sse-tail --help.'],
    [['cat', '--foo', 'x'], 'Unknown option --foo. See sse-tail cat --help.'],
    [['cat', '--leve', 'error', 'x'], 'Unknown option --leve. Did you mean --level? See sse-tail cat --help.'],
    [['--leve', 'error', 'x'], 'Unknown option --leve. See sse-tail --help.'],
    [['-o', 'x'], '-o is only an option of sse-tail grep and export. See sse-tail grep --help.'],
    [['cat', '-o', 'x'], '-o is not an option of sse-tail cat. See sse-tail cat --help.'],
    [['cat', '-p', '1', 'x'], '-p is not an option of sse-tail cat. See sse-tail cat --help.'],
    [['--match', 'a', 'x'], '--match is only an option of sse-tail cat and export. See sse-tail cat --help.'],
    [['-w', 'x'], '-w is only an option of sse-tail grep, cat and export. See sse-tail grep --help.'],
    [['-f', 'x'], 'sse-tail has no option -f. sse-tail always follows; leave it out.'],
    [['--follow', 'x'], 'sse-tail has no option --follow. sse-tail always follows; leave it out.'],
    [['--tail', '3', 'x'], 'sse-tail has no option --tail. Use -n for the last lines of a file.'],
    [['-20', 'x.log'], 'sse-tail has no option -2. Use -n for the last lines of a file.'],
    [['cat', '-20', 'x'], 'sse-tail cat has no option -2. Use -n for the last lines.'],
    [['cat', '-m', '3', 'x'], 'sse-tail cat has no option -m. Use --limit to end after so many lines.'],
    [['grep', '--max-count', '3', 'x'], 'sse-tail grep has no option --max-count. Use -m, or --limit.'],
    [
      ['grep', '-f', 'patterns', 'x'],
      "sse-tail grep has no option -f. Write the patterns as 'one|other'. For new lines as they are written use --follow.",
    ],
    [['cat', '-F', 'x'], 'sse-tail cat has no option -F. Use -f for new lines.'],
    [
      ['grep', '-i', 'x'],
      'sse-tail grep has no option -i. Case is ignored unless you search for a capital letter; -s makes it always count.',
    ],
    [['grep', '-v', 'x'], 'sse-tail grep has no option -v. Use --not to leave out lines that contain a text.'],
    [
      ['grep', '-e', 'x'],
      "sse-tail grep has no option -e. The pattern is the first argument; write several as 'one|other'.",
    ],
    [
      ['grep', '-r', 'x'],
      'sse-tail grep has no option -r. It searches all kept logs unless you name some; leave it out.',
    ],
    [['rm', '-rf', 'x'], 'sse-tail rm has no option -r. A log is removed as a whole; leave it out.'],
  ])('an option from elsewhere: %j', (args, message) => {
    expect(mistake(...args)).toBe(message);
  });

  it("a variable that is nearly one is told, and no mistake: it may be somebody else's", () => {
    const env = { SSE_TAIL_PROT: '1', SSE_TAIL_NO_KEPT: '', SSE_TAIL_PORT: '1', PATH: '/bin' };
    const ofOthers = {
      SSE_TAIL_VERSION: '1.2.3',
      SSE_TAIL_PORT_80_TCP: 'tcp://10.0.0.1:80',
      SSE_TAIL_SERVICE_HOST: 'x',
    };
    expect(misspelledVariables({ ...env, ...ofOthers })).toEqual([
      'The environment variable SSE_TAIL_PROT is unknown and was ignored. Did you mean SSE_TAIL_PORT?',
      'The environment variable SSE_TAIL_NO_KEPT is unknown and was ignored. Did you mean SSE_TAIL_NO_KEEP?',
    ]);
    expect(parseCommandLine(['x'], env, true)).toMatchObject({ action: 'stream', values: { port: 1 } });
  });

  it('also in a variable, which it names', () => {
    expect(() => parseCommandLine(['x'], { SSE_TAIL_PORT: 'x' }, true)).toThrow(
      'SSE_TAIL_PORT expects a port number from 0 to 65535, but got "x".',
    );
  });
});

it('every option of GNU grep is taken, or has advice', () => {
  const help = spawnSync('grep', ['--help'], { encoding: 'utf8' }).stdout;
  const spellings = [...help.matchAll(/(?<=^ *|, )--?[A-Za-z][a-z-]*/gm)].map(([spelling]) => spelling);
  // Elsewhere grep is another one, which prints no help.
  expect(new Set(spellings).size).toBeGreaterThan(process.platform === 'linux' ? 60 : -1);
  for (const spelling of spellings) {
    // The British spelling of --color.
    if (spelling.startsWith('--colou')) continue;
    const answer = attempt('grep', spelling, '1', 'x');
    expect(answer, spelling).not.toContain('Unknown option');
    expect(answer, spelling).not.toContain('is not an option');
  }
});

function attempt(...args: string[]): string {
  try {
    return parse(...args).action;
  } catch (error) {
    return (error as SseTailError).message;
  }
}
