import { appendFileSync, closeSync, ftruncateSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { FollowOptions } from '../../../agent/sources/file/file.ts';
import { followedDirectory, textOf } from '../../support/followed-directory.ts';

const stage = followedDirectory();
const { follow, write, append } = stage;

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
    stage.path = stage.at('a', 'b', 'app.log');
    const { has } = await follow();
    mkdirSync(dirname(stage.path), { recursive: true });
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
    appendFileSync(stage.path, Buffer.alloc(50_000_000, 'x\n'));
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
    stage.path = '/proc/version';
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
    const fd = openSync(stage.path, 'w');
    ftruncateSync(fd, 200 * 1024 ** 3);
    closeSync(fd);
    append('\none\ntwo\n');
    const { has } = await follow({ start: { last: 2 } });
    // Read from its beginning it would take minutes, and no deadline of a test lasts that long.
    await has('one', 'two');
  });
});
