import {
  closeSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { until } from '../../support/deadline.ts';
import { type Following, followedDirectory, numbered, openFiles } from '../../support/followed-directory.ts';

const stage = followedDirectory();
const { follow, write, append, rotateTo } = stage;

describe('several files and globs', () => {
  test('each line comes under the stage.path that was given', async () => {
    write('a\n', stage.at('a.log'));
    write('b\n', stage.at('b.log'));
    const { sink } = await follow({ paths: ['a.log', './b.log', 'missing.log'] });
    await sink.until(() => sink.lines.length === 2, 'both');
    append('c\n', stage.at('missing.log'));
    await sink.until(() => sink.lines.length === 3, 'the third');
    expect(sink.linesOf('a.log')).toEqual(['a']);
    expect(sink.linesOf('./b.log')).toEqual(['b']);
    expect(sink.linesOf('missing.log')).toEqual(['c']);
  });

  test('new matches join, from their first line on', async () => {
    mkdirSync(stage.at('logs'));
    write('1\n2\n', stage.at('logs', 'a.log'));
    const { sink } = await follow({ paths: ['logs/*.log'], start: { last: 1 } });
    await sink.until(() => sink.lines.length === 1, 'the first file');
    write('3\n4\n', stage.at('logs', 'b.log'));
    write('no match\n', stage.at('logs', 'b.txt'));
    await sink.until(() => sink.lines.length === 3, 'the second file');
    expect(sink.linesOf('logs/a.log')).toEqual(['2']);
    expect(sink.linesOf('logs/b.log')).toEqual(['3', '4']);
  });

  test('for a new match no directory below is read: there may be many of both', async (context) => {
    const below = stage.at('below');
    const readAt = () => statSync(below).atimeMs;
    const forgetReading = () => utimesSync(below, 1, Date.now() / 1000);
    mkdirSync(below);
    forgetReading();
    readdirSync(below);
    // A file system may be mounted so.
    if (readAt() === 1000) context.skip('directories have no time of reading here');
    write('one\n');
    const { sink, has } = await follow({ paths: [stage.at('*.log')] });
    await has('one');
    forgetReading();
    write('two\n', stage.at('later.log'));
    await has('one', 'two');
    expect(readAt()).toBe(1000);
    expect(sink.notices).toEqual([]);
  });

  test('matches in directories that come later join', async () => {
    const { sink } = await follow({ paths: ['**/*.log'] });
    expect(sink.statuses).toEqual([{ state: 'waiting' }]);
    mkdirSync(stage.at('x', 'y'), { recursive: true });
    write('deep\n', stage.at('x', 'y', 'a.log'));
    await sink.until(() => sink.lines.length === 1, 'the line');
    expect(sink.linesOf('x/y/a.log')).toEqual(['deep']);
  });

  test.each([
    { given: 'logs' },
    { given: 'logs/' },
    { given: './x/logs' },
    { given: 'logs', recursive: true },
    { given: 'logs', pollMs: 50 },
  ])('a directory that comes later stands for its files: %j', async ({ given, ...how }) => {
    const { sink } = await follow({ paths: [given], ...how });
    expect(sink.statuses).toEqual([{ state: 'waiting' }]);
    const name = join(given, 'a.log');
    const made = stage.at(given);
    mkdirSync(made, { recursive: true });
    write('one\n', stage.at(name));
    await sink.until(() => sink.lines.length === 1, 'its file');
    append('two\n', stage.at(name));
    write('deep\n', stage.at(given, 'b.log'));
    await sink.until(() => sink.lines.length === 3, 'what is appended, and another file');
    rmSync(made, { recursive: true });
    mkdirSync(made);
    write('three\n', stage.at(given, 'c.log'));
    await sink.until(() => sink.lines.length === 4, 'a file of the directory that was made anew');
    expect(sink.linesOf(name)).toEqual(['one', 'two']);
    expect(sink.notices.filter((notice) => notice.includes('waiting for a file'))).toEqual([]);
    expect(sink.statuses).toContainEqual({ state: 'following' });
  });

  test('a file that comes where a directory was waited for is followed, and so is a directory after it', async () => {
    const { sink } = await follow({ paths: ['logs'] });
    mkdirSync(stage.at('logs'));
    write('one\n', stage.at('logs', 'a.log'));
    await sink.until(() => sink.lines.length === 1, 'the line in the directory');
    rmSync(stage.at('logs'), { recursive: true });
    write('two\n', stage.at('logs'));
    await sink.until(() => sink.lines.length === 2, 'the line of the file');
    expect(sink.linesOf('logs')).toEqual(['two']);
    expect(sink.notices.filter((notice) => notice.startsWith('logs '))).toEqual([]);
    unlinkSync(stage.at('logs'));
    mkdirSync(stage.at('logs'));
    write('three\n', stage.at('logs', 'b.log'));
    await sink.until(() => sink.lines.length === 3, 'the line in the directory that was made anew');
  });

  test('a file that is moved into the directory that takes its place, and back, has each line once', async () => {
    const [logs, inside, away] = [stage.at('logs'), stage.at('logs', 'a.log'), stage.at('away')];
    const { sink } = await follow({ paths: ['logs'] });
    let written = 0;
    const writeTo = (path: string) => append(`line ${++written}\n`, path);
    const haveCome = () => sink.until(() => sink.lines.length >= written, `${written} lines`);
    for (const isWaited of [true, false, false, true, false]) {
      writeTo(logs);
      if (isWaited) await haveCome();
      renameSync(logs, away);
      writeTo(away);
      mkdirSync(logs);
      renameSync(away, inside);
      writeTo(inside);
      if (isWaited) await haveCome();
      renameSync(inside, away);
      rmSync(logs, { recursive: true });
      renameSync(away, logs);
      writeTo(logs);
    }
    await haveCome();
    append('once more\n', logs);
    await sink.until(() => sink.lines.includes('once more'), 'the last line');
    expect(sink.lines).toEqual([...numbered(1, written), 'once more']);
  });

  test('a file that is rotated to a name the glob matches too is not read again', async () => {
    write('one\n');
    const { has } = await follow({ paths: ['app.log*'] });
    await has('one');
    append('two\n');
    rotateTo('app.log.1');
    write('three\n');
    await has('one', 'two', 'three');
    renameSync(stage.at('app.log.1'), stage.at('app.log.2'));
    rotateTo('app.log.1');
    write('four\n');
    await has('one', 'two', 'three', 'four');
  });

  // As mv does it to another file system.
  test.each(['at once', 'when the log is known to be gone', 'when it has been given up'])(
    'a match that was copied to a name the glob matches too, and removed, is not read again; the next comes %s',
    async (when) => {
      write('one\n');
      const { has, sink } = await follow({ paths: ['*.log'] });
      await has('one');
      copyFileSync(stage.path, stage.at('app-1.log'));
      unlinkSync(stage.path);
      if (when !== 'at once') await sink.until(() => sink.notices.length > 0, 'the notice that it is gone');
      if (when === 'when it has been given up') {
        await until('it is given up', () => !openFiles().some((path) => path.startsWith(`${stage.path} `)));
      }
      write('two\n');
      await has('one', 'two');
      append('three\n');
      await has('one', 'two', 'three');
      expect(sink.linesOf('app-1.log')).toEqual([]);
    },
  );

  test('what is appended to a copy of a match that was removed comes', async () => {
    write('one\n');
    const { has, sink } = await follow({ paths: ['*.log'] });
    await has('one');
    copyFileSync(stage.path, stage.at('app-1.log'));
    unlinkSync(stage.path);
    await sink.until(() => sink.notices.length > 0, 'the notice that it is gone');
    append('two\n', stage.at('app-1.log'));
    await has('one', 'two');
  });

  test('a rotated file of a glob goes on after a restart, and only once', async () => {
    write('one\n');
    const first = await follow({ paths: ['app.log*'] });
    await first.has('one');
    await first.stop();
    append('two\n');
    rotateTo('app.log.1');
    write('three\n');
    const { has } = await follow({ paths: ['app.log*'], positions: first.sink.positions });
    await has('two', 'three');
  });

  test('a link that a glob matches is followed once its target comes, wherever that is', async () => {
    mkdirSync(stage.at('links'));
    mkdirSync(stage.at('elsewhere'));
    symlinkSync(stage.at('elsewhere', 'target.txt'), stage.at('links', 'a.log'));
    const { sink } = await follow({ paths: ['links/*.log'] });
    write('b\n', stage.at('links', 'b.log'));
    await sink.until(() => sink.lines.length === 1, 'a search for matches, which leaves the link out');
    write('a\n', stage.at('elsewhere', 'target.txt'));
    await sink.until(() => sink.lines.length === 2, 'the line');
  });

  test('a name that looks like a pattern is a file when there is one', async () => {
    stage.path = stage.at('app[1].log');
    write('one\n');
    const { has } = await follow({ paths: ['app[1].log'] });
    await has('one');
  });

  test('a directory stands for the files in it, and recursively for those below it', async () => {
    mkdirSync(stage.at('logs [1]', 'deep'), { recursive: true });
    write('one\n', stage.at('logs [1]', 'a.log'));
    write('hidden\n', stage.at('logs [1]', '.a.log.swp'));
    write('deep\n', stage.at('logs [1]', 'deep', 'b.log'));
    const flat = await follow({ paths: ['logs [1]/'] });
    await flat.has('one');
    write('two\n', stage.at('logs [1]', 'c.txt'));
    await flat.has('one', 'two');
    expect(flat.sink.linesOf('logs [1]/a.log')).toEqual(['one']);
    const deep = await follow({ paths: ['logs [1]'], recursive: true });
    await deep.sink.until(() => deep.sink.lines.length === 3, 'all files');
    mkdirSync(stage.at('logs [1]', 'later'));
    write('later\n', stage.at('logs [1]', 'later', 'd.log'));
    await deep.sink.until(() => deep.sink.lines.length === 4, 'a file in a new directory');
    expect(deep.sink.linesOf('logs [1]/later/d.log')).toEqual(['later']);
  });

  test('compressed files are not followed, which is said where there is nothing else', async () => {
    const said: string[] = [];
    const report = (sentence: string) => said.push(sentence);
    mkdirSync(stage.at('logs'));
    for (const name of ['a.log.gz', 'b.log.gz']) writeFileSync(stage.at('logs', name), gzipSync('one\n'));
    await follow({ paths: ['logs'], report });
    await follow({ paths: ['logs/b*.gz'], report });
    write('text\n', stage.at('logs', 'a.log'));
    const { sink } = await follow({ paths: ['logs'], report });
    await sink.until(() => sink.lines.length === 1, 'the text');
    expect(said).toEqual([
      expect.stringContaining('logs/a.log.gz and 1 more. Name them'),
      expect.stringContaining('not followed: logs/b.log.gz.'),
    ]);
  });

  test('what keeps the log is no part of it', async () => {
    mkdirSync(stage.at('logs', 'own'), { recursive: true });
    write('own\n', stage.at('logs', 'own', '1.sse'));
    write('one\n');
    const { has } = await follow({ paths: ['.', '**/*.sse'], recursive: true, exclude: stage.at('logs') });
    write('own\n', stage.at('logs', 'own', '2.sse'));
    append('two\n');
    await has('one', 'two');
  });

  test('a file that a glob matches and that is named as well comes once', async () => {
    write('one\n');
    const { has } = await follow({ paths: ['app.log', '*.log', 'app*'] });
    await has('one');
    append('two\n');
    rotateTo('app.log.1');
    write('three\n');
    await has('one', 'two', 'three');
    append('late\n', stage.at('app.log.1'));
    append('four\n');
    await has('one', 'two', 'three', 'late', 'four');
  });

  test('hard links under a glob are one file, also once the first is removed', async () => {
    write('one\n', stage.at('a.log'));
    linkSync(stage.at('a.log'), stage.at('b.log'));
    const { has } = await follow({ paths: ['*.log'] });
    await has('one');
    unlinkSync(stage.at('a.log'));
    append('two\n', stage.at('b.log'));
    await has('one', 'two');
    append('three\n', stage.at('b.log'));
    await has('one', 'two', 'three');
  });
});

/** With polling, what is gone is dropped at once and not after a minute. */
/** It opens, has a size, and can't be read: EINVAL, as a loopback has no speed. */
const unreadable = '/sys/class/net/lo/speed';

describe.runIf(existsSync(unreadable))('a match that opens and can not be read', () => {
  test.each([['logs/*'], ['logs']])('keeps nothing else from being followed: %s', async (operand) => {
    mkdirSync(stage.at('logs'));
    const lines = Array.from({ length: 1000 }, (_, i) => `line ${i}\n`).join('');
    write(lines, stage.at('logs', 'app.log'));
    const { sink } = await follow({ paths: [operand], start: { last: 1 } });
    await sink.until(() => sink.lines.length === 1, 'the first file');
    for (const name of ['app.log.1', 'app-2.log', 'another']) symlinkSync(unreadable, stage.at('logs', name));
    write('late\n', stage.at('logs', 'late.log'));
    await sink.until(() => sink.linesOf('logs/late.log').length === 1, 'another match');
    append('more\n', stage.at('logs', 'app.log'));
    await sink.until(() => sink.linesOf('logs/app.log').at(-1) === 'more', 'what comes in the first one');
  });
});

describe.concurrent.each([{}, { pollMs: 20 }])('a match that changes its name or is away, with %j', (options) => {
  const glob = (pattern = '*.log') => follow({ paths: [pattern], ...options });
  const away = (sink: Following['sink']) => sink.until(() => sink.notices.length > 0, 'the notice that it is away');

  test('renamed to another match, it is read on, each line once', async () => {
    write('one\n', stage.at('build-tmp.log'));
    const { has, sink } = await glob();
    await has('one');
    const fd = openSync(stage.at('build-tmp.log'), 'a');
    renameSync(stage.at('build-tmp.log'), stage.at('build-done.log'));
    writeSync(fd, 'two\nhalf');
    await has('one', 'two');
    await away(sink);
    writeSync(fd, ' whole\n');
    await has('one', 'two', 'half whole');
    const lines = ['one', 'two', 'half whole'];
    while (sink.linesOf('build-done.log').length === 0) {
      lines.push(`line ${lines.length}`);
      writeSync(fd, `${lines.at(-1)}\n`);
      await has(...lines);
    }
    closeSync(fd);
  });

  test('renamed over another match', async () => {
    write('one\n', stage.at('a.log'));
    write('of b\n', stage.at('b.log'));
    const { sink } = await glob();
    await sink.until(() => sink.lines.length === 2, 'both files');
    renameSync(stage.at('a.log'), stage.at('b.log'));
    append('two\n', stage.at('b.log'));
    await sink.until(() => sink.lines.length === 3, 'a line after the renaming');
    await away(sink);
    append('three\n', stage.at('b.log'));
    await sink.until(() => sink.lines.length === 4, 'a line later');
    expect(sink.lines.slice(2)).toEqual(['two', 'three']);
  });

  test('moved out and back, it is read on', async () => {
    mkdirSync(stage.at('elsewhere'));
    write('one\n');
    const { has, sink } = await glob();
    await has('one');
    renameSync(stage.path, stage.at('elsewhere', 'app.log'));
    await away(sink);
    renameSync(stage.at('elsewhere', 'app.log'), stage.path);
    append('two\n');
    await has('one', 'two');
    append('three\n');
    await has('one', 'two', 'three');
  });

  test('moved out, and back under another name', async () => {
    mkdirSync(stage.at('elsewhere'));
    write('one\n');
    const { has, sink } = await glob();
    await has('one');
    renameSync(stage.path, stage.at('elsewhere', 'app.log'));
    await away(sink);
    renameSync(stage.at('elsewhere', 'app.log'), stage.at('web.log'));
    append('two\n', stage.at('web.log'));
    await has('one', 'two');
  });

  test('its directory is away and returns', async () => {
    mkdirSync(stage.at('logs'));
    write('one\n', stage.at('logs', 'app.log'));
    const { has, sink } = await glob('logs/*.log');
    await has('one');
    renameSync(stage.at('logs'), stage.at('logs.away'));
    await away(sink);
    renameSync(stage.at('logs.away'), stage.at('logs'));
    append('two\n', stage.at('logs', 'app.log'));
    await has('one', 'two');
  });

  test('removed, and another one is made under its name', async () => {
    write('one\n');
    const { has, sink } = await glob();
    await has('one');
    unlinkSync(stage.path);
    await away(sink);
    write('one\n');
    await has('one', 'one');
    append('two\n');
    await has('one', 'one', 'two');
  });
});

describe.concurrent('a name that looks like a rotated one', () => {
  const lookalikes = ['worker-2', 'worker-3', 'worker-2026-11-28', 'worker.1234567', 'worker-old'];

  test('is followed when it is another file', async () => {
    write('of worker\n', stage.at('worker.log'));
    const { sink } = await follow({ paths: ['*.log'] });
    for (const name of lookalikes) write(`of ${name}\n`, stage.at(`${name}.log`));
    for (const name of lookalikes) {
      await sink.until(() => sink.linesOf(`${name}.log`).length === 1, name);
      append(`more of ${name}\n`, stage.at(`${name}.log`));
      await sink.until(() => sink.linesOf(`${name}.log`).length === 2, name);
    }
    expect(sink.lines).toHaveLength(1 + 2 * lookalikes.length);
    expect(sink.notices).toEqual([]);
  });

  test('is followed when it begins like the other file and goes on otherwise', async () => {
    write('started\n', stage.at('worker.log'));
    const { sink } = await follow({ paths: ['*.log'] });
    write('started\n', stage.at('worker-2.log'));
    append('of worker-2\n', stage.at('worker-2.log'));
    await sink.until(() => sink.lines.length === 3, 'both lines');
    expect(sink.linesOf('worker-2.log')).toEqual(['started', 'of worker-2']);
  });

  test('is followed when it goes on holding the same lines and nobody truncates', async () => {
    write('started\n', stage.at('worker.log'));
    const { sink } = await follow({ paths: ['*.log'] });
    write('started\n', stage.at('worker-2.log'));
    await sink.until(() => sink.lines.length === 2, 'the same line of both');
  });

  test('is followed after a restart', async () => {
    write('of worker\n', stage.at('worker.log'));
    const first = await follow({ paths: ['*.log'] });
    await first.stop();
    for (const name of lookalikes) write(`of ${name}\n`, stage.at(`${name}.log`));
    const { sink } = await follow({ paths: ['*.log'], positions: first.sink.positions });
    await sink.until(() => sink.lines.length === lookalikes.length, 'all of them');
    expect(sink.lines.sort()).toEqual(lookalikes.map((name) => `of ${name}`).sort());
  });

  test('is not read twice when it is a copy, made before the truncation', async () => {
    write('one\ntwo\n');
    const { has } = await follow({ paths: ['app.log*'] });
    await has('one', 'two');
    copyFileSync(stage.path, stage.at('app.log.1'));
    truncateSync(stage.path);
    append('three\n');
    await has('one', 'two', 'three');
    append('four\n');
    await has('one', 'two', 'three', 'four');
  });
});
