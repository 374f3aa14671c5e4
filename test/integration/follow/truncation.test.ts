import {
  closeSync,
  copyFileSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { followedDirectory, numbered, textOf } from '../../support/followed-directory.ts';

const stage = followedDirectory();
const { follow, write, append } = stage;

describe('truncation', () => {
  test('to nothing, and then written again', async () => {
    write('one\ntwo\n');
    const { has, sink } = await follow();
    truncateSync(stage.path);
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
    truncateSync(stage.path);
    await has('one', 'half');
    append('two\n');
    await has('one', 'half', 'two');
    expect(sink.positions.get('app.log')?.offset).toBe(4);
  });

  test('the hole that a writer without O_APPEND leaves is passed over', async () => {
    const fd = openSync(stage.path, 'w');
    writeSync(fd, `one\n${'x'.repeat(10_000)}\n`);
    const { sink } = await follow();
    truncateSync(stage.path);
    await sink.until(() => sink.notices.length === 1, 'the notice');
    writeSync(fd, 'two\n');
    await sink.until(() => sink.lines.length === 3, 'the line behind the hole');
    expect(sink.lines[2]).toBe('two');
    closeSync(fd);
  });

  test('a file that begins with a hole is read from its text on', async () => {
    const fd = openSync(stage.path, 'w');
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
    copyFileSync(stage.path, stage.at('app.log.1'));
    truncateSync(stage.path);
    append(textOf(numbered(121, 130)));
    await sink.until(() => sink.lines.includes('line 130'), 'the last line');
    expect(sink.lines).toEqual(numbered(1, 130));
  });

  test('copytruncate: a copy that was compressed at once', async () => {
    write(textOf(numbered(1, 100)));
    const { sink } = await follow({ pollMs: 200 });
    await sink.until(() => sink.lines.length === 100, 'the first lines');
    append(textOf(numbered(101, 120)));
    writeFileSync(stage.at('app.log.1.gz'), gzipSync(readFileSync(stage.path)));
    truncateSync(stage.path);
    append(textOf(numbered(121, 130)));
    await sink.until(() => sink.lines.includes('line 130'), 'the last line');
    expect(sink.lines).toEqual(numbered(1, 130));
  });

  test.each([
    ['as it is', () => {}],
    [
      'compressed',
      () => {
        writeFileSync(stage.at('app.log.1.gz'), gzipSync(readFileSync(stage.at('app.log.1'))));
        unlinkSync(stage.at('app.log.1'));
      },
    ],
  ])('copytruncate, and then rotated by renaming, %s: each line comes once and in its order', async (_, pack) => {
    write('one\n');
    const { has } = await follow();
    await has('one');
    copyFileSync(stage.path, stage.at('app.log.1'));
    truncateSync(stage.path);
    append('two\n');
    renameSync(stage.at('app.log.1'), stage.at('app.log.2'));
    stage.rotateTo('app.log.1');
    pack();
    write('three\n');
    await has('one', 'two', 'three');
    append('four\n');
    await has('one', 'two', 'three', 'four');
  });

  test('a touched file is not read again', async () => {
    write('one\n');
    const { has } = await follow();
    utimesSync(stage.path, new Date(), new Date());
    append('two\n');
    await has('one', 'two');
  });
});
