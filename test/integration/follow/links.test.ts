import { linkSync, mkdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { followedDirectory } from '../../support/followed-directory.ts';

const stage = followedDirectory();
const { follow, write, append } = stage;

describe('links', () => {
  test('a symlink that is switched', async () => {
    mkdirSync(stage.at('releases'));
    write('one\n', stage.at('releases', '1.log'));
    write('two\n', stage.at('releases', '2.log'));
    symlinkSync('releases/1.log', stage.path);
    const { has } = await follow();
    append('one more\n', stage.at('releases', '1.log'));
    await has('one', 'one more');
    symlinkSync('releases/2.log', `${stage.path}.new`);
    renameSync(`${stage.path}.new`, stage.path);
    await has('one', 'one more', 'two');
    append('two more\n', stage.at('releases', '2.log'));
    await has('one', 'one more', 'two', 'two more');
  });

  test('a symlink switched to another file and back goes on where it was', async () => {
    write('a1\n', stage.at('a'));
    write('b1\n', stage.at('b'));
    symlinkSync('a', stage.path);
    const { has } = await follow();
    await has('a1');
    unlinkSync(stage.path);
    symlinkSync('b', stage.path);
    await has('a1', 'b1');
    append('a2\n', stage.at('a'));
    unlinkSync(stage.path);
    symlinkSync('a', stage.path);
    await has('a1', 'b1', 'a2');
  });

  function leadTo(target: string): void {
    symlinkSync(target, `${stage.path}.new`);
    renameSync(`${stage.path}.new`, stage.path);
  }

  test('a symlink that is switched to a compressed file, and back to one that is not', async () => {
    write('one\n', stage.at('1.log'));
    writeFileSync(stage.at('2.log.gz'), gzipSync('two\nthree'));
    write('four\n', stage.at('3.log'));
    symlinkSync('1.log', stage.path);
    const first = await follow();
    await first.has('one');
    leadTo('2.log.gz');
    await first.has('one', 'two', 'three');
    await first.stop();
    const second = await follow({ positions: new Map(first.sink.positions) });
    leadTo('3.log');
    await second.has('four');
    expect([...first.sink.notices, ...second.sink.notices].filter((text) => /lost|can't/.test(text))).toEqual([]);
  });

  test('a symlink to a compressed file that is switched while nobody follows it', async () => {
    writeFileSync(stage.at('1.log.gz'), gzipSync('one\n'));
    write('two\n', stage.at('2.log'));
    leadTo('1.log.gz');
    const first = await follow();
    await first.has('one');
    await first.stop();
    leadTo('2.log');
    const { has, sink } = await follow({ positions: new Map(first.sink.positions) });
    await has('two');
    expect(sink.notices.filter((text) => /lost|can't/.test(text))).toEqual([]);
  });

  test.each([
    [{ last: 2 }, ['three', 'four']],
    [{ line: 2 }, ['two', 'three', 'four']],
    ['all' as const, ['one', 'two', 'three', 'four']],
  ])('a symlink to a compressed file is read from where a file begins: %o', async (start, lines) => {
    writeFileSync(stage.at('1.log.gz'), gzipSync('one\ntwo\nthree\nfour\n'));
    leadTo('1.log.gz');
    const { has } = await follow({ start });
    await has(...lines);
  });

  test('a symlink that is switched to a file that can not be unpacked here', async () => {
    write('one\n', stage.at('1.log'));
    writeFileSync(stage.at('2.log.bz2'), 'BZh91AY&SY\n');
    write('three\n', stage.at('3.log'));
    leadTo('1.log');
    const { has, sink } = await follow();
    await has('one');
    leadTo('2.log.bz2');
    const sentence = "app.log: 2.log.bz2 can't be read: it is packed in a way that can't be undone here";
    await sink.until(() => sink.notices.includes(sentence), 'the sentence');
    leadTo('3.log');
    await has('one', 'three');
    expect(sink.notices.filter((text) => text === sentence)).toHaveLength(1);
  });

  test('a dangling symlink waits for its target', async () => {
    symlinkSync('target', stage.path);
    const { has } = await follow();
    write('one\n', stage.at('target'));
    await has('one');
  });

  test('a file written through a hard link in another directory', async () => {
    mkdirSync(stage.at('other'));
    write('one\n');
    linkSync(stage.path, stage.at('other', 'name'));
    const { has } = await follow();
    await has('one');
    append('two\n', stage.at('other', 'name'));
    await has('one', 'two');
  });
});
