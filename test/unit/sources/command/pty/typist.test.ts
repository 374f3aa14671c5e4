import { describe, expect, it } from 'vitest';
import { createTypist } from '../../../../../agent/sources/command/pty/typist.ts';

/** What a terminal hands to its reader, which drops what goes beyond 4,095 bytes of a line (n_tty). */
function terminal(isCanonical: boolean) {
  const typed: Buffer[] = [];
  return {
    typist: createTypist({ write: async (bytes) => void typed.push(Buffer.from(bytes)) }, async () => isCanonical),
    get typed() {
      return Buffer.concat(typed).toString('latin1');
    },
    get read() {
      return (
        this.typed
          // biome-ignore lint/suspicious/noControlCharactersInRegex: Ctrl-D.
          .split(/(?<=\n)|\x04/)
          .map((line) => line.slice(0, 4095))
          .join('')
      );
    },
  };
}

describe('what is piped into a terminal', () => {
  const lengths = [0, 1, 10, 3000, 3001, 3002, 4095, 4096, 6002, 20_000];

  it.each([1, 7, 1000, 4096, 65_536])('arrives whole, lines of any length, in chunks of %d', async (size) => {
    const text = Buffer.from(lengths.map((length) => `${'x'.repeat(length)}\n`).join(''));
    const screen = terminal(true);
    for (let at = 0; at < text.length; at += size) await screen.typist.type(text.subarray(at, at + size));
    expect(screen.read).toBe(text.toString());
  });

  it('is typed as it is where lines are short, or the terminal does not wait for lines', async () => {
    const short = terminal(true);
    await short.typist.type(Buffer.from('one\ntwo\n'.repeat(2000)));
    expect(short.typed).toBe('one\ntwo\n'.repeat(2000));
    const raw = terminal(false);
    await raw.typist.type(Buffer.alloc(10_000, 'x'));
    expect(raw.typed).toBe('x'.repeat(10_000));
  });

  it.each([
    ['a line', 'a\n', '\x04'],
    ['half a line', 'a', '\x04\x04'],
    ['nothing', '', '\x04'],
  ])('ends after %s', async (_, text, end) => {
    const screen = terminal(true);
    await screen.typist.type(Buffer.from(text));
    await screen.typist.end();
    expect(screen.typed).toBe(text + end);
  });
});
