import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { liveOwner, takeLock } from '../../../../../agent/journal/disk/logs/lock.ts';
import { SseTailError } from '../../../../../agent/words/errors.ts';
import { until } from '../../../../support/deadline.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';
import { exited, outputOf, spawnTypescript, type TypescriptProcess } from '../../../../support/typescript-process.ts';

async function lockPath(): Promise<string> {
  return join(await tempFolder(), 'lock');
}

async function spawnTaker(): Promise<{ child: TypescriptProcess; output: { text: string } }> {
  const child = await spawnTypescript('./lock-taker.ts', []);
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return { child, output: outputOf(child) };
}

/** A lock whose owner was killed. */
async function deadLock(path: string): Promise<void> {
  const { child, output } = await spawnTaker();
  child.stdin.write(`${path}\n`);
  await until('the lock is taken', () => output.text.includes('taken'));
  child.kill('SIGKILL');
  await exited(child);
}

describe('a lock', () => {
  test('has one owner at a time, who is named to others', async () => {
    const path = await lockPath();
    const lock = await takeLock(path);
    await lock.setUrl('http://127.0.0.1:7730/');
    const refused = await takeLock(path).catch((error) => error);
    expect(refused).toBeInstanceOf(SseTailError);
    expect(refused).toMatchObject({ kind: 'locked', facts: { pid: process.pid, url: 'http://127.0.0.1:7730/' } });
    expect(refused.message).toContain(`process ${process.pid}, http://127.0.0.1:7730/`);
    expect(await liveOwner(path)).toMatchObject({ pid: process.pid });
    await lock.release();
    expect(await liveOwner(path)).toBeUndefined();
    await (await takeLock(path)).release();
    expect(await readdir(join(path, '..'))).toEqual([]);
  });

  test('is for its owner only to read', async () => {
    const path = await lockPath();
    const umask = process.umask(0);
    onTestFinished(() => {
      process.umask(umask);
    });
    const lock = await takeLock(path);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await lock.release();
  });

  test('of a killed owner is taken over', async () => {
    const path = await lockPath();
    await deadLock(path);
    expect(await liveOwner(path)).toBeUndefined();
    const lock = await takeLock(path);
    expect(await liveOwner(path)).toMatchObject({ pid: process.pid });
    expect(await readdir(join(path, '..'))).toEqual(['lock']);
    await lock.release();
  });

  test('of an owner whose process id belongs to another process now is taken over', async () => {
    const path = await lockPath();
    await writeFile(path, JSON.stringify({ nonce: '0123456789abcdef', pid: process.ppid, startTime: '1' }));
    await (await takeLock(path)).release();
  });

  test.each(['', '{"pid":', '{"nonce":"../../x","pid":1}', '[]', 'null'])(
    'that holds %j is taken over',
    async (content) => {
      const path = await lockPath();
      await writeFile(path, content);
      await (await takeLock(path)).release();
      expect(await readdir(join(path, '..'))).toEqual([]);
    },
  );

  test('is taken over although a taker was killed in the middle of it', async () => {
    const path = await lockPath();
    await writeFile(path, JSON.stringify({ nonce: '00000000000000aa', pid: 0, startTime: null }));
    await writeFile(`${path}.00000000000000aa`, JSON.stringify({ nonce: '00000000000000bb', pid: 0, startTime: null }));
    const lock = await takeLock(path);
    expect(await readdir(join(path, '..'))).toEqual(['lock']);
    await lock.release();
  });

  test('that another one took meanwhile is neither rewritten nor released', async () => {
    const path = await lockPath();
    const lock = await takeLock(path);
    const other = JSON.stringify({ nonce: '00000000000000aa', pid: process.pid, startTime: null });
    await writeFile(path, other);
    await lock.setUrl('http://x/');
    await lock.restore();
    await lock.release();
    expect(await readFile(path, 'utf8')).toBe(other);
  });

  test('of a dead owner goes to one of many takers in this process', async () => {
    for (let round = 0; round < 20; round++) {
      const path = await lockPath();
      await writeFile(path, JSON.stringify({ nonce: '00000000000000aa', pid: 0, startTime: null }));
      const attempts = await Promise.allSettled(Array.from({ length: 12 }, () => takeLock(path)));
      expect(attempts.filter((attempt) => attempt.status === 'fulfilled')).toHaveLength(1);
      for (const attempt of attempts) {
        if (attempt.status === 'rejected') expect(attempt.reason).toMatchObject({ kind: 'locked' });
      }
    }
  });

  test('of a dead owner goes to one of several processes', { timeout: 30_000 }, async () => {
    const takers = await Promise.all(Array.from({ length: 4 }, spawnTaker));
    for (const { output } of takers) await until('the taker is up', () => output.text.startsWith('ready'));
    for (let round = 1; round <= 25; round++) {
      const path = await lockPath();
      await writeFile(path, JSON.stringify({ nonce: '00000000000000aa', pid: 0, startTime: null }));
      for (const { child } of takers) child.stdin.write(`${path}\n`);
      const answers = () => takers.map(({ output }) => output.text.split('\n')[round] ?? '');
      const all = await until(
        'all have answered',
        () => answers().every((answer) => /^(taken|locked)$/.test(answer)) && answers(),
      );
      expect(all.sort()).toEqual(['locked', 'locked', 'locked', 'taken']);
    }
  });
});
