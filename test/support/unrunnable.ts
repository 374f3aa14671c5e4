import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import type { temporaryFolder } from './agent-process.ts';

const longName = 'n'.repeat(300);

/** Programs that can't be run, the exit code that a shell would give (POSIX 2.8.2), and what is said of them. */
export const unrunnable = [
  { program: 'no-such-program', code: 127, sentence: 'was not found' },
  { program: './not-executable/x', code: 127, sentence: 'was not found' },
  { program: '', code: 127, sentence: 'was not found' },
  { program: './not-executable', code: 126, sentence: "can't be run: permission is denied." },
  { program: '/etc', code: 126, sentence: "can't be run: it is a directory." },
  { program: './directory', code: 126, sentence: "can't be run: it is a directory." },
  { program: './circle', code: 126, sentence: "can't be run: its symbolic links lead in a circle." },
  { program: `./${longName}`, code: 126, sentence: "can't be run: its name is too long." },
  { program: longName, code: 126, sentence: "can't be run: its name is too long." },
  { program: './windows-line-ends', code: 127, sentence: "can't be run: its interpreter /bin/sh\\x0d was not found." },
  { program: './no-interpreter', code: 127, sentence: "can't be run: its interpreter /no/such was not found." },
  {
    program: './interpreter-is-directory',
    code: 126,
    sentence: "can't be run: its interpreter /etc can't be run: it is a directory.",
  },
  {
    program: './interpreter-not-executable',
    code: 126,
    sentence: "can't be run: its interpreter ./not-executable can't be run: permission is denied.",
  },
];

/** Puts those into a folder that need to be there. */
export function makeUnrunnable(folder: ReturnType<typeof temporaryFolder>): void {
  writeFileSync(folder.file('not-executable'), '#!/bin/sh\n', { mode: 0o644 });
  mkdirSync(folder.file('directory'));
  symlinkSync('circle', folder.file('circle'));
  for (const [name, interpreter] of [
    ['no-interpreter', '/no/such'],
    ['windows-line-ends', '/bin/sh\r'],
    ['interpreter-is-directory', '/etc'],
    ['interpreter-not-executable', './not-executable'],
  ] as const) {
    writeFileSync(folder.file(name), `#!${interpreter}\n`, { mode: 0o755 });
  }
}
