import { chown, mkdir, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { logDirectory, logIdsIn, prepareStateDir, stateDir } from '../../../../../agent/journal/disk/logs/state-dir.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

describe('the state dir', () => {
  test('is where the XDG Base Directory Specification puts it', () => {
    expect(stateDir({ XDG_STATE_HOME: '/state' }, '/home/me')).toBe('/state/sse-tail');
    expect(stateDir({}, '/home/me')).toBe('/home/me/.local/state/sse-tail');
    expect(stateDir({ XDG_STATE_HOME: '' }, '/home/me')).toBe('/home/me/.local/state/sse-tail');
    expect(stateDir({ XDG_STATE_HOME: 'relative' }, '/home/me')).toBe('/home/me/.local/state/sse-tail');
  });

  test('is made for its user only, under a loose umask, too', async () => {
    const umask = process.umask(0);
    onTestFinished(() => {
      process.umask(umask);
    });
    const dir = join(await tempFolder(), 'a', 'sse-tail');
    await prepareStateDir(dir);
    await prepareStateDir(dir);
    expect((await stat(dir)).mode & 0o777).toBe(0o700);
  });

  test('of somebody else is refused', async (context) => {
    const dir = await tempFolder();
    await chown(dir, 12345, 12345).catch(() => context.skip('needs the right to give files away'));
    await expect(prepareStateDir(dir)).rejects.toMatchObject({ kind: 'journal', facts: { uid: 12345 } });
  });

  test.each(['/dev/null/sse-tail', '/proc/state/sse-tail'])(
    'that can not be made (%s) is told in a sentence',
    async (dir) => {
      await expect(prepareStateDir(dir)).rejects.toMatchObject({
        kind: 'journal',
        message: expect.stringMatching(
          `^The directory for logs, ${dir}, can't be created: .*\\. Choose another one with --dir\\.$`,
        ),
      });
    },
  );

  test('is made by several at once', async () => {
    const dir = join(await tempFolder(), 'a', 'b', 'sse-tail');
    await Promise.all(Array.from({ length: 10 }, () => prepareStateDir(dir)));
    expect((await stat(dir)).isDirectory()).toBe(true);
  });

  test('holds the logs that are folders with a proper name, and no symbolic links', async () => {
    const dir = await tempFolder();
    const elsewhere = await tempFolder();
    await mkdir(join(dir, 'good-1'));
    await mkdir(join(dir, '.hidden'));
    await symlink(elsewhere, join(dir, 'link-1'));
    expect(await logIdsIn(dir)).toEqual(['good-1']);
    expect(await logDirectory(dir, 'good-1')).toBe(join(dir, 'good-1'));
    for (const id of ['link-1', '..', '.', '../x', '.hidden', 'none', ''])
      expect(await logDirectory(dir, id)).toBeUndefined();
    await rm(dir, { recursive: true });
    expect(await logIdsIn(dir)).toEqual([]);
  });

  test("holds no log that is somebody else's folder", async (context) => {
    const dir = await tempFolder();
    await mkdir(join(dir, 'planted-1'));
    expect(await logIdsIn(dir)).toEqual(['planted-1']);
    await chown(join(dir, 'planted-1'), 12345, 12345).catch(() => context.skip('needs the right to give files away'));
    expect(await logIdsIn(dir)).toEqual([]);
    expect(await logDirectory(dir, 'planted-1')).toBeUndefined();
  });
});
