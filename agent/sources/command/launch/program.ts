import { accessSync, constants, statSync } from 'node:fs';
import { basename, delimiter, isAbsolute, join, resolve } from 'node:path';
import { causeNamed, errorCode, SseTailError } from '../../../words/errors.ts';
import { fsPath, shownText } from '../../../words/raw-text.ts';
import { interpreterOf } from './interpreter.ts';

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
  let refusal: string | undefined;
  for (const candidate of candidatesFor(program, path, cwd)) {
    const obstacle = obstacleTo(candidate);
    if (obstacle === undefined) {
      checkInterpreter(program, candidate, cwd);
      return;
    }
    if (!isAbsence(obstacle)) refusal ??= obstacle;
  }
  throw refusal === undefined ? notFound(program, cwd) : notRunnable(program, causeNamed(refusal));
}

/** Whether a program of this name can be run. */
export function isProgram(name: string, path: string | undefined): boolean {
  return candidatesFor(name, path, '/').some((candidate) => obstacleTo(candidate) === undefined);
}

function candidatesFor(program: string, path: string | undefined, cwd: string): string[] {
  if (program === '') return [];
  if (program.includes('/')) return [resolve(cwd, program)];
  return (path ?? '/usr/bin:/bin').split(delimiter).map((directory) => join(resolve(cwd, directory), program));
}

function checkInterpreter(program: string, path: string, cwd: string): void {
  const interpreter = interpreterOf(path);
  const obstacle = interpreter && obstacleTo(resolve(cwd, interpreter));
  if (!interpreter || !obstacle) return;
  const isMissing = isAbsence(obstacle);
  const why = isMissing ? 'was not found' : `can't be run: ${causeNamed(obstacle)}`;
  const saying = (which: string) => `'${shownText(program)}' can't be run: its interpreter ${shownText(which)} ${why}.`;
  const facts = { exitCode: isMissing ? 127 : 126, interpreter, forViewers: saying(basename(interpreter)) };
  throw new SseTailError('source', saying(interpreter), facts);
}

/** The system's code for why a file can't be run; undefined where it can. */
function obstacleTo(path: string): string | undefined {
  try {
    const stats = statSync(fsPath(path));
    if (stats.isDirectory()) return 'EISDIR';
    if (!stats.isFile()) return 'EACCES';
    accessSync(fsPath(path), constants.X_OK);
    return undefined;
  } catch (error) {
    return errorCode(error) ?? 'ENOENT';
  }
}

function isAbsence(code: string): boolean {
  return code === 'ENOENT' || code === 'ENOTDIR';
}
