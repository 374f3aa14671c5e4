import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import * as zlib from 'node:zlib';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createFileSource } from '../../../agent/sources/file/file.ts';
import type { FilePosition } from '../../../agent/words/position.ts';
import { type Following, followedDirectory, numbered, textOf } from '../../support/followed-directory.ts';
import { createRecordingSink } from '../../support/recording-sink.ts';
import { spawnSync } from '../../support/sync-child.ts';

const stage = followedDirectory();
const { follow, write, append, rotateTo } = stage;

describe('after a stop', () => {
  async function restartAfter(change: (positions: Map<string, FilePosition>) => void): Promise<Following> {
    const first = await follow();
    await first.sink.until(() => first.sink.lines.length > 0, 'the first lines');
    await first.stop();
    change(first.sink.positions);
    return follow({ positions: first.sink.positions, start: { last: 10 } });
  }

  /** As `gzip` does it: the time of the last write stays. */
  function compress(number: number): void {
    const { atime, mtime } = statSync(stage.path);
    const packed = stage.at(`app.log.${number}.gz`);
    writeFileSync(packed, gzipSync(readFileSync(stage.path)));
    utimesSync(packed, atime, mtime);
    unlinkSync(stage.path);
  }

  function restartAfterCutOff(): Promise<Following> {
    write('one\n');
    return restartAfter(() => {
      append(textOf(numbered(1, 100_000)));
      compress(1);
      truncateSync(stage.at('app.log.1.gz'), 100_000);
      write('new\n');
    });
  }

  test('reading goes on where it ended', async () => {
    write('one\n');
    const { has, sink } = await restartAfter(() => append('two\n'));
    await has('two');
    expect(sink.notices).toEqual([]);
  });

  test('a line that was being written is read whole', async () => {
    write('one\n');
    const first = await follow();
    append('ha');
    await first.stop();
    append('lf\n');
    const { has } = await follow({ positions: first.sink.positions });
    await has('half');
    expect(first.sink.lines).toEqual(['one']);
  });

  test('a last line without newline that stands there for good is a line', async () => {
    write('one\nlast');
    const past = new Date(Date.now() - 60_000);
    utimesSync(stage.path, past, past);
    const { sink, stop } = await follow();
    await stop();
    expect(sink.lines).toEqual(['one', 'last']);
    expect(sink.positions.get('app.log')?.offset).toBe(8);
  });

  test('rotated once: the rest of the old file, then the new one', async () => {
    write('one\n');
    const { has } = await restartAfter(() => {
      append('two\n');
      rotateTo('app.log.1');
      write('three\n');
    });
    await has('two', 'three');
  });

  test('rotated, and the new file has not come yet', async () => {
    write('one\n');
    const { has } = await restartAfter(() => {
      append('two\n');
      rotateTo('app.log.1');
    });
    await has('two');
    write('three\n');
    await has('two', 'three');
  });

  test('rotated several times with numbers', async () => {
    write('before\n', stage.at('app.log.1'));
    write('one\n');
    const { has } = await restartAfter(() => {
      for (const n of [2, 3, 4]) {
        append(`more ${n}\n`);
        for (let k = n - 1; k >= 1; k--) renameSync(stage.at(`app.log.${k}`), stage.at(`app.log.${k + 1}`));
        rotateTo('app.log.1');
        write(`${n}\n`);
      }
    });
    await has('more 2', '2', 'more 3', '3', 'more 4', '4');
  });

  test('rotated several times with dates', async () => {
    write('before\n', stage.at('app-2025-01-01.log'));
    write('one\n');
    const { has } = await restartAfter(() => {
      rotateTo('app-2025-01-02.log');
      write('two\n');
      rotateTo('app-2025-01-03.log');
      write('three\n');
    });
    await has('two', 'three');
  });

  test('rotated and compressed several times: all of it is unpacked, from where reading ended', async () => {
    const text = textOf(numbered(1, 50_000));
    write(text);
    const first = await follow();
    await first.sink.until(() => first.sink.lines.length > 20_000, 'the first lines');
    first.sink.freeze();
    await first.stop();
    append('the rest\n');
    compress(3);
    write('two\n');
    compress(2);
    write('three\n');
    rotateTo('app.log.1');
    write('four\n');
    const { sink } = await follow({ positions: new Map(first.sink.positions) });
    await sink.until(() => sink.lines.at(-1) === 'four', 'the newest file');
    expect([...first.sink.lines, ...sink.lines]).toEqual([...numbered(1, 50_000), 'the rest', 'two', 'three', 'four']);
    expect(sink.notices).toEqual([
      'app.log was rotated to app.log.3.gz; reading the next one',
      'app.log was rotated to app.log.2.gz; reading the next one',
      'app.log was rotated to app.log.1; reading the next one',
    ]);
  });

  test.runIf('zstdCompressSync' in zlib)('rotated and compressed with zstd', async () => {
    write('one\n');
    const { has } = await restartAfter(() => {
      append('two\n');
      const compress = (zlib as unknown as { zstdCompressSync(bytes: Buffer): Buffer }).zstdCompressSync;
      writeFileSync(stage.at('app.log-20250101.zst'), compress(readFileSync(stage.path)));
      unlinkSync(stage.path);
      write('three\n');
    });
    await has('two', 'three');
  });

  test('killed in the middle of a compressed file', async () => {
    write('one\n');
    const first = await follow();
    await first.stop();
    append(textOf(numbered(1, 100_000)));
    compress(1);
    write('new\n');
    const killed = createRecordingSink();
    const second = createFileSource({ paths: [stage.path], start: 'all', positions: first.sink.positions });
    const started = second.start(killed);
    await killed.until(() => killed.lines.length > 1000, 'some lines');
    killed.freeze();
    await started;
    await second.stop();
    const { sink } = await follow({ positions: new Map(killed.positions) });
    await sink.until(() => sink.lines.at(-1) === 'new', 'the new file');
    expect(killed.lines.length).toBeLessThan(100_000);
    expect([...killed.lines, ...sink.lines]).toEqual([...numbered(1, 100_000), 'new']);
  });

  test('a compressed file that is damaged is read as far as it goes, and that is told', async () => {
    const { sink } = await restartAfterCutOff();
    await sink.until(() => sink.lines.at(-1) === 'new', 'the new file');
    const { stdout } = spawnSync('gzip', ['-dc', stage.at('app.log.1.gz')], { encoding: 'utf8', maxBuffer: 1e8 });
    expect(textOf(['one', ...sink.lines]).slice(0, stdout.length)).toBe(stdout);
    expect(sink.everything.slice(-3)).toEqual([
      "! app.log: app.log.1.gz can't be read to its end: unexpected end of file",
      '! app.log was rotated to app.log.1.gz; reading the next one',
      'new',
    ]);
  });

  test('copytruncate: the rest is read from the copy', async () => {
    write('one\n');
    const { has, sink } = await restartAfter(() => {
      append('two\n');
      copyFileSync(stage.path, stage.at('app.log.1'));
      truncateSync(stage.path);
      append('three\n');
    });
    await has('two', 'three');
    expect(sink.notices).toEqual(['app.log was truncated after it was copied; reading its new content']);
  });

  test('truncated: what is lost is told', async () => {
    write('one\ntwo\n');
    const { has, sink } = await restartAfter(() => write('new\n'));
    await has('new');
    expect(sink.notices[0]).toContain('what came after byte 8 of the old one is lost');
  });

  test('replaced: what is lost is told', async () => {
    write('one\ntwo\n');
    const { has, sink } = await restartAfter(() => {
      unlinkSync(stage.path);
      write('another file, longer than the old one\n');
    });
    await has('another file, longer than the old one');
    expect(sink.notices[0]).toContain('replaced');
  });

  test('no link in a directory below is followed: others may write there', async () => {
    mkdirSync(stage.at('uploads'));
    write(textOf(numbered(1, 20)));
    const { sink, has } = await restartAfter(() => {
      writeFileSync(stage.at('uploads/app.log.2.gz'), gzipSync(readFileSync(stage.path)));
      unlinkSync(stage.path);
      mkdirSync(stage.at('private'));
      writeFileSync(stage.at('private/keys'), 'secret\n');
      symlinkSync('../private/keys', stage.at('uploads/app.log.1'));
      write('new\n');
    });
    await has('new');
    expect(sink.lines).not.toContain('secret');
  });

  test('rotated and packed in a way that can not be undone here: the file is named', async () => {
    write('one\n');
    const { has, sink } = await restartAfter(() => {
      append('two\n');
      unlinkSync(stage.path);
      write('BZh9 and so on', stage.at('app.log.0.bz2'));
      write('new\n');
    });
    await has('new');
    expect(sink.notices).toEqual([
      "app.log was replaced by another file while it was not followed: what came after byte 4 of the old one is lost, or in app.log.0.bz2, which can't be unpacked here; reading the new one from its beginning",
    ]);
  });

  test('rotated past what is kept: what is still there is read, and what is lost is told', async () => {
    write('one\n');
    const { has, sink } = await restartAfter(() => {
      for (const n of [3, 2, 1]) {
        rotateTo(`app.log.${n}`);
        write(`${4 - n} after it\n`);
      }
      unlinkSync(stage.at('app.log.3'));
    });
    await has('1 after it', '2 after it', '3 after it');
    expect(sink.notices[0]).toBe(
      'app.log was replaced by another file while it was not followed: what came after byte 4 of the old one is lost; reading the next one from its beginning',
    );
  });

  test('killed in the middle of a rotated file', async () => {
    write('');
    const first = await follow();
    const lines = numbered(1, 300_000);
    append(textOf(lines));
    rotateTo('app.log.1');
    write('new\n');
    await first.sink.until(() => first.sink.lines.length > 1000, 'some lines');
    first.sink.freeze();
    const { sink } = await follow({ positions: new Map(first.sink.positions) });
    await sink.until(() => sink.lines.at(-1) === 'new', 'the new file');
    expect([...first.sink.lines, ...sink.lines]).toEqual([...lines, 'new']);
  });
});
