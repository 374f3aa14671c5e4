import { describe, expect, it } from 'vitest';
import { arrange, interleave } from '../../../../../agent/sources/command/pipes/interleave.ts';

const arranged = (writes: number[], ...texts: string[]) =>
  arrange(
    writes,
    texts.map((text, pipe) => ({ pipe, bytes: Buffer.from(text) })),
  ).map(({ pipe, bytes }) => `${pipe}:${bytes}`);

describe('what two pipes held', () => {
  it.each([
    ['lines one by one', [0, 1, 0, 1], ['1\n3\n', '2\n4\n'], ['0:1\n', '1:2\n', '0:3\n', '1:4\n']],
    [
      'the rest with the last write',
      [1, 0, 1, 0],
      ['a\nb\nc\n', 'x\ny\nz\n'],
      ['1:x\n', '0:a\n', '1:y\nz\n', '0:b\nc\n'],
    ],
    ['a write whose bytes were read before', [1, 0, 1], ['a\n', 'x\n'], ['0:a\n', '1:x\n']],
    ['bytes of whose write nothing was heard', [0], ['a\nb\n', 'x\n'], ['0:a\nb\n', '1:x\n']],
    ['text without line ends', [0, 1, 0], ['a\nb', '?'], ['0:a\n', '1:?', '0:b']],
    ['one pipe alone', [0, 1, 0], ['a\nb\n'], ['0:a\nb\n']],
  ])('%s', (_, writes, texts, expected) => {
    expect(arranged(writes, ...texts)).toEqual(expected);
  });

  it('is neither lost nor doubled, whatever is heard', () => {
    for (let seed = 1; seed < 500; seed++) {
      const next = (below: number) => Math.imul(seed, 2654435761 + below) >>> (32 - Math.ceil(Math.log2(below)));
      const texts = ['a\nbb\n\nc', 'x\n\n\nyy\n'].map((text) => text.repeat(1 + next(4)));
      const writes = Array.from({ length: next(32) }, (_, at) => (seed >>> (at % 9)) & 1);
      const pieces = arrange(
        writes,
        texts.map((text, pipe) => ({ pipe, bytes: Buffer.from(text) })),
      );
      for (const [pipe, text] of texts.entries()) {
        const own = pieces.filter((piece) => piece.pipe === pipe).map(({ bytes }) => bytes.toString());
        expect(own.join('')).toBe(text);
      }
    }
  });
});

describe('reading', () => {
  /** A pipe whose reader gets what `give` is called with; resolves when that was taken. */
  function pipe() {
    let take: (chunk: Buffer) => Promise<unknown> | undefined = () => undefined;
    return {
      read(taker: typeof take): Promise<void> {
        take = taker;
        return new Promise(() => {});
      },
      give: (text: string) => take(Buffer.from(text)),
    };
  }

  it('passes a single line on at once, and several in the order of the writes', async () => {
    const [out, err, writes, heard] = [pipe(), pipe(), [] as number[], [] as string[]];
    for (const [at, read] of interleave([out.read, err.read], writes).entries()) {
      void read((chunk) => void heard.push(`${at}:${chunk}`));
    }
    expect(out.give('alone\n')).toBeUndefined();
    expect(heard.splice(0)).toEqual(['0:alone\n']);
    const taken = [out.give('1\n3\n'), err.give('2\n')];
    writes.push(0, 1, 0);
    await Promise.all(taken);
    expect(heard).toEqual(['0:1\n', '1:2\n', '0:3\n']);
  });

  it('fails for the pipe whose bytes can not be taken, and goes on for the other', async () => {
    const [out, err] = [pipe(), pipe()];
    const [first, second] = interleave([out.read, err.read], []);
    void first?.(() => Promise.reject(new Error('closed')));
    void second?.(() => undefined);
    const taken = [out.give('1\n2\n'), err.give('3\n4\n')];
    await expect(taken[0]).rejects.toThrow('closed');
    await taken[1];
  });
});
