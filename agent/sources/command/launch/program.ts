import { accessSync, constants, statSync } from 'node:fs';
import { basename, delimiter, isAbsolute, join, resolve } from 'node:path';
import { errorCode, SseTailError } from '../../../words/errors.ts';
import { fsPath, shownText } from '../../../words/raw-text.ts';
import { missingInterpreter } from './interpreter.ts';

/** A program is not there: kind `source`, exit code 127 (POSIX 2.8.2). */
export function notFound(program: string, cwd: string, cause?: unknown): SseTailError {
  const isInPath = !program.includes('/');
  const place = isAbsolute(program) ? '' : isInPath ? ` (looked in PATH, from ${cwd})` : ` in ${cwd}`;
  const what = `'${shownText(program)}' was not found`;
  const facts = { exitCode: 127, forViewers: `${what}${isInPath ? ' (looked in PATH)' : ''}.` };
  return new SseTailError('source', `${what}${place}.`, facts, cause);
}

/** A program is there and can't be run: kind `source`, exit code 126 (POSIX 2.8.2). */
export function notRunnable(program: string, reason: string, cause?: unknown): SseTailError {
  return new SseTailError('source', `'${shownText(program)}' can't be run: ${reason}.`, { exitCode: 126 }, cause);
}

/**
 * Looks where execvp(3) would, for those who start a program in a way that can't tell why it failed.
 * @throws SseTailError as `notFound` and `notRunnable` make it
 */
export function checkProgram(program: string, path: string | undefined, cwd: string): void {
  let isDenied = false;
  for (const candidate of candidatesFor(program, path, cwd)) {
    const found = look(candidate);
    if (found === 'program') {
      checkInterpreter(program, candidate, cwd);
      return;
    }
    isDenied ||= found === 'denied';
  }
  throw isDenied ? notRunnable(program, 'permission denied') : notFound(program, cwd);
}

/** Whether a program of this name can be run. */
export function isProgram(name: string, path: string | undefined): boolean {
  return candidatesFor(name, path, '/').some((candidate) => look(candidate) === 'program');
}

function candidatesFor(program: string, path: string | undefined, cwd: string): string[] {
  if (program === '') return [];
  if (program.includes('/')) return [resolve(cwd, program)];
  return (path ?? '/usr/bin:/bin').split(delimiter).map((directory) => join(resolve(cwd, directory), program));
}

function checkInterpreter(program: string, path: string, cwd: string): void {
  const interpreter = missingInterpreter(path, cwd);
  if (interpreter === undefined) return;
  const saying = (which: string) => `'${program}' can't be run: its interpreter ${which} was not found.`;
  const facts = { exitCode: 127, interpreter, forViewers: saying(basename(interpreter)) };
  throw new SseTailError('source', saying(interpreter), facts);
}

function look(path: string): 'program' | 'denied' | 'missing' {
  try {
    if (!statSync(fsPath(path)).isFile()) return 'denied';
    accessSync(fsPath(path), constants.X_OK);
    return 'program';
  } catch (error) {
    return errorCode(error) === 'EACCES' ? 'denied' : 'missing';
  }
}
