import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import wabt from 'wabt';
import { assembled, controlScanner, windowBytes } from '../../../../agent/finding/visible/control-scanner.ts';
import { isVisibleAsIs } from '../../../../agent/finding/visible/visible.ts';

const source = new URL('../../../../agent/finding/visible/control-scan.wat', import.meta.url);

it('its bytes are what its source is assembled to', async () => {
  const { parseWat } = await wabt();
  const { buffer } = parseWat('control-scan.wat', readFileSync(source, 'utf8'), { simd: true }).toBinary({});
  expect(assembled).toBe(Buffer.from(buffer).toString('base64'));
});

const isControl = (byte: number) => (byte < 0x20 && byte !== 9 && byte !== 10) || byte === 0x7f;
const hasControl = controlScanner() as (bytes: Buffer) => boolean;

it('tells control characters from all other bytes', () => {
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  expect(bytes.filter((byte) => hasControl(Buffer.from([byte])))).toEqual(bytes.filter(isControl));
});

it.each([0, 1, windowBytes - 1, windowBytes, 2 * windowBytes + 17])(
  'finds one wherever it is: after %i bytes',
  (before) => {
    const lengths = fc.integer({ min: 0, max: 100 });
    fc.assert(
      fc.property(lengths, fc.nat(255), lengths, (text, byte, after) => {
        const bytes = Buffer.concat([Buffer.alloc(before + text, 'a'), Buffer.from([byte]), Buffer.alloc(after, 0xc3)]);
        expect(hasControl(bytes)).toBe(isControl(byte));
        // What stood in its memory before is not looked at.
        expect(hasControl(Buffer.alloc(text + after, '\n'))).toBe(false);
      }),
    );
  },
);

it('of few bytes the same is found without it', () => {
  const bytes = fc.uint8Array({ maxLength: 300, max: 0x90 }).map((all) => Buffer.from(all));
  fc.assert(
    fc.property(bytes, (all) => {
      expect(isVisibleAsIs(all)).toBe(!all.some((byte) => isControl(byte) || byte > 0x7f));
    }),
    { numRuns: 1000 },
  );
});
