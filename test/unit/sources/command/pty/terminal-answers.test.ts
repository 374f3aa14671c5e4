import { expect, it } from 'vitest';
import { createTerminalAnswers } from '../../../../../agent/sources/command/pty/terminal-answers.ts';

function typedAfter(...chunks: string[]): string {
  const answers = createTerminalAnswers({ columns: 120, rows: 40 });
  return chunks.map((chunk) => answers.answersTo(Buffer.from(chunk))?.toString() ?? '').join('');
}

it.each([
  ['where the cursor is', ['hello world\x1b[6n'], '\x1b[1;12R'],
  ['where it is after it moved', ['a\r\nb\x1b[5;9H\x1b[2A\x1b[3Cx\b\x1b[6n'], '\x1b[3;12R'],
  ['at the right edge', [`${'x'.repeat(120)}\x1b[6n`, 'y\x1b[6n'], '\x1b[1;120R\x1b[2;2R'],
  ['what it is', ['\x1b[c\x1b[0c'], '\x1b[?62;22c\x1b[?62;22c'],
  ['whether it works', ['\x1b[5n'], '\x1b[0n'],
  ['its colors', ['\x1b]11;?\x07\x1b]10;?\x1b\\'], '\x1b]11;rgb:0000/0000/0000\x07\x1b]10;rgb:cccc/cccc/cccc\x1b\\'],
  ['in pieces', ['\x1b', '[', '6', 'n\x1b]1', '1;?\x1b', '\\'], '\x1b[1;1R\x1b]11;rgb:0000/0000/0000\x1b\\'],
  ['nothing that is answered', ['\x1b[?6n\x1b[31m\x1b]0;title\x07\x1b[1;1R\x1b]4;1;?\x07'], ''],
])('a program that asks %s gets its answer', (_, printed, typed) => {
  expect(typedAfter(...printed)).toBe(typed);
});
