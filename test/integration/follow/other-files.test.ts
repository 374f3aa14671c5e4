import { appendFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import * as zlib from 'node:zlib';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { followedDirectory, numbered, textOf } from '../../support/followed-directory.ts';
import { execFileSync, spawnSync } from '../../support/sync-child.ts';

const stage = followedDirectory();
const { follow, write, append } = stage;

describe('what is not a plain text file', () => {
  test('a FIFO is read across its writers', async () => {
    execFileSync('mkfifo', [stage.path]);
    const { has, sink } = await follow();
    expect(sink.statuses).toEqual([{ state: 'following' }]);
    const first = await open(stage.path, 'w');
    await first.write('one\nhalf');
    await first.close();
    await has('one', 'half');
    const second = await open(stage.path, 'w');
    await second.write('two\n');
    await second.close();
    await has('one', 'half', 'two');
  });

  test('a FIFO that is replaced by a file', async () => {
    execFileSync('mkfifo', [stage.path]);
    const { has } = await follow();
    unlinkSync(stage.path);
    write('one\n');
    await has('one');
  });

  test('UTF-16 with a byte order mark comes as UTF-8, whole lines at a time', async () => {
    const utf16 = (text: string) => Buffer.from(text, 'utf16le');
    writeFileSync(stage.path, Buffer.concat([Buffer.from([0xff, 0xfe]), utf16('höher\n日本')]));
    const first = await follow();
    await first.has('höher');
    appendFileSync(stage.path, utf16('語\n😀'));
    await first.has('höher', '日本語');
    expect(first.sink.positions.get('app.log')?.offset).toBe(2 + utf16('höher\n日本語\n').length);
    first.sink.freeze();
    appendFileSync(stage.path, utf16('\n'));
    const { has } = await follow({ positions: new Map(first.sink.positions) });
    await has('😀');
  });

  test('big-endian UTF-16, from its last lines', async () => {
    writeFileSync(
      stage.path,
      Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from('one\ntwo\nthree\n', 'utf16le').swap16()]),
    );
    const { has } = await follow({ start: { last: 2 } });
    await has('two', 'three');
  });

  test('the byte order mark of UTF-8 is no text', async () => {
    write('\ufeffone\n');
    const { has, sink } = await follow();
    await has('one');
    expect(sink.positions.get('app.log')?.offset).toBe(7);
  });

  test('a .gz file is read once, and then the source has ended', async () => {
    stage.path = stage.at('app.log.gz');
    writeFileSync(stage.path, gzipSync(textOf(numbered(1, 100_000))));
    const { sink, source } = await follow({ start: { last: 10 } });
    expect(await source.ended).toEqual({ code: 0, signal: null });
    expect(sink.lines).toEqual(numbered(99_991, 100_000));
    expect(sink.statuses.at(-1)).toMatchObject({ state: 'exited', code: 0 });
  });

  test.each([
    ['whole', 1],
    ['damaged', 0.999],
  ])('a stop does not wait until the lines of a .gz file are counted, %s', async (_, part) => {
    stage.path = stage.at('app.log.gz');
    const packed = gzipSync('line\n'.repeat(2_000_000));
    writeFileSync(stage.path, packed.subarray(0, packed.length * part));
    const following = await follow({ start: { last: 10 } });
    await following.stop();
    expect(following.sink.writes).toEqual([]);
    expect(following.sink.notices).toEqual([]);
    const again = await follow({ start: { last: 10 } });
    await again.source.ended;
    expect(again.sink.lines.length).toBe(10);
  });

  test.each([
    ['cut in half', 0.5],
    ['cut in its first line', 15 / 250_000],
    ['of which the last byte is missing', 0.999_999],
  ])('a .gz file %s gives what zcat prints, and says so', async (_, part) => {
    stage.path = stage.at('app.log.gz');
    const whole = gzipSync(textOf(numbered(1, 100_000)));
    writeFileSync(stage.path, whole.subarray(0, whole.length * part));
    const { sink, source } = await follow();
    expect(await source.ended).toEqual({ code: 1, signal: null });
    const { stdout } = spawnSync('gzip', ['-dc', stage.path], { encoding: 'utf8', maxBuffer: 1e8 });
    // zlib finds a character more than gzip.
    expect(textOf(sink.lines).slice(0, stdout.length)).toBe(stdout);
    expect(sink.notices).toEqual(["app.log.gz can't be read to its end: unexpected end of file"]);
    const last = await follow({ start: { last: 10 } });
    await last.source.ended;
    expect(last.sink.lines).toEqual(sink.lines.slice(-10));
  });

  test.each([
    ['xz', Buffer.from('fd377a585a000004', 'hex')],
    ['bz2', Buffer.from('BZh91AY&SY')],
  ])('a packed .%s file is refused, with what unpacks it; text of that name is followed', async (ending, packed) => {
    stage.path = stage.at(`app.log.${ending}`);
    writeFileSync(stage.path, packed);
    const unpacker = ending === 'xz' ? 'xz' : 'bzip2';
    await expect(follow()).rejects.toThrow(`${unpacker} -dc ${stage.path} | sse-tail`);
    const odd = stage.at(`it's $(odd).log.${ending}`);
    writeFileSync(odd, packed);
    const typed = `'${odd.replace("'", "'\\''")}'`;
    await expect(follow({ paths: [odd] })).rejects.toThrow(`unpack it: ${unpacker} -dc ${typed} | sse-tail`);
    write('one\n');
    const { has } = await follow();
    await has('one');
  });

  test('a file named .gz that is text is followed', async () => {
    stage.path = stage.at('app.log.gz');
    write('one\n');
    const { has } = await follow();
    append('two\n');
    await has('one', 'two');
  });

  test('a .zst file is read where Node can, and refused with a sentence where it can not', async () => {
    stage.path = stage.at('app.log.zst');
    if ('zstdCompressSync' in zlib) {
      const compress = zlib.zstdCompressSync as (text: string) => Buffer;
      writeFileSync(stage.path, compress('one\ntwo\n'));
      const { has } = await follow();
      await has('one', 'two');
    } else {
      writeFileSync(stage.path, Buffer.from('28b52ffd2000', 'hex'));
      await expect(follow()).rejects.toThrow(/needs Node 22.15/);
    }
  });
});
