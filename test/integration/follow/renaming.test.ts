import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  renameSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { until } from '../../support/deadline.ts';
import { followedDirectory, numbered, openFiles, textOf } from '../../support/followed-directory.ts';

const stage = followedDirectory();
const { follow, write, append, rotateTo } = stage;

describe.concurrent('rotation by renaming', () => {
  test('the new file follows on the old one', async () => {
    write('one\n');
    const { has, sink } = await follow();
    rotateTo('app.log.1');
    write('two\n');
    await has('one', 'two');
    append('three\n');
    await has('one', 'two', 'three');
    expect(sink.everything[1]).toBe('! app.log was rotated to app.log.1; reading the next one');
    expect(sink.positions.get('app.log')).toMatchObject({ path: stage.path, offset: 10, source: 'app.log' });
  });

  test('the rest of the old file comes before the new one', async () => {
    write('');
    const { sink } = await follow();
    const old = numbered(1, 50_000);
    append(textOf(old));
    rotateTo('app.log.1');
    write('new\n');
    await sink.until(() => sink.lines.includes('new'), 'the new file');
    expect(sink.lines).toEqual([...old, 'new']);
  });

  test('a writer that goes on writing to the renamed file is still heard', async () => {
    write('one\n');
    const { has, sink } = await follow();
    rotateTo('app.log.1');
    write('');
    append('two\n', stage.at('app.log.1'));
    await has('one', 'two');
    append('three\n');
    await has('one', 'two', 'three');
    append('late\n', stage.at('app.log.1'));
    await has('one', 'two', 'three', 'late');
    append('four\n');
    await has('one', 'two', 'three', 'late', 'four');
    expect(sink.positions.get('app.log')?.offset).toBe('three\nfour\n'.length);
  });

  test('a last line without newline is made a line before the new file begins', async () => {
    write('one\nhalf');
    const { has } = await follow();
    rotateTo('app.log.1');
    write('two\n');
    await has('one', 'half', 'two');
  });

  test('a file that is replaced several times within milliseconds loses no line that can still be read', async () => {
    write('0\n');
    const { has } = await follow();
    const expected = ['0'];
    for (let n = 1; n <= 6; n++) {
      for (let k = n - 1; k >= 1; k--) renameSync(stage.at(`app.log.${k}`), stage.at(`app.log.${k + 1}`));
      rotateTo('app.log.1');
      write(`${n}\n`);
      expected.push(String(n));
    }
    await has(...expected);
  });

  test.each([
    ['packed', 1],
    ['packed in part', 0.5],
  ])(
    'a log that its program packs and then removes comes once, seen when it is %s and still there',
    async (_, part) => {
      const packed = stage.at('app.log.1.gz');
      const second = numbered(1, 50_000);
      const whole = gzipSync(textOf(second));
      write('one\n');
      const { has, sink } = await follow();
      await has('one');
      writeFileSync(packed, gzipSync('one\n'));
      unlinkSync(stage.path);
      write(textOf(second));
      renameSync(packed, stage.at('app.log.2.gz'));
      writeFileSync(packed, whole.subarray(0, whole.length * part));
      await has('one', ...second);
      writeFileSync(packed, whole);
      unlinkSync(stage.path);
      write('three\n');
      await has('one', ...second, 'three');
      expect(sink.notices.filter((text) => /not read|can't be read/.test(text))).toEqual([]);
    },
  );

  test('files that came and went within milliseconds to a directory elsewhere', async () => {
    for (const name of ['logs', 'old']) mkdirSync(stage.at(name));
    stage.path = stage.at('logs', 'app.log');
    const old = (number: number) => stage.at('old', `app.log.${number}`);
    write('one\n');
    const { has } = await follow();
    await has('one');
    for (const [done, text] of ['two\n', 'three\n', 'four\n'].entries()) {
      for (let number = done; number > 0; number--) renameSync(old(number), old(number + 1));
      renameSync(stage.path, old(1));
      write(text);
    }
    await has('one', 'two', 'three', 'four');
  });

  // As mv does it to another file system, or cp.
  test.each([
    ['short', 'with its time'],
    ['short', 'without'],
    ['long', 'with its time'],
    ['long', 'without'],
  ])('a %s log that is copied (%s) and removed comes once, and what came and went after it', async (length, how) => {
    const one = length === 'long' ? 'one'.repeat(200) : 'one';
    write(`${one}\n`);
    const written = new Date();
    utimesSync(stage.path, written, written);
    const { has } = await follow();
    await has(one);
    copyFileSync(stage.path, stage.at('app.log.2'));
    if (how === 'with its time') utimesSync(stage.at('app.log.2'), written, written);
    unlinkSync(stage.path);
    write('two\n');
    rotateTo('app.log.1');
    write('three\n');
    await has(one, 'two', 'three');
  });

  test('a rotated file is no copy of one that was removed, because both begin alike and have one size', async () => {
    const banner = 'banner '.repeat(200);
    write(`${banner}\none\n`);
    const { has } = await follow();
    await has(banner, 'one');
    unlinkSync(stage.path);
    write(`${banner}\ntwo\n`);
    rotateTo('app.log.1');
    write('three\n');
    await has(banner, 'one', banner, 'two', 'three');
  });

  test('rotated files of another log of the same name, to which a file is moved, are not read', async () => {
    for (const name of ['ours', 'theirs']) mkdirSync(stage.at(name));
    stage.path = stage.at('ours', 'app.log');
    write('one\n');
    const { has } = await follow();
    await has('one');
    append('theirs\n', stage.at('theirs', 'app.log.1'));
    append('theirs\n', stage.at('theirs', 'app.log'));
    renameSync(stage.path, stage.at('theirs', 'app.log.2'));
    write('two\n');
    await has('one', 'two');
  });

  test('the files of multilog that came and went within milliseconds', async () => {
    stage.path = stage.at('current');
    write('one\n');
    const { has } = await follow();
    await has('one');
    for (const [at, text] of ['two\n', 'three\n', 'four\n'].entries()) {
      const name = `@4000000065f0a1b20c3d4e5${'9af'[at]}.s`;
      stage.rotateTo(name);
      // As multilog marks what it has written to the end.
      chmodSync(stage.at(name), 0o744);
      write(text);
    }
    await has('one', 'two', 'three', 'four');
  });

  test('many rotations one after the other, with dates for names', async () => {
    write('');
    const { sink } = await follow();
    const expected: string[] = [];
    for (let n = 10; n < 30; n++) {
      append(`line ${n}\n`);
      expected.push(`line ${n}`);
      if (n % 3 === 0) await sink.until(() => sink.lines.length > 0, 'a line');
      rotateTo(`app.log-202501${n}`);
      write('');
    }
    append('end\n');
    await sink.until(() => sink.lines.includes('end'), 'the end');
    expect(sink.lines).toEqual([...expected, 'end']);
  });

  test('renamed without a successor, the file is waited for and then found', async () => {
    write('one\n');
    const { has, sink } = await follow();
    rotateTo('app.log.1');
    await sink.until(() => sink.notices.length === 1, 'the notice');
    expect(sink.notices[0]).toContain('waiting for it');
    await sink.until(() => sink.statuses.at(-1)?.state === 'waiting', 'the status');
    append('to the old one\n', stage.at('app.log.1'));
    await has('one', 'to the old one');
    write('two\n');
    await has('one', 'to the old one', 'two');
    await sink.until(() => sink.statuses.at(-1)?.state === 'following', 'the status');
  });

  test('renamed and renamed back, nothing is read twice', async () => {
    write('one\n');
    const { has } = await follow();
    rotateTo('other');
    append('two\n', stage.at('other'));
    renameSync(stage.at('other'), stage.path);
    append('three\n');
    await has('one', 'two', 'three');
  });
});

describe.concurrent('a file that is rotated before it was ever seen', () => {
  function comeAndGo(...texts: string[]): void {
    for (const [at, text] of texts.entries()) {
      if (at > 0) rotate();
      write(text);
    }
  }

  /** As newsyslog and logrotate name them. */
  function rotate(): void {
    for (let last = 9; last >= 1; last--) {
      if (existsSync(stage.at(`app.log.${last}`)))
        renameSync(stage.at(`app.log.${last}`), stage.at(`app.log.${last + 1}`));
    }
    rotateTo('app.log.1');
  }

  test('is read, and what was rotated before is not', async () => {
    write('old\n', stage.at('app.log.1'));
    const hourAgo = new Date(Date.now() - 3_600_000);
    utimesSync(stage.at('app.log.1'), hourAgo, hourAgo);
    const { has } = await follow();
    comeAndGo('one\n', 'two\n', 'three\n');
    await has('one', 'two', 'three');
    append('four\n');
    await has('one', 'two', 'three', 'four');
  });

  test('is read where an earlier file of this path was removed', async () => {
    write('one\n');
    const { has, sink } = await follow();
    await has('one');
    unlinkSync(stage.path);
    await sink.until(() => sink.notices.length === 1, 'the notice');
    await until('the file is closed', () => !openFiles().some((file) => file.startsWith(stage.directory)));
    comeAndGo('two\n', 'three\n');
    await has('one', 'two', 'three');
  });

  test('is read where nobody followed meanwhile', async () => {
    const first = await follow();
    await first.stop();
    comeAndGo('one\n', 'two\n');
    const { has } = await follow({ positions: first.sink.positions });
    await has('one', 'two');
  });

  test('is read where a glob finds its successor', async () => {
    write('another\n', stage.at('other.log'));
    const { has } = await follow({ paths: [stage.at('*.log')] });
    await has('another');
    comeAndGo('one\n', 'two\n');
    await has('another', 'one', 'two');
  });

  test('neighbors that came at the same time are not taken for it', async () => {
    const { has, sink } = await follow({ paths: [stage.at('app.log')] });
    for (const name of ['app-2.log', 'app-2026-11-29.log', 'app.log.d', 'apps.log']) write(`${name}\n`, stage.at(name));
    write('one\n');
    append('another\n', stage.at('app-2.log'));
    await has('one');
    append('two\n');
    await has('one', 'two');
    expect(sink.notices).toEqual([]);
  });
});
