import type { Inherited } from '../../../system/inherited.ts';
import { isRaw, rawBytes } from '../../../words/raw-text.ts';
import { isProgram } from './program.ts';

/**
 * The command line that gives a program what Node has taken from it: the limit of open files, and signals that are
 * ignored. The program takes the place of whatever restores them, so its process id and its arguments are as they would
 * be.
 *
 * @param env of the program: a shell keeps only what it could have named itself, so env(1) hands on the rest
 * @param takesTerminal standard input becomes the controlling terminal of a session that has none
 */
export function asInherited(
  argv: string[],
  env: NodeJS.ProcessEnv,
  inherited: Inherited,
  takesTerminal = false,
): string[] {
  const { ignoredSignals, openFiles } = inherited;
  const path = env.PATH;
  const { script: restoring, argv: restored } = restoringBytes(argv, env);
  if (ignoredSignals.size === 0 && restoring.length === 0 && !takesTerminal) {
    if (openFiles === undefined) return argv;
    if (isProgram('prlimit', path)) return ['prlimit', `--nofile=${openFiles}:`, '--', ...argv];
  }
  const limit = openFiles === undefined ? [] : [`ulimit -S -n ${openFiles}`];
  const ignore = [...ignoredSignals].map((signal) => `trap '' ${signal.slice('SIG'.length)}`);
  const script = [...(takesTerminal ? [takeTerminal] : []), ...limit, ...ignore, ...restoring, 'exec "$@"'].join('; ');
  return ['/bin/sh', '-c', script, 'sh', ...restored];
}

/** A session's leader gets the terminal that it opens. As after a fork, backspace erases whole characters. */
const takeTerminal = 'true </proc/self/fd/0; stty iutf8 2>/dev/null';

/** What children get beside 0, 1 and 2: each under its own number. One that is to be ignored is left as it is. */
export function passedOn(descriptors: readonly number[]): (3 | 'ignore')[] {
  const places = Array.from({ length: Math.max(2, ...descriptors) - 2 }, (_, index) => index + 3);
  // What execa's types take of a descriptor; it takes any.
  return places.map((fd) => (descriptors.includes(fd) ? (fd as 3) : 'ignore'));
}

/**
 * Node passes on text only, as UTF-8. Where arguments or variables are other bytes, a shell makes them of their octal
 * numbers; what is put after them keeps line ends at their end.
 */
function restoringBytes(given: string[], env: NodeJS.ProcessEnv): { script: string[]; argv: string[] } {
  const argv = withVariables(unspeakable(env), given);
  const variables = Object.entries(env).flatMap(([name, value = '']) => {
    return isRaw(value) && isSpeakable(name) ? [...assignment(name, value), `export ${name}`] : [];
  });
  const held = argv.flatMap((word, at) => (isRaw(word) ? assignment(`sse_tail_word_${at}`, word) : []));
  const words = argv.map((word, at) => (isRaw(word) ? `"$sse_tail_word_${at}"` : `"\${${at + 1}}"`));
  return { script: [...variables, ...held, ...(held.length > 0 ? [`set -- ${words.join(' ')}`] : [])], argv };
}

function assignment(name: string, text: string): string[] {
  const octal = [...rawBytes(text)].map((byte) => `\\0${byte.toString(8).padStart(3, '0')}`).join('');
  return [`${name}=$(printf '%b_' '${octal}')`, `${name}=\${${name}%_}`];
}

function isSpeakable(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name);
}

function unspeakable(env: NodeJS.ProcessEnv): string[] {
  return Object.entries(env).flatMap(([name, value]) => (isSpeakable(name) ? [] : [`${name}=${value}`]));
}

/** env(1) would take a program with `=` in its name for a variable. */
function withVariables(variables: string[], argv: string[]): string[] {
  return variables.length === 0 || argv[0]?.includes('=') ? argv : ['env', ...variables, ...argv];
}
