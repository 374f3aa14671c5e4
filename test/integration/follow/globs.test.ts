import { mkdirSync, renameSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { followedDirectory } from '../../support/followed-directory.ts';

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

  test('matches in directories that come later join', async () => {
    const { sink } = await follow({ paths: ['**/*.log'] });
    expect(sink.statuses).toEqual([{ state: 'waiting' }]);
    mkdirSync(stage.at('x', 'y'), { recursive: true });
    write('deep\n', stage.at('x', 'y', 'a.log'));
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
    renameSync(stage.at('app.log.1'), stage.at('app.log.2'));
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
    stage.path = stage.at('app[1].log');
    write('one\n');
    const { has } = await follow({ paths: ['app[1].log'] });
    await has('one');
  });

  test('a directory is refused', async () => {
    await expect(follow({ paths: ['.'] })).rejects.toMatchObject({ kind: 'source' });
  });
});
