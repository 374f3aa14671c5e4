import type { Inherited } from '../../../system/inherited.ts';
import { isRaw, rawBytes } from '../../../words/raw-text.ts';
import { isProgram } from './program.ts';

/**
 * The command line that gives a program what Node has taken from it: the limit of open files, and signals that are
 * ignored. The program takes the place of whatever restores them, so its process id and its arguments are as they would
 * be.
 *
 * @param env of the program: a shell keeps only what it could have named itself, so env(1) hands on the rest
 */
export function asInherited(argv: string[], env: NodeJS.ProcessEnv, inherited: Inherited): string[] {
  const { ignoredSignals, openFiles } = inherited;
  const path = env.PATH;
  const { script: restoring, argv: restored } = restoringBytes(argv, env);
  if (ignoredSignals.size === 0 && restoring.length === 0) {
    if (openFiles === undefined) return argv;
    if (isProgram('prlimit', path)) return ['prlimit', `--nofile=${openFiles}:`, '--', ...argv];
  }
  const limit = openFiles === undefined ? [] : [`ulimit -S -n ${openFiles}`];
  const ignore = [...ignoredSignals].map((signal) => `trap '' ${signal.slice('SIG'.length)}`);
  const script = [...limit, ...ignore, ...restoring, 'exec "$@"'].join('; ');
  return ['/bin/sh', '-c', script, 'sh', ...restored];
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
