import fc from 'fast-check';
import { expect, it } from 'vitest';
import { findScreenSequence } from '../../../../agent/text/escapes/screen-sequences.ts';

const forScreens = ['\v', '\f', '\x1b[A', '\x1b[2J', '\x1b[?1049h'];
const forRows = ['text ', '\r\n', '\x1b[31m', '\x1b[K', '\x1b]0;title\x07'];

it('is the first of those that only a screen can carry out', () => {
  const part = fc.constantFrom(...forScreens, ...forRows);
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const first = parts.findIndex((one) => forScreens.includes(one));
      const at = first === -1 ? undefined : parts.slice(0, first).join('').length;
      expect(findScreenSequence(Buffer.from(parts.join(''))).at).toBe(at);
    }),
    { numRuns: 1000 },
  );
});
