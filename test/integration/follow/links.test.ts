import { linkSync, mkdirSync, renameSync, symlinkSync, unlinkSync } from 'node:fs';
import { describe, test } from 'vitest';
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
