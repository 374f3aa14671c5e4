import { chmodSync, mkdirSync, renameSync, rmSync, unlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { until } from '../../support/deadline.ts';
import { followedDirectory, openFiles } from '../../support/followed-directory.ts';

const stage = followedDirectory();
const { follow, write, append } = stage;

/** Whoever has another user has it for the whole process. */
const alone = { concurrent: false };

describe.concurrent('removing and coming back', () => {
  test('unlinked and made anew', async () => {
    write('one\n');
    const { has } = await follow();
    unlinkSync(stage.path);
    write('two\n');
    await has('one', 'two');
  });

  test('unlinked, made anew much later with the same content: it is another file', async () => {
    write('one\n');
    const { has, sink } = await follow();
    await has('one');
    unlinkSync(stage.path);
    await sink.until(() => sink.notices.length === 1, 'the notice');
    expect(sink.notices[0]).toBe('app.log is gone; waiting for it to come back');
    write('one\n');
    await has('one', 'one');
    expect(sink.notices[1]).toBe('app.log is there again');
  });

  test('a removed file is let go, so that its disk space is freed', async () => {
    write('one\n');
    const { has, sink } = await follow();
    await has('one');
    const held = () => openFiles().some((file) => file.startsWith(stage.directory));
    unlinkSync(stage.path);
    await sink.until(() => sink.notices.length === 1, 'the notice');
    await until('the file is closed', () => !held());
  });

  test('the rest of a file that was removed at once is read', async () => {
    write('one\n');
    const { has } = await follow();
    append('two\n');
    unlinkSync(stage.path);
    await has('one', 'two');
  });

  test('a directory that is renamed away and back', async () => {
    const inner = stage.at('logs');
    mkdirSync(inner);
    stage.path = stage.at('logs', 'app.log');
    write('one\n');
    const { has } = await follow();
    renameSync(inner, stage.at('away'));
    append('two\n', stage.at('away', 'app.log'));
    renameSync(stage.at('away'), inner);
    append('three\n');
    await has('one', 'two', 'three');
  });

  test('a directory that is removed and made again', async () => {
    const inner = stage.at('logs');
    mkdirSync(inner);
    stage.path = stage.at('logs', 'app.log');
    write('one\n');
    const { has } = await follow();
    await has('one');
    rmSync(inner, { recursive: true });
    mkdirSync(inner);
    write('two\n');
    await has('one', 'two');
    append('three\n');
    await has('one', 'two', 'three');
  });

  test('a directory in place of the file is told and waited out', async () => {
    write('one\n');
    const { has, sink } = await follow();
    await has('one');
    unlinkSync(stage.path);
    mkdirSync(stage.path);
    await sink.until(() => sink.notices.length === 1, 'the notice');
    expect(sink.notices[0]).toContain('is a directory');
    rmSync(stage.path, { recursive: true });
    write('two\n');
    await has('one', 'two');
  });

  test.runIf(process.geteuid?.() === 0)(
    'a compressed file that may not be read is refused with a sentence',
    alone,
    async () => {
      chmodSync(stage.directory, 0o777);
      stage.path = stage.at('app.log.gz');
      write('no matter what');
      chmodSync(stage.path, 0o000);
      process.seteuid?.(65534);
      try {
        await expect(follow()).rejects.toMatchObject({
          kind: 'source',
          message: expect.stringContaining("can't be read: permission"),
        });
      } finally {
        process.seteuid?.(0);
      }
    },
  );

  test.runIf(process.geteuid?.() === 0)('permission taken away and given back', alone, async () => {
    chmodSync(stage.directory, 0o777);
    write('one\n');
    chmodSync(stage.path, 0o000);
    process.seteuid?.(65534);
    try {
      const { has, sink } = await follow({ start: { last: 10 } });
      expect(sink.notices).toEqual(["app.log can't be read (permission denied); waiting for it"]);
      expect(sink.statuses).toEqual([{ state: 'waiting' }]);
      process.seteuid?.(0);
      chmodSync(stage.path, 0o644);
      process.seteuid?.(65534);
      await has('one');
      process.seteuid?.(0);
      chmodSync(stage.path, 0o000);
      append('two\n');
      process.seteuid?.(65534);
      await has('one', 'two');
    } finally {
      process.seteuid?.(0);
    }
  });
});
