import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createQuickStat, type Seen } from '../../../../../agent/sources/file/watch/quick-stat.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

const isLinux = process.platform === 'linux';

function seen(path: string, more: Partial<Seen> = {}): Seen {
  return { path, isOpen: true, elsewhere: undefined, ...more };
}

describe.runIf(isLinux)('a quickStat', () => {
  test('at a file needs no wait once one in its directory was found to be on a disk of this machine', async () => {
    const directory = await tempFolder();
    const [first, second] = [seen(join(directory, 'a.log')), seen(join(directory, 'b.log'))];
    for (const { path } of [first, second]) await writeFile(path, 'line\n');
    const quickStat = createQuickStat();
    expect(quickStat.now(first)).toBeUndefined();
    const there = await quickStat.at(first);
    expect(quickStat.now(first)).toEqual(there);
    expect(quickStat.now(second)).toMatchObject({ type: 'file' });
  });

  test('tells what is there now', async () => {
    const file = seen(join(await tempFolder(), 'a.log'));
    await writeFile(file.path, 'line\n');
    const quickStat = createQuickStat();
    const first = await quickStat.at(file);
    await rename(file.path, `${file.path}.1`);
    await writeFile(file.path, 'line\n');
    const second = quickStat.now(file);
    expect(second).toMatchObject({ type: 'file' });
    expect(second).not.toMatchObject({ id: (first as { id: string }).id });
    await rm(file.path);
    expect(quickStat.now(file)).toMatchObject({ type: 'none', why: 'missing' });
    // Something else may come to be there.
    expect(quickStat.now(file)).toBeUndefined();
  });

  test('waits where what is asked may be a server, or is not known', async () => {
    const quickStat = createQuickStat();
    const virtual = seen('/proc/self/status');
    await quickStat.at(virtual);
    expect(quickStat.now(virtual)).toBeUndefined();

    const directory = await tempFolder();
    const file = seen(join(directory, 'a.log'));
    await writeFile(file.path, '');
    await quickStat.at({ ...file, isOpen: false });
    await quickStat.at({ ...file, elsewhere: '1:2' });
    expect(quickStat.now(file)).toBeUndefined();
    await quickStat.at(file);
    expect(quickStat.now({ ...file, isOpen: false })).toBeUndefined();
    expect(quickStat.now({ ...file, elsewhere: '1:2' })).toBeUndefined();
  });
});
