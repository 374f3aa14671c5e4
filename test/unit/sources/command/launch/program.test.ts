import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkProgram } from '../../../../../agent/sources/command/launch/program.ts';
import type { SseTailError } from '../../../../../agent/words/errors.ts';
import { temporaryFolder } from '../../../../support/agent-process.ts';

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());

for (const dir of ['first', 'second', 'first/folder']) mkdirSync(folder.file(dir));
for (const [name, mode] of [
  ['first/denied', 0o644],
  ['first/both', 0o644],
  ['second/both', 0o755],
  ['second/there', 0o755],
] as const) {
  writeFileSync(folder.file(name), '#!/bin/sh\n');
  chmodSync(folder.file(name), mode);
}
const path = `${folder.file('first')}:${folder.file('second')}`;

/** The exit code that a shell would give, 0 where the program can be run. */
function check(program: string, searched: string | undefined = path): number {
  try {
    checkProgram(program, searched, folder.path);
    return 0;
  } catch (error) {
    return (error as SseTailError).facts.exitCode as number;
  }
}

describe('a program', () => {
  it.each([
    ['there', 0],
    ['both', 0],
    ['denied', 126],
    ['folder', 126],
    ['missing', 127],
    ['', 127],
    ['second/there', 0],
    ['./second/there', 0],
    ['./first/denied', 126],
    ['first', 127],
    ['./first', 126],
    ['./missing', 127],
    ['first/denied/x', 127],
  ])("'%s' in PATH or in the folder: %d", (program, code) => {
    expect(check(program)).toBe(code);
  });

  it('is looked for in folders that PATH gives relative to the working one', () => {
    expect(check('there', 'second')).toBe(0);
    expect(check(join('second', 'there'), '')).toBe(0);
  });
});
