import { appendFileSync, mkdirSync, realpathSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { rawText } from '../../../agent/words/raw-text.ts';
import { followedDirectory } from '../../support/followed-directory.ts';

const stage = followedDirectory();
const { follow } = stage;

/** In Latin-1, as file systems of old have it. */
const latin1 = (text: string) => Buffer.from(text, 'latin1');
const at = (name: string) => Buffer.concat([Buffer.from(`${realpathSync(stage.directory)}/`), latin1(name)]);

describe.runIf(process.platform === 'linux')('names that are not UTF-8', () => {
  test('are followed, rotated and continued after a restart', async () => {
    writeFileSync(at('caf\xe9.log'), 'one\n');
    const paths = [rawText(at('caf\xe9.log'))];
    const first = await follow({ paths });
    renameSync(at('caf\xe9.log'), at('caf\xe9.log.1'));
    writeFileSync(at('caf\xe9.log'), 'two\n');
    await first.has('one', 'two');
    await first.stop();
    appendFileSync(at('caf\xe9.log'), 'three\n');
    renameSync(at('caf\xe9.log'), at('caf\xe9.log.2'));
    writeFileSync(at('caf\xe9.log'), 'four\n');
    // As the journal keeps them.
    const positions = new Map(JSON.parse(JSON.stringify([...first.sink.positions])));
    const { has, sink } = await follow({ paths, positions: positions as typeof first.sink.positions });
    await has('three', 'four');
    expect(sink.linesOf('caf\\xe9.log')).toEqual(['three', 'four']);
  });

  test('are found by a glob, each under a name of its own, also in such a directory and later', async () => {
    mkdirSync(at('d\xe9p\xf4t'));
    writeFileSync(at('d\xe9p\xf4t/caf\xe9.log'), 'of e\n');
    writeFileSync(at('d\xe9p\xf4t/caf\xe8.log'), 'of the other e\n');
    const { sink } = await follow({ paths: ['d*/*.log'] });
    await sink.until(() => sink.lines.length === 2, 'both files');
    writeFileSync(at('d\xe9p\xf4t/th\xe9.log'), 'later\n');
    await sink.until(() => sink.lines.length === 3, 'the new file');
    appendFileSync(at('d\xe9p\xf4t/caf\xe9.log'), 'more\n');
    await sink.until(() => sink.lines.length === 4, 'the line that was appended');
    expect(sink.linesOf('d\\xe9p\\xf4t/caf\\xe9.log')).toEqual(['of e', 'more']);
    expect(sink.linesOf('d\\xe9p\\xf4t/caf\\xe8.log')).toEqual(['of the other e']);
    expect(sink.linesOf('d\\xe9p\\xf4t/th\\xe9.log')).toEqual(['later']);
  });

  test('are where a symlink leads', async () => {
    mkdirSync(at('r\xe9el'));
    writeFileSync(at('r\xe9el/caf\xe9.log'), 'one\n');
    symlinkSync(at('r\xe9el/caf\xe9.log'), stage.path);
    const { has } = await follow();
    appendFileSync(at('r\xe9el/caf\xe9.log'), 'two\n');
    await has('one', 'two');
  });
});
