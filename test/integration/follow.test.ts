import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  copyFileSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
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
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as zlib from 'node:zlib';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFileSource, type FollowOptions } from '../../agent/sources/file/file.ts';
import type { Source } from '../../agent/sources/source.ts';
import type { FilePosition } from '../../agent/words/position.ts';
import { createRecordingSink, type RecordingSink } from '../support/recording-sink.ts';

let directory: string;
let path: string;
let running: Source[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sse-tail-follow-'));
  path = join(directory, 'app.log');
  running = [];
});

afterEach(async () => {
  for (const source of running) await source.stop();
  rmSync(directory, { recursive: true, force: true });
});

interface Following {
  sink: RecordingSink;
  source: Source;
  /** Resolves when exactly these lines have come, in this order. */
  has(...lines: string[]): Promise<void>;
  stop(): Promise<void>;
}

async function follow(options: Partial<FollowOptions> = {}): Promise<Following> {
  const sink = createRecordingSink();
  const source = createFileSource({ paths: [path], start: 'all', cwd: directory, ...options });
  running.push(source);
  await source.start(sink);
  return {
    sink,
    source,
    async has(...lines) {
      await sink.until(() => sink.lines.length >= lines.length, `${lines.length} lines`);
      expect(sink.lines).toEqual(lines);
    },
    async stop() {
      running.splice(running.indexOf(source), 1);
      await source.stop();
    },
  };
}

/** Paths of the files that this process has open (proc(5), fd). */
function openFiles(): string[] {
  return readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return 'closed meanwhile';
    }
  });
}

const write = (text: string, to = path) => writeFileSync(to, text);
const append = (text: string, to = path) => appendFileSync(to, text);
const rotateTo = (name: string) => renameSync(path, join(directory, name));
const numbered = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => `line ${from + at}`);
const textOf = (lines: string[]) => lines.map((line) => `${line}\n`).join('');

describe('appending', () => {
  test('lines come as they are written', async () => {
    write('one\n');
    const { has, sink } = await follow();
    append('two\n');
    await has('one', 'two');
    append('three\nfour\n');
    await has('one', 'two', 'three', 'four');
    expect(sink.notices).toEqual([]);
    expect(sink.statuses).toEqual([{ state: 'following' }]);
  });

  test('a file that does not exist yet is read from its first line', async () => {
    const { has, sink } = await follow({ start: { last: 1 } });
    expect(sink.statuses).toEqual([{ state: 'waiting' }]);
    write('one\ntwo\n');
    await has('one', 'two');
    await sink.until(() => sink.statuses.length === 2, 'the status');
    expect(sink.statuses.at(-1)).toEqual({ state: 'following' });
    expect(sink.notices).toEqual([]);
  });

  test('a file in directories that do not exist yet is found', async () => {
    path = join(directory, 'a', 'b', 'app.log');
    const { has } = await follow();
    mkdirSync(dirname(path), { recursive: true });
    write('one\n');
    await has('one');
    append('two\n');
    await has('one', 'two');
  });

  test('a line written in pieces comes once it ends', async () => {
    write('');
    const { has, sink } = await follow();
    append('half');
    await sink.until(() => sink.partialOf('app.log') === 'half', 'the unfinished line');
    append(' whole\n');
    await has('half whole');
  });

  test('a large append comes in large reads', async () => {
    write('');
    const { sink } = await follow();
    const lines = Array.from({ length: 200_000 }, (_, at) => `line ${at} of a larger append`);
    append(textOf(lines));
    await sink.until(() => sink.lines.length === lines.length, 'all lines');
    expect(sink.lines).toEqual(lines);
    expect(sink.writes.length).toBeLessThan(60);
  });

  test('a full journal makes the reading wait, and stopping does not wait for it', async () => {
    write('one\n');
    const { sink, stop } = await follow();
    sink.block();
    appendFileSync(path, Buffer.alloc(50_000_000, 'x\n'));
    await sink.until(() => sink.writes.some((bytes) => bytes > 4), 'a first write');
    await stop();
    expect(sink.writes.length).toBeLessThan(6);
    expect(sink.positions.get('app.log')?.offset).toBeLessThan(1_000_000);
  });

  test('what was written right before the stop is read', async () => {
    write('one\n');
    const { sink, stop } = await follow();
    append('two\n');
    await stop();
    expect(sink.lines).toEqual(['one', 'two']);
  });

  test('a file of /proc, which has no size, is read', async () => {
    path = '/proc/version';
    const { sink } = await follow({ start: { last: 10 } });
    await sink.until(() => sink.lines.length === 1, 'its line');
  });
});

describe('where reading begins', () => {
  test.each<[FollowOptions['start'], string[]]>([
    ['all', ['1', '2', '3', '4', '5']],
    [{ last: 2 }, ['4', '5']],
    [{ last: 0 }, []],
    [{ last: 100 }, ['1', '2', '3', '4', '5']],
    [{ line: 4 }, ['4', '5']],
    [{ line: 1 }, ['1', '2', '3', '4', '5']],
  ])('%j', async (start, expected) => {
    write('1\n2\n3\n4\n5\n');
    const { has } = await follow({ start });
    await has(...expected);
    append('6\n');
    await has(...expected, '6');
  });

  test('a line that does not exist yet is waited for', async () => {
    write('1\n2\n');
    const { has } = await follow({ start: { line: 4 } });
    append('3\n4\n5\n');
    await has('4', '5');
  });

  test('an unfinished last line counts as one', async () => {
    write('1\n2\n3');
    const { has, sink } = await follow({ start: { last: 2 } });
    await has('2');
    expect(sink.partialOf('app.log')).toBe('3');
  });

  test('the end of a huge file is found at once', async () => {
    const fd = openSync(path, 'w');
    ftruncateSync(fd, 200 * 1024 ** 3);
    closeSync(fd);
    append('\none\ntwo\n');
    const { has } = await follow({ start: { last: 2 } });
    // Read from its beginning it would take minutes, and no deadline of a test lasts that long.
    await has('one', 'two');
  });
});

describe('rotation by renaming', () => {
  test('the new file follows on the old one', async () => {
    write('one\n');
    const { has, sink } = await follow();
    rotateTo('app.log.1');
    write('two\n');
    await has('one', 'two');
    append('three\n');
    await has('one', 'two', 'three');
    expect(sink.everything[1]).toBe('! app.log was rotated to app.log.1; reading the next one');
    expect(sink.positions.get('app.log')).toMatchObject({ path, offset: 10, source: 'app.log' });
  });

  test('the rest of the old file comes before the new one', async () => {
    write('');
    const { sink } = await follow();
    const old = numbered(1, 50_000);
    append(textOf(old));
    rotateTo('app.log.1');
    write('new\n');
    await sink.until(() => sink.lines.includes('new'), 'the new file');
    expect(sink.lines).toEqual([...old, 'new']);
  });

  test('a writer that goes on writing to the renamed file is still heard', async () => {
    write('one\n');
    const { has, sink } = await follow();
    rotateTo('app.log.1');
    write('');
    append('two\n', join(directory, 'app.log.1'));
    await has('one', 'two');
    append('three\n');
    await has('one', 'two', 'three');
    append('late\n', join(directory, 'app.log.1'));
    await has('one', 'two', 'three', 'late');
    append('four\n');
    await has('one', 'two', 'three', 'late', 'four');
    expect(sink.positions.get('app.log')?.offset).toBe('three\nfour\n'.length);
  });

  test('a last line without newline is made a line before the new file begins', async () => {
    write('one\nhalf');
    const { has } = await follow();
    rotateTo('app.log.1');
    write('two\n');
    await has('one', 'half', 'two');
  });

  test('a file that is replaced several times within milliseconds loses no line that can still be read', async () => {
    write('0\n');
    const { has } = await follow();
    const expected = ['0'];
    for (let n = 1; n <= 6; n++) {
      for (let k = n - 1; k >= 1; k--) renameSync(join(directory, `app.log.${k}`), join(directory, `app.log.${k + 1}`));
      rotateTo('app.log.1');
      write(`${n}\n`);
      expected.push(String(n));
    }
    await has(...expected);
  });

  test('many rotations one after the other, with dates for names', async () => {
    write('');
    const { sink } = await follow();
    const expected: string[] = [];
    for (let n = 10; n < 30; n++) {
      append(`line ${n}\n`);
      expected.push(`line ${n}`);
      if (n % 3 === 0) await sink.until(() => sink.lines.length > 0, 'a line');
      rotateTo(`app.log-202501${n}`);
      write('');
    }
    append('end\n');
    await sink.until(() => sink.lines.includes('end'), 'the end');
    expect(sink.lines).toEqual([...expected, 'end']);
  });

  test('renamed without a successor, the file is waited for and then found', async () => {
    write('one\n');
    const { has, sink } = await follow();
    rotateTo('app.log.1');
    await sink.until(() => sink.notices.length === 1, 'the notice');
    expect(sink.notices[0]).toContain('waiting for it');
    await sink.until(() => sink.statuses.at(-1)?.state === 'waiting', 'the status');
    append('to the old one\n', join(directory, 'app.log.1'));
    await has('one', 'to the old one');
    write('two\n');
    await has('one', 'to the old one', 'two');
    await sink.until(() => sink.statuses.at(-1)?.state === 'following', 'the status');
  });

  test('renamed and renamed back, nothing is read twice', async () => {
    write('one\n');
    const { has } = await follow();
    rotateTo('other');
    append('two\n', join(directory, 'other'));
    renameSync(join(directory, 'other'), path);
    append('three\n');
    await has('one', 'two', 'three');
  });
});

describe('truncation', () => {
  test('to nothing, and then written again', async () => {
    write('one\ntwo\n');
    const { has, sink } = await follow();
    truncateSync(path);
    await sink.until(() => sink.notices.length === 1, 'the notice');
    expect(sink.notices).toEqual(['app.log was truncated; reading it from its beginning']);
    append('three\n');
    await has('one', 'two', 'three');
  });

  test('to a shorter content', async () => {
    write('one\ntwo\nthree\n');
    const { has } = await follow();
    write('four\n');
    await has('one', 'two', 'three', 'four');
  });

  test('to another content of the same length', async () => {
    write('one\n');
    const { has } = await follow();
    write('two\n');
    await has('one', 'two');
  });

  test('to a longer content', async () => {
    write('one\n');
    const { has } = await follow();
    write('two, which is longer\nand more\n');
    await has('one', 'two, which is longer', 'and more');
  });

  test('to a much longer content, of which the beginning is the same as before', async () => {
    write(`head\n${'x'.repeat(5000)}\nend\n`);
    const { sink } = await follow();
    write(`head\n${'y'.repeat(9000)}\nend\n`);
    await sink.until(() => sink.lines.length === 6, 'the new content');
    expect(sink.lines[4]).toBe('y'.repeat(9000));
  });

  test('an unfinished line of a file that was cut is made a line', async () => {
    write('one\nhalf');
    const { has, sink } = await follow();
    truncateSync(path);
    await has('one', 'half');
    append('two\n');
    await has('one', 'half', 'two');
    expect(sink.positions.get('app.log')?.offset).toBe(4);
  });

  test('the hole that a writer without O_APPEND leaves is passed over', async () => {
    const fd = openSync(path, 'w');
    writeSync(fd, `one\n${'x'.repeat(10_000)}\n`);
    const { sink } = await follow();
    truncateSync(path);
    await sink.until(() => sink.notices.length === 1, 'the notice');
    writeSync(fd, 'two\n');
    await sink.until(() => sink.lines.length === 3, 'the line behind the hole');
    expect(sink.lines[2]).toBe('two');
    closeSync(fd);
  });

  test('a file that begins with a hole is read from its text on', async () => {
    const fd = openSync(path, 'w');
    writeSync(fd, 'one\n', 1_000_000);
    closeSync(fd);
    const { has, sink } = await follow();
    await has('one');
    expect(sink.writes.at(-1)).toBe(4);
    append('two \0 and NULs within\n');
    await has('one', 'two \0 and NULs within');
  });

  test('copytruncate: what was written between the last look and the copy is read from the copy', async () => {
    write(textOf(numbered(1, 100)));
    const { sink } = await follow();
    await sink.until(() => sink.lines.length === 100, 'the first lines');
    append(textOf(numbered(101, 120)));
    copyFileSync(path, join(directory, 'app.log.1'));
    truncateSync(path);
    append(textOf(numbered(121, 130)));
    await sink.until(() => sink.lines.includes('line 130'), 'the last line');
    expect(sink.lines).toEqual(numbered(1, 130));
  });

  test('copytruncate: a copy that was compressed at once', async () => {
    write(textOf(numbered(1, 100)));
    const { sink } = await follow({ pollMs: 200 });
    await sink.until(() => sink.lines.length === 100, 'the first lines');
    append(textOf(numbered(101, 120)));
    writeFileSync(join(directory, 'app.log.1.gz'), gzipSync(readFileSync(path)));
    truncateSync(path);
    append(textOf(numbered(121, 130)));
    await sink.until(() => sink.lines.includes('line 130'), 'the last line');
    expect(sink.lines).toEqual(numbered(1, 130));
  });

  test('a touched file is not read again', async () => {
    write('one\n');
    const { has } = await follow();
    utimesSync(path, new Date(), new Date());
    append('two\n');
    await has('one', 'two');
  });
});

describe('removing and coming back', () => {
  test('unlinked and made anew', async () => {
    write('one\n');
    const { has } = await follow();
    unlinkSync(path);
    write('two\n');
    await has('one', 'two');
  });

  test('unlinked, made anew much later with the same content: it is another file', async () => {
    write('one\n');
    const { has, sink } = await follow();
    await has('one');
    unlinkSync(path);
    await sink.until(() => sink.notices.length === 1, 'the notice');
    expect(sink.notices[0]).toBe('app.log was removed; waiting for it to come back');
    write('one\n');
    await has('one', 'one');
    expect(sink.notices[1]).toBe('app.log is there again');
  });

  test('a removed file is let go, so that its disk space is freed', async () => {
    write('one\n');
    const { has, sink } = await follow();
    await has('one');
    const held = () => openFiles().some((file) => file.startsWith(directory));
    unlinkSync(path);
    await sink.until(() => sink.notices.length === 1, 'the notice');
    const deadline = performance.now() + 10_000;
    while (held() && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(held()).toBe(false);
  });

  test('the rest of a file that was removed at once is read', async () => {
    write('one\n');
    const { has } = await follow();
    append('two\n');
    unlinkSync(path);
    await has('one', 'two');
  });

  test('a directory that is renamed away and back', async () => {
    const inner = join(directory, 'logs');
    mkdirSync(inner);
    path = join(inner, 'app.log');
    write('one\n');
    const { has } = await follow();
    renameSync(inner, join(directory, 'away'));
    append('two\n', join(directory, 'away', 'app.log'));
    renameSync(join(directory, 'away'), inner);
    append('three\n');
    await has('one', 'two', 'three');
  });

  test('a directory that is removed and made again', async () => {
    const inner = join(directory, 'logs');
    mkdirSync(inner);
    path = join(inner, 'app.log');
    write('one\n');
    const { has } = await follow();
    await has('one');
    rmSync(inner, { recursive: true });
    mkdirSync(inner);
    write('two\n');
    await has('one', 'two');
    append('three\n');
    await has('one', 'two', 'three');
  });

  test('a directory in place of the file is told and waited out', async () => {
    write('one\n');
    const { has, sink } = await follow();
    await has('one');
    unlinkSync(path);
    mkdirSync(path);
    await sink.until(() => sink.notices.length === 1, 'the notice');
    expect(sink.notices[0]).toContain('is a directory');
    rmSync(path, { recursive: true });
    write('two\n');
    await has('one', 'two');
  });

  test.runIf(process.geteuid?.() === 0)('permission taken away and given back', async () => {
    chmodSync(directory, 0o777);
    write('one\n');
    chmodSync(path, 0o000);
    process.seteuid?.(65534);
    try {
      const { has, sink } = await follow({ start: { last: 10 } });
      expect(sink.notices).toEqual(["app.log can't be read (permission denied); waiting for it"]);
      expect(sink.statuses).toEqual([{ state: 'waiting' }]);
      process.seteuid?.(0);
      chmodSync(path, 0o644);
      process.seteuid?.(65534);
      await has('one');
      process.seteuid?.(0);
      chmodSync(path, 0o000);
      append('two\n');
      process.seteuid?.(65534);
      await has('one', 'two');
    } finally {
      process.seteuid?.(0);
    }
  });
});

describe('links', () => {
  test('a symlink that is switched', async () => {
    mkdirSync(join(directory, 'releases'));
    write('one\n', join(directory, 'releases', '1.log'));
    write('two\n', join(directory, 'releases', '2.log'));
    symlinkSync('releases/1.log', path);
    const { has } = await follow();
    append('one more\n', join(directory, 'releases', '1.log'));
    await has('one', 'one more');
    symlinkSync('releases/2.log', `${path}.new`);
    renameSync(`${path}.new`, path);
    await has('one', 'one more', 'two');
    append('two more\n', join(directory, 'releases', '2.log'));
    await has('one', 'one more', 'two', 'two more');
  });

  test('a symlink switched to another file and back goes on where it was', async () => {
    write('a1\n', join(directory, 'a'));
    write('b1\n', join(directory, 'b'));
    symlinkSync('a', path);
    const { has } = await follow();
    await has('a1');
    unlinkSync(path);
    symlinkSync('b', path);
    await has('a1', 'b1');
    append('a2\n', join(directory, 'a'));
    unlinkSync(path);
    symlinkSync('a', path);
    await has('a1', 'b1', 'a2');
  });

  test('a dangling symlink waits for its target', async () => {
    symlinkSync('target', path);
    const { has } = await follow();
    write('one\n', join(directory, 'target'));
    await has('one');
  });

  test('a file written through a hard link in another directory', async () => {
    mkdirSync(join(directory, 'other'));
    write('one\n');
    linkSync(path, join(directory, 'other', 'name'));
    const { has } = await follow();
    await has('one');
    append('two\n', join(directory, 'other', 'name'));
    await has('one', 'two');
  });
});

describe('after a stop', () => {
  async function restartAfter(change: (positions: Map<string, FilePosition>) => void): Promise<Following> {
    const first = await follow();
    await first.sink.until(() => first.sink.lines.length > 0, 'the first lines');
    await first.stop();
    change(first.sink.positions);
    return follow({ positions: first.sink.positions, start: { last: 10 } });
  }

  /** As `gzip` does it: the time of the last write stays. */
  function compress(number: number): void {
    const { atime, mtime } = statSync(path);
    const packed = join(directory, `app.log.${number}.gz`);
    writeFileSync(packed, gzipSync(readFileSync(path)));
    utimesSync(packed, atime, mtime);
    unlinkSync(path);
  }

  function restartAfterCutOff(): Promise<Following> {
    write('one\n');
    return restartAfter(() => {
      append(textOf(numbered(1, 100_000)));
      compress(1);
      truncateSync(join(directory, 'app.log.1.gz'), 100_000);
      write('new\n');
    });
  }

  test('reading goes on where it ended', async () => {
    write('one\n');
    const { has, sink } = await restartAfter(() => append('two\n'));
    await has('two');
    expect(sink.notices).toEqual([]);
  });

  test('a line that was being written is read whole', async () => {
    write('one\n');
    const first = await follow();
    append('ha');
    await first.stop();
    append('lf\n');
    const { has } = await follow({ positions: first.sink.positions });
    await has('half');
    expect(first.sink.lines).toEqual(['one']);
  });

  test('a last line without newline that stands there for good is a line', async () => {
    write('one\nlast');
    const past = new Date(Date.now() - 60_000);
    utimesSync(path, past, past);
    const { sink, stop } = await follow();
    await stop();
    expect(sink.lines).toEqual(['one', 'last']);
    expect(sink.positions.get('app.log')?.offset).toBe(8);
  });

  test('rotated once: the rest of the old file, then the new one', async () => {
    write('one\n');
    const { has } = await restartAfter(() => {
      append('two\n');
      rotateTo('app.log.1');
      write('three\n');
    });
    await has('two', 'three');
  });

  test('rotated, and the new file has not come yet', async () => {
    write('one\n');
    const { has } = await restartAfter(() => {
      append('two\n');
      rotateTo('app.log.1');
    });
    await has('two');
    write('three\n');
    await has('two', 'three');
  });

  test('rotated several times with numbers', async () => {
    write('before\n', join(directory, 'app.log.1'));
    write('one\n');
    const { has } = await restartAfter(() => {
      for (const n of [2, 3, 4]) {
        append(`more ${n}\n`);
        for (let k = n - 1; k >= 1; k--) renameSync(join(directory, `app.log.${k}`), join(directory, `app.log.${k + 1}`));
        rotateTo('app.log.1');
        write(`${n}\n`);
      }
    });
    await has('more 2', '2', 'more 3', '3', 'more 4', '4');
  });

  test('rotated several times with dates', async () => {
    write('before\n', join(directory, 'app-2025-01-01.log'));
    write('one\n');
    const { has } = await restartAfter(() => {
      rotateTo('app-2025-01-02.log');
      write('two\n');
      rotateTo('app-2025-01-03.log');
      write('three\n');
    });
    await has('two', 'three');
  });

  test('rotated and compressed several times: all of it is unpacked, from where reading ended', async () => {
    const text = textOf(numbered(1, 50_000));
    write(text);
    const first = await follow();
    await first.sink.until(() => first.sink.lines.length > 20_000, 'the first lines');
    first.sink.freeze();
    await first.stop();
    append('the rest\n');
    compress(3);
    write('two\n');
    compress(2);
    write('three\n');
    rotateTo('app.log.1');
    write('four\n');
    const { sink } = await follow({ positions: new Map(first.sink.positions) });
    await sink.until(() => sink.lines.at(-1) === 'four', 'the newest file');
    expect([...first.sink.lines, ...sink.lines]).toEqual([...numbered(1, 50_000), 'the rest', 'two', 'three', 'four']);
    expect(sink.notices).toEqual([
      'app.log was rotated to app.log.3.gz; reading the next one',
      'app.log was rotated to app.log.2.gz; reading the next one',
      'app.log was rotated to app.log.1; reading the next one',
    ]);
  });

  test.runIf('zstdCompressSync' in zlib)('rotated and compressed with zstd', async () => {
    write('one\n');
    const { has } = await restartAfter(() => {
      append('two\n');
      const compress = (zlib as unknown as { zstdCompressSync(bytes: Buffer): Buffer }).zstdCompressSync;
      writeFileSync(join(directory, 'app.log-20250101.zst'), compress(readFileSync(path)));
      unlinkSync(path);
      write('three\n');
    });
    await has('two', 'three');
  });

  test('killed in the middle of a compressed file', async () => {
    write('one\n');
    const first = await follow();
    await first.stop();
    append(textOf(numbered(1, 100_000)));
    compress(1);
    write('new\n');
    const killed = createRecordingSink();
    const second = createFileSource({ paths: [path], start: 'all', positions: first.sink.positions });
    running.push(second);
    const started = second.start(killed);
    await killed.until(() => killed.lines.length > 1000, 'some lines');
    killed.freeze();
    await started;
    const { sink } = await follow({ positions: new Map(killed.positions) });
    await sink.until(() => sink.lines.at(-1) === 'new', 'the new file');
    expect(killed.lines.length).toBeLessThan(100_000);
    expect([...killed.lines, ...sink.lines]).toEqual([...numbered(1, 100_000), 'new']);
  });

  test('a compressed file that is damaged is read as far as it goes, and that is told', async () => {
    const { sink } = await restartAfterCutOff();
    await sink.until(() => sink.lines.at(-1) === 'new', 'the new file');
    expect(sink.lines.length).toBeGreaterThan(1000);
    expect(sink.notices[0]).toContain("app.log.1.gz can't be read to its end");
  });

  test('copytruncate: the rest is read from the copy', async () => {
    write('one\n');
    const { has, sink } = await restartAfter(() => {
      append('two\n');
      copyFileSync(path, join(directory, 'app.log.1'));
      truncateSync(path);
      append('three\n');
    });
    await has('two', 'three');
    expect(sink.notices).toEqual(['app.log was truncated after it was copied; reading the next one']);
  });

  test('truncated: what is lost is told', async () => {
    write('one\ntwo\n');
    const { has, sink } = await restartAfter(() => write('new\n'));
    await has('new');
    expect(sink.notices[0]).toContain('what came after byte 8 of the old one is lost');
  });

  test('replaced: what is lost is told', async () => {
    write('one\ntwo\n');
    const { has, sink } = await restartAfter(() => {
      unlinkSync(path);
      write('another file, longer than the old one\n');
    });
    await has('another file, longer than the old one');
    expect(sink.notices[0]).toContain('replaced');
  });

  test('rotated past what is kept: what is still there is read, and what is lost is told', async () => {
    write('one\n');
    const { has, sink } = await restartAfter(() => {
      for (const n of [3, 2, 1]) {
        rotateTo(`app.log.${n}`);
        write(`${4 - n} after it\n`);
      }
      unlinkSync(join(directory, 'app.log.3'));
    });
    await has('1 after it', '2 after it', '3 after it');
    expect(sink.notices[0]).toBe(
      'app.log was replaced by another file while it was not followed: what came after byte 4 of the old one is lost; reading the next one from its beginning',
    );
  });

  test('killed in the middle of a rotated file', async () => {
    write('');
    const first = await follow();
    const lines = numbered(1, 300_000);
    append(textOf(lines));
    rotateTo('app.log.1');
    write('new\n');
    await first.sink.until(() => first.sink.lines.length > 1000, 'some lines');
    first.sink.freeze();
    const { sink } = await follow({ positions: new Map(first.sink.positions) });
    await sink.until(() => sink.lines.at(-1) === 'new', 'the new file');
    expect([...first.sink.lines, ...sink.lines]).toEqual([...lines, 'new']);
  });
});

describe('several files and globs', () => {
  test('each line comes under the path that was given', async () => {
    write('a\n', join(directory, 'a.log'));
    write('b\n', join(directory, 'b.log'));
    const { sink } = await follow({ paths: ['a.log', './b.log', 'missing.log'] });
    await sink.until(() => sink.lines.length === 2, 'both');
    append('c\n', join(directory, 'missing.log'));
    await sink.until(() => sink.lines.length === 3, 'the third');
    expect(sink.linesOf('a.log')).toEqual(['a']);
    expect(sink.linesOf('./b.log')).toEqual(['b']);
    expect(sink.linesOf('missing.log')).toEqual(['c']);
  });

  test('new matches join, from their first line on', async () => {
    mkdirSync(join(directory, 'logs'));
    write('1\n2\n', join(directory, 'logs', 'a.log'));
    const { sink } = await follow({ paths: ['logs/*.log'], start: { last: 1 } });
    await sink.until(() => sink.lines.length === 1, 'the first file');
    write('3\n4\n', join(directory, 'logs', 'b.log'));
    write('no match\n', join(directory, 'logs', 'b.txt'));
    await sink.until(() => sink.lines.length === 3, 'the second file');
    expect(sink.linesOf('logs/a.log')).toEqual(['2']);
    expect(sink.linesOf('logs/b.log')).toEqual(['3', '4']);
  });

  test('matches in directories that come later join', async () => {
    const { sink } = await follow({ paths: ['**/*.log'] });
    expect(sink.statuses).toEqual([{ state: 'waiting' }]);
    mkdirSync(join(directory, 'x', 'y'), { recursive: true });
    write('deep\n', join(directory, 'x', 'y', 'a.log'));
    await sink.until(() => sink.lines.length === 1, 'the line');
    expect(sink.linesOf('x/y/a.log')).toEqual(['deep']);
  });

  test('a file that is rotated to a name the glob matches too is not read again', async () => {
    write('one\n');
    const { has } = await follow({ paths: ['app.log*'] });
    await has('one');
    append('two\n');
    rotateTo('app.log.1');
    write('three\n');
    await has('one', 'two', 'three');
    renameSync(join(directory, 'app.log.1'), join(directory, 'app.log.2'));
    rotateTo('app.log.1');
    write('four\n');
    await has('one', 'two', 'three', 'four');
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

  test('a name that looks like a pattern is a file when there is one', async () => {
    path = join(directory, 'app[1].log');
    write('one\n');
    const { has } = await follow({ paths: ['app[1].log'] });
    await has('one');
  });

  test('a directory is refused', async () => {
    await expect(follow({ paths: ['.'] })).rejects.toMatchObject({ kind: 'source' });
  });
});

describe('what is not a plain text file', () => {
  test('a FIFO is read across its writers', async () => {
    execFileSync('mkfifo', [path]);
    const { has, sink } = await follow();
    expect(sink.statuses).toEqual([{ state: 'following' }]);
    const first = await open(path, 'w');
    await first.write('one\nhalf');
    await first.close();
    await has('one', 'half');
    const second = await open(path, 'w');
    await second.write('two\n');
    await second.close();
    await has('one', 'half', 'two');
  });

  test('a FIFO that is replaced by a file', async () => {
    execFileSync('mkfifo', [path]);
    const { has } = await follow();
    unlinkSync(path);
    write('one\n');
    await has('one');
  });

  test('UTF-16 with a byte order mark comes as UTF-8, whole lines at a time', async () => {
    const utf16 = (text: string) => Buffer.from(text, 'utf16le');
    writeFileSync(path, Buffer.concat([Buffer.from([0xff, 0xfe]), utf16('höher\n日本')]));
    const first = await follow();
    await first.has('höher');
    appendFileSync(path, utf16('語\n😀'));
    await first.has('höher', '日本語');
    expect(first.sink.positions.get('app.log')?.offset).toBe(2 + utf16('höher\n日本語\n').length);
    first.sink.freeze();
    appendFileSync(path, utf16('\n'));
    const { has } = await follow({ positions: new Map(first.sink.positions) });
    await has('😀');
  });

  test('big-endian UTF-16, from its last lines', async () => {
    writeFileSync(
      path,
      Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from('one\ntwo\nthree\n', 'utf16le').swap16()]),
    );
    const { has } = await follow({ start: { last: 2 } });
    await has('two', 'three');
  });

  test('the byte order mark of UTF-8 is no text', async () => {
    write('\ufeffone\n');
    const { has, sink } = await follow();
    await has('one');
    expect(sink.positions.get('app.log')?.offset).toBe(7);
  });

  test('a .gz file is read once, and then the source has ended', async () => {
    path = join(directory, 'app.log.gz');
    writeFileSync(path, gzipSync(textOf(numbered(1, 100_000))));
    const { sink, source } = await follow({ start: { last: 10 } });
    expect(await source.ended).toEqual({ code: 0, signal: null });
    expect(sink.lines).toEqual(numbered(99_991, 100_000));
    expect(sink.statuses.at(-1)).toMatchObject({ state: 'exited', code: 0 });
  });

  test('a damaged .gz file gives what can be read, and says so', async () => {
    path = join(directory, 'app.log.gz');
    const whole = gzipSync(textOf(numbered(1, 100_000)));
    writeFileSync(path, whole.subarray(0, whole.length >> 1));
    const { sink, source } = await follow();
    await source.ended;
    expect(sink.lines.length).toBeGreaterThan(1000);
    expect(sink.notices[0]).toContain("can't be read to its end");
  });

  test('a file named .gz that is text is followed', async () => {
    path = join(directory, 'app.log.gz');
    write('one\n');
    const { has } = await follow();
    append('two\n');
    await has('one', 'two');
  });

  test('a .zst file is read where Node can, and refused with a sentence where it can not', async () => {
    path = join(directory, 'app.log.zst');
    if ('zstdCompressSync' in zlib) {
      const compress = zlib.zstdCompressSync as (text: string) => Buffer;
      writeFileSync(path, compress('one\ntwo\n'));
      const { has } = await follow();
      await has('one', 'two');
    } else {
      writeFileSync(path, Buffer.from('28b52ffd2000', 'hex'));
      await expect(follow()).rejects.toThrow(/needs Node 22.15/);
    }
  });
});

describe('without change events', () => {
  test('polling finds appended lines, rotations and truncations', async () => {
    write('one\n');
    const { has } = await follow({ pollMs: 20 });
    append('two\n');
    await has('one', 'two');
    rotateTo('app.log.1');
    write('three\n');
    await has('one', 'two', 'three');
    write('four, longer\n');
    await has('one', 'two', 'three', 'four, longer');
  });

  test('the slow check finds what no event told of', async () => {
    // A mount or a hard link made later: the directory's events say nothing.
    mkdirSync(join(directory, 'other'));
    write('one\n');
    const { has } = await follow();
    await has('one');
    linkSync(path, join(directory, 'other', 'name'));
    append('two\n', join(directory, 'other', 'name'));
    await has('one', 'two');
  });
});

test('nothing is left open after the stop', async () => {
  write('one\n');
  mkdirSync(join(directory, 'logs'));
  write('x\n', join(directory, 'logs', 'x.log'));
  const { stop, sink } = await follow({ paths: ['app.log', 'logs/*.log', 'later.log'] });
  await sink.until(() => sink.lines.length === 2, 'both files');
  rotateTo('app.log.1');
  write('two\n');
  await stop();
  expect(sink.lines).toContain('two');
  expect(openFiles().filter((file) => file.startsWith(directory))).toEqual([]);
  expect(statSync(path).size).toBe(4);
});
