import { expect, it } from 'vitest';
import { visibleText } from '../../../../agent/text/escapes/strip.ts';

it('gives back a line without control characters as it is', () => {
  expect(visibleText('größer\t漢字 👍')).toBe('größer\t漢字 👍');
});

it.each([
  ['\x1b[1;31merror\x1b[0m: x', 'error: x'],
  ['\x1b]8;;http://a\x1b\\link\x1b]8;;\x07', 'link'],
  ['\x1b]0;title\x07a\0b\x07\x7f', 'ab'],
  ['\x9b31ma\x85', 'a'],
  ['\x1b]0;broken', '0;broken'],
  ['\x1b(Ba\x1b[?25l\x1b[', 'a'],
])('shows of %j what can be seen', (line, visible) => {
  expect(visibleText(line)).toBe(visible);
});
