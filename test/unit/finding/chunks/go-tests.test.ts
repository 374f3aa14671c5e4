import { expect, it } from 'vitest';
import { createGoTestReader } from '../../../../agent/finding/chunks/go-tests.ts';
import { heapBytes } from '../../../support/memory.ts';

/** As it is read: a text of its own. */
function line(text: string): string {
  return Buffer.from(text).toString();
}

it('keeps little of tests with names and messages of any length', () => {
  const long = 'x'.repeat(250_000);
  const reader = createGoTestReader();
  const before = heapBytes();
  for (let i = 0; i < 100; i++) {
    reader.read(line(`=== RUN   Test${i}${long}`), {});
    reader.read(line(`    directory/of/a_test.go:${i}: ${long}`), {});
  }
  expect(heapBytes() - before).toBeLessThan(1_000_000);
  expect(reader.read(line(`--- FAIL: Test7${long} (0.00s)`), {})).toEqual({
    file: 'directory/of/a_test.go',
    line: 7,
  });
});
