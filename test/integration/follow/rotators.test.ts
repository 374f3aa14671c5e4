import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFileSource } from '../../../agent/sources/file/file.ts';
import { createRecordingSink, type RecordingSink } from '../../support/recording-sink.ts';
import { howToInstall, installRotators, type Rotator } from '../../support/rotators.ts';
import { execFileSync } from '../../support/sync-child.ts';

const missing = installRotators();
const env = { ...process.env, PATH: [process.env.PATH, '/usr/sbin'].join(delimiter) };

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'sse-tail-rotators-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

it('programs that rotate are installed', (context) => {
  if (missing.length > 0) context.skip(howToInstall(missing));
});

function follow(directory: string, name: string, after?: RecordingSink) {
  const positions = after?.positions;
  return createFileSource({ paths: [join(directory, name)], start: 'all', ...(positions && { positions }) });
}

const losses = ({ notices }: RecordingSink) => notices.filter((text) => /lost|not read|can't be read/.test(text));

/** Moves `app.log` of a directory out of the way. */
type Rotate = (directory: string) => Promise<unknown> | unknown;

function logrotate(...directives: string[]): Rotate {
  return async (directory) => {
    const config = join(directory, 'rotate.conf');
    const lines = [`${join(directory, 'app.log')} {`, 'rotate 20', ...directives, '}'];
    if (directives.includes(olddir)) mkdirSync(join(directory, 'old'), { recursive: true });
    writeFileSync(config, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 });
    // Two of one second have one date.
    if (directives.includes('dateext') && existsSync(join(directory, 'rotate.state'))) await sleep(1001);
    execFileSync('logrotate', ['-f', '-s', join(directory, 'rotate.state'), config], { stdio: 'pipe', env });
  };
}

const olddir = 'olddir old';

const savelog: Rotate = (cwd) => execFileSync('savelog', ['-l', '-c', '9', 'app.log'], { stdio: 'pipe', cwd });

const rotations: [string, Rotator, Rotate][] = [
  ['create', 'logrotate', logrotate('create')],
  ['nocreate', 'logrotate', logrotate('nocreate')],
  ['compress', 'logrotate', logrotate('create', 'compress')],
  ['delaycompress', 'logrotate', logrotate('create', 'compress', 'delaycompress')],
  ['extension', 'logrotate', logrotate('create', 'extension .log')],
  ['addextension', 'logrotate', logrotate('create', 'addextension .kept', 'compress', 'delaycompress')],
  ['start 0', 'logrotate', logrotate('create', 'start 0')],
  ['start 998', 'logrotate', logrotate('create', 'start 998', 'rotate 1020')],
  ['shred', 'logrotate', logrotate('create', 'shred', 'compress')],
  ['maxage, nocompress', 'logrotate', logrotate('create', 'maxage 1', 'nocompress')],
  ['renamecopy', 'logrotate', logrotate('renamecopy')],
  ['copy, and a postrotate that truncates', 'logrotate', logrotate('copy', 'postrotate', ': > $1', 'endscript')],
  ['a prerotate that renames', 'logrotate', logrotate('prerotate', 'mv $1 $1.$(date +%s%N); touch $1', 'endscript')],
  ['copytruncate', 'logrotate', logrotate('copytruncate')],
  ['copytruncate, compress', 'logrotate', logrotate('copytruncate', 'compress')],
  ['copytruncate, delaycompress', 'logrotate', logrotate('copytruncate', 'compress', 'delaycompress')],
  ['dateext', 'logrotate', logrotate('create', 'dateext', 'dateformat -%Y%m%d-%s')],
  ['dateext, compress', 'logrotate', logrotate('create', 'dateext', 'dateformat .%s', 'extension .log', 'compress')],
  ['olddir', 'logrotate', logrotate('create', olddir)],
  ['dateext, day first', 'logrotate', logrotate('create', 'dateext', 'dateformat -%d-%m-%Y_%s', 'compress')],
  ['olddir, compress', 'logrotate', logrotate('create', olddir, 'compress')],
  ['createolddir', 'logrotate', logrotate('create', 'olddir made', 'createolddir', 'compress', 'delaycompress')],
  ['as it does', 'savelog', savelog],
];

describe.concurrent.each(rotations)('%s, rotated by %s', (name, program, rotate) => {
  const lines = Array.from({ length: 16 }, (_, at) => `${name} ${at}`);

  it.skipIf(missing.includes(program)).each(['while it is followed', 'three times at once', 'while nobody follows'])(
    'each line comes once and in its order: %s',
    async (when) => {
      const directory = mkdtempSync(join(root, 'a-'));
      const write = (from: number, to: number) => {
        appendFileSync(
          join(directory, 'app.log'),
          lines
            .slice(from, to)
            .map((line) => `${line}\n`)
            .join(''),
        );
      };
      write(0, 4);
      const first = createRecordingSink();
      const source = follow(directory, 'app.log');
      await source.start(first);
      await first.until(() => first.lines.length === 4, 'the first lines');
      if (when === 'while nobody follows') await source.stop();
      const come = async (count: number) => {
        if (when === 'while it is followed') await first.until(() => first.lines.length >= count, `${count} lines`);
      };
      for (let at = 4; at < lines.length; at += 4) {
        write(at, at + 1);
        await come(at + 1);
        await rotate(directory);
        write(at + 1, at + 4);
        await come(at + 4);
      }
      const second = createRecordingSink();
      if (when === 'while nobody follows') {
        const resumed = follow(directory, 'app.log', first);
        await resumed.start(second);
        await second.until(() => second.lines.length >= 12, 'the rest');
        await resumed.stop();
      } else {
        await first.until(() => first.lines.length >= 16, 'all lines');
        await source.stop();
      }
      expect([...first.lines, ...second.lines]).toEqual(lines);
      expect([...losses(first), ...losses(second)]).toEqual([]);
    },
  );
});

it.skipIf(missing.includes('logrotate'))('what logrotate encrypts has come before, and is no text', async () => {
  const directory = mkdtempSync(join(root, 'a-'));
  const rotate = logrotate('compress', 'compresscmd /usr/bin/base64', 'compressoptions -w0', 'compressext .gpg');
  const sink = createRecordingSink();
  const source = follow(directory, 'app.log');
  await source.start(sink);
  const lines = ['one', 'two', 'three', 'four'];
  for (const [at, line] of lines.entries()) {
    appendFileSync(join(directory, 'app.log'), `${line}\n`);
    await sink.until(() => sink.lines.includes(line), line);
    if (at < 3) await rotate(directory);
  }
  await source.stop();
  expect(sink.lines).toEqual(lines);
  expect(losses(sink)).toEqual([]);
});

const count = 400;
const lineOf = (at: number) => `line ${String(at).padStart(5, '0')} ${'x'.repeat(40)}`;

/** A program that rotates what it is given on its standard input: the first lines at first, then all others. */
interface Logger {
  program: Rotator;
  argv: string[];
  files: Record<string, string>;
  log: string;
}

/** Python's handlers, with what is written before them. */
function python(handler: string, prelude = ''): Logger {
  const script = `import gzip, logging, logging.handlers, os, shutil, sys
${prelude}
handler = ${handler}
handler.setFormatter(logging.Formatter('%(message)s'))
log = logging.getLogger()
log.addHandler(handler)
for line in sys.stdin: log.warning(line.rstrip())
`;
  return { program: 'python3', argv: ['python3', 'log.py'], files: { 'log.py': script }, log: 'app.log' };
}

/** As the cookbook of Python's documentation has it. */
const gzipHandler = `class Gzip(logging.handlers.RotatingFileHandler):
    def rotation_filename(self, name): return name + '.gz'
    def rotate(self, source, dest):
        with open(source, 'rb') as text, gzip.open(dest, 'wb') as packed: shutil.copyfileobj(text, packed)
        os.remove(source)`;

const supervised = { files: {}, log: 'current' };
const loggers: Record<string, Logger> = {
  multilog: { program: 'multilog', argv: ['multilog', 's4096', 'n100', '.'], ...supervised },
  svlogd: { program: 'svlogd', argv: ['svlogd', '.'], ...supervised, files: { config: 's4096\nn100\n' } },
  's6-log': { program: 's6-log', argv: ['s6-log', 'n100', 's4096', '.'], ...supervised },
  RotatingFileHandler: python("logging.handlers.RotatingFileHandler('app.log', maxBytes=2000, backupCount=60)"),
  TimedRotatingFileHandler: python("logging.handlers.TimedRotatingFileHandler('app.log', when='S')"),
  'RotatingFileHandler with gzip': python("Gzip('app.log', maxBytes=2000, backupCount=60)", gzipHandler),
};

describe.concurrent.each(Object.entries(loggers))('%s', (name, { program, argv, files, log }) => {
  it.skipIf(missing.includes(program)).each(['followed', 'followed later'])('is read whole when %s', async (when) => {
    const directory = mkdtempSync(join(root, 'b-'));
    mkdirSync(join(directory, 'log'));
    const cwd = join(directory, 'log');
    for (const [file, text] of Object.entries(files)) writeFileSync(join(cwd, file), text);
    const child = spawn(argv[0] as string, argv.slice(1), { cwd, stdio: ['pipe', 'ignore', 'inherit'], env });
    const ended = once(child, 'exit');
    const print = (from: number, to: number) => {
      child.stdin.write(Array.from({ length: to - from }, (_, at) => `${lineOf(from + at)}\n`).join(''));
    };
    const first = createRecordingSink();
    const source = follow(cwd, log);
    await source.start(first);
    print(0, 20);
    await first.until(() => first.lines.length === 20, 'the first lines');
    if (when === 'followed later') await source.stop();
    // The handler looks at the clock when a line comes.
    const parts = name.startsWith('Timed') ? 3 : 1;
    for (let part = 0; part < parts; part++) {
      if (parts > 1) await sleep(1001);
      print(20 + Math.round((380 * part) / parts), 20 + Math.round((380 * (part + 1)) / parts));
    }
    child.stdin.end();
    await ended;
    const second = createRecordingSink();
    if (when === 'followed later') {
      const resumed = follow(cwd, log, first);
      await resumed.start(second);
      await second.until(() => second.lines.length >= count - 20, 'the rest');
      await resumed.stop();
    } else {
      await first.until(() => first.lines.length >= count, 'all lines');
      await source.stop();
    }
    expect([...first.lines, ...second.lines]).toEqual(Array.from({ length: count }, (_, at) => lineOf(at)));
  });
});

/** The number of a line, whatever times a processor has written before it. */
const numberOf = (line: string) => Number(/line (\d{5}) /.exec(line)?.[1]);

const processed: [string, Rotator, string[], string | undefined][] = [
  ['svlogd', 'svlogd', ['-t', '.'], 's4096\nn100\n!tai64nlocal\n'],
  ['multilog', 'multilog', ['t', 's4096', 'n100', '!tai64nlocal', '.'], undefined],
];

describe.concurrent.each(processed)('%s with a processor that changes what is rotated', (_, program, argv, config) => {
  const isMissing = missing.includes(program) || missing.includes('multilog');

  async function run(isFollowedLater: boolean): Promise<RecordingSink[]> {
    const cwd = mkdtempSync(join(root, 'c-'));
    if (config !== undefined) writeFileSync(join(cwd, 'config'), config);
    const child = spawn(program, argv, { cwd, stdio: ['pipe', 'ignore', 'inherit'], env });
    const ended = once(child, 'exit');
    const print = (from: number, to: number) => {
      child.stdin.write(Array.from({ length: to - from }, (_, at) => `${lineOf(from + at)}\n`).join(''));
    };
    const first = createRecordingSink();
    const source = follow(cwd, 'current');
    await source.start(first);
    print(0, 20);
    await first.until(() => first.lines.length === 20, 'the first lines');
    if (isFollowedLater) await source.stop();
    print(20, count);
    child.stdin.end();
    await ended;
    if (!isFollowedLater) {
      await first.until(() => first.lines.some((line) => numberOf(line) === count - 1), 'all lines');
      await source.stop();
      return [first];
    }
    const second = createRecordingSink();
    const resumed = follow(cwd, 'current', first);
    await resumed.start(second);
    await second.until(() => second.lines.some((line) => numberOf(line) === count - 1), 'the rest');
    await resumed.stop();
    return [first, second];
  }

  const all = Array.from({ length: count }, (_, at) => at);

  it.skipIf(isMissing)('each line comes once in a burst', async () => {
    const [first] = await run(false);
    expect(first?.lines.map(numberOf)).toEqual(all);
  });

  it.skipIf(isMissing)('followed later, each line comes, and the sentence says which ones may come again', async () => {
    const [first, second] = await run(true);
    expect(first?.lines.map(numberOf)).toEqual(all.slice(0, 20));
    expect(second?.lines.map(numberOf)).toEqual(all);
    expect(second?.notices[0]).toMatch(
      /^current was replaced .*: what came after byte \d+ of it may be in @\w+\.s, as a program has changed it; reading that from its beginning, so lines may come again$/,
    );
    expect(losses(second as RecordingSink)).toEqual([]);
  });
});
