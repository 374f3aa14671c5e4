import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBatchBuilder } from '../../../agent/frame/encode.ts';
import { createTextWriter } from '../../../agent/frame/plain-text.ts';
import type { Origin } from '../../../agent/words/line.ts';

type Said = [text: string, origin?: Partial<Origin>];

function block(firstId: number, said: Said[]): Buffer {
  const builder = createBatchBuilder(firstId);
  for (const [text, origin] of said) {
    builder.origin({ time: 5, ...origin });
    const bytes = Buffer.from(text);
    builder.line(bytes, 0, bytes.length);
  }
  const batch = builder.take();
  if (batch === undefined) return Buffer.alloc(0);
  // What the journal puts behind a batch.
  return Buffer.concat([batch.bytes.subarray(0, batch.length), Buffer.from(': batch 1 1-1 0123abcd\n\n')]);
}

function written(blocks: Buffer[], options = { strip: false }): string {
  const writer = createTextWriter(options);
  return Buffer.concat([...blocks.map((bytes) => Buffer.from(writer.block(bytes))), writer.end()]).toString();
}

describe('a log as text', () => {
  it('gives markers back as they were printed, and leaves them out where escape sequences are', () => {
    const said: Said[] = [
      ['\x1b_sse-tail;section_end:1:é%0D\x1b\\x'],
      ['\x1b_sse-tail;section_end:1:a%0D%1B[0K\x1b\\ö'],
    ];
    expect(written([block(1, said)])).toBe('\x1b_sse-tail;section_end:1:é%0D\x1b\\x\nsection_end:1:a\r\x1b[0Kö\n');
    expect(written([block(1, said)], { strip: true })).toBe('x\nö\n');
  });

  it('lines come back as they are, whatever they hold', () => {
    const said: Said[] = [
      ['a'],
      [''],
      ['data: x'],
      ['id: 3'],
      [': batch'],
      ['event: origin'],
      ['\x1b[31mrød\x1b[0m ✓'],
    ];
    expect(written([block(1, said)])).toBe(said.map(([text]) => `${text}\n`).join(''));
  });

  it('any lines under any origins come back', () => {
    const line = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n]/g, ''));
    const origin = fc.constantFrom<Partial<Origin>>({}, { stream: 'stderr' }, { source: '"continued":true' });
    fc.assert(
      fc.property(fc.array(fc.array(fc.tuple(line, origin), { minLength: 1 })), (batches) => {
        const blocks = batches.map((said) => block(1, said));
        expect(written(blocks)).toBe(
          Buffer.from(
            batches
              .flat()
              .map(([text]) => `${text}\n`)
              .join(''),
          ).toString(),
        );
      }),
    );
  });

  it('escape sequences are left out when asked for', () => {
    expect(written([block(1, [['\x1b[1;31mred\x1b[0m\tend'], ['plain']])], { strip: true })).toBe('red\tend\nplain\n');
  });
});

it('what sse-tail said itself is told apart from the log', () => {
  const notice = { kind: 'notice' } as const;
  expect(written([block(1, [['a'], ['run started', notice], ['', notice], ['b']])])).toBe(
    'a\n[sse-tail: run started]\n[sse-tail: ]\nb\n',
  );
});

describe('a line that was cut into pieces', () => {
  const piece = (text: string, origin: Partial<Origin> = {}): Said => [text, { ...origin, continued: true }];

  it('is joined again, over blocks too', () => {
    expect(written([block(1, [piece('a'), piece('b')]), block(3, [['c'], ['next']])])).toBe('abc\nnext\n');
  });

  it('is not joined with what another source says meanwhile', () => {
    const blocks = [block(1, [piece('out'), ['err', { stream: 'stderr' }], ['rest']])];
    expect(written(blocks)).toBe('out\nerr\nrest\n');
  });

  it('ends with a line end even when its rest was not asked for', () => {
    expect(written([block(1, [piece('a')])])).toBe('a\n');
  });
});

describe('lines that can not be given', () => {
  it.each([
    [{ from: 1, to: 5000, reason: 'retention' }, '[sse-tail: lines 1-5000 are no longer kept]\n'],
    [{ from: 7, to: 7, reason: 'retention' }, '[sse-tail: line 7 is no longer kept]\n'],
    [{ from: 70, to: 80, reason: 'damage' }, '[sse-tail: lines 70-80 were lost to damage of the journal]\n'],
  ] as const)('%o is told by a line', (gap, line) => {
    expect(createTextWriter({ strip: false }).gap(gap).toString()).toBe(line);
  });

  it('the line stands alone after half a line', () => {
    const writer = createTextWriter({ strip: false });
    const half = writer.block(block(1, [['half', { continued: true }]])).toString();
    const gap = writer.gap({ from: 2, to: 3, reason: 'damage' }).toString();
    expect(half + gap + writer.end().toString()).toBe(
      'half\n[sse-tail: lines 2-3 were lost to damage of the journal]\n',
    );
  });
});
