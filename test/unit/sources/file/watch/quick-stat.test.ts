import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createGlance, type Seen } from '../../../../../agent/sources/file/watch/quick-stat.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

const isLinux = process.platform === 'linux';

function seen(path: string, more: Partial<Seen> = {}): Seen {
  return { path, isOpen: true, elsewhere: undefined, ...more };
}

describe.runIf(isLinux)('a glance', () => {
  test('at a file needs no wait once one in its folder was found to be on a disk of this machine', async () => {
    const folder = await tempFolder();
    const [first, second] = [seen(join(folder, 'a.log')), seen(join(folder, 'b.log'))];
    for (const { path } of [first, second]) await writeFile(path, 'line\n');
    const glance = createGlance();
    expect(glance.now(first)).toBeUndefined();
    const there = await glance.at(first);
    expect(glance.now(first)).toEqual(there);
    expect(glance.now(second)).toMatchObject({ type: 'file' });
  });

  test('tells what is there now', async () => {
    const file = seen(join(await tempFolder(), 'a.log'));
    await writeFile(file.path, 'line\n');
    const glance = createGlance();
    const first = await glance.at(file);
    await rename(file.path, `${file.path}.1`);
    await writeFile(file.path, 'line\n');
    const second = glance.now(file);
    expect(second).toMatchObject({ type: 'file' });
    expect(second).not.toMatchObject({ id: (first as { id: string }).id });
    await rm(file.path);
    expect(glance.now(file)).toMatchObject({ type: 'none', why: 'missing' });
    // Something else may come to be there.
    expect(glance.now(file)).toBeUndefined();
  });

  test('waits where what is asked may be a server, or is not known', async () => {
    const glance = createGlance();
    const virtual = seen('/proc/self/status');
    await glance.at(virtual);
    expect(glance.now(virtual)).toBeUndefined();

    const folder = await tempFolder();
    const file = seen(join(folder, 'a.log'));
    await writeFile(file.path, '');
    await glance.at({ ...file, isOpen: false });
    await glance.at({ ...file, elsewhere: '1:2' });
    expect(glance.now(file)).toBeUndefined();
    await glance.at(file);
    expect(glance.now({ ...file, isOpen: false })).toBeUndefined();
    expect(glance.now({ ...file, elsewhere: '1:2' })).toBeUndefined();
  });
});
