import { linkSync, mkdirSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { followedDirectory, openFiles } from '../../support/followed-directory.ts';

const stage = followedDirectory();
const { follow, write, append, rotateTo } = stage;

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
    mkdirSync(stage.at('other'));
    write('one\n');
    const { has } = await follow();
    await has('one');
    linkSync(stage.path, stage.at('other', 'name'));
    append('two\n', stage.at('other', 'name'));
    await has('one', 'two');
  });
});

test('nothing is left open after the stop', async () => {
  write('one\n');
  mkdirSync(stage.at('logs'));
  write('x\n', stage.at('logs', 'x.log'));
  const { stop, sink } = await follow({ paths: ['app.log', 'logs/*.log', 'later.log'] });
  await sink.until(() => sink.lines.length === 2, 'both files');
  rotateTo('app.log.1');
  write('two\n');
  await stop();
  expect(sink.lines).toContain('two');
  expect(openFiles().filter((file) => file.startsWith(stage.directory))).toEqual([]);
  expect(statSync(stage.path).size).toBe(4);
});
