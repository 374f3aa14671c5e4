import type { Inherited } from '../../../system/inherited.ts';
import { isProgram } from './program.ts';

/**
 * The command line that gives a program what Node has taken from it: the limit of open files, and signals that are ignored. The
 * program takes the place of whatever restores them, so its process id and its arguments are as they would be.
 *
 * @param env of the program: a shell keeps only what it could have named itself, so env(1) hands on the rest
 */
export function asInherited(argv: string[], env: NodeJS.ProcessEnv, inherited: Inherited): string[] {
  const { ignoredSignals, openFiles } = inherited;
  const path = env.PATH;
  if (ignoredSignals.size === 0) {
    if (openFiles === undefined) return argv;
    if (isProgram('prlimit', path)) return ['prlimit', `--nofile=${openFiles}:`, '--', ...argv];
  }
  const limit = openFiles === undefined ? [] : [`ulimit -S -n ${openFiles}`];
  const ignore = [...ignoredSignals].map((signal) => `trap '' ${signal.slice('SIG'.length)}`);
  const script = [...limit, ...ignore, 'exec "$@"'].join('; ');
  return ['/bin/sh', '-c', script, 'sh', ...withVariables(unspeakable(env), argv)];
}

function unspeakable(env: NodeJS.ProcessEnv): string[] {
  return Object.entries(env).flatMap(([name, value]) => (/^[A-Za-z_]\w*$/.test(name) ? [] : [`${name}=${value}`]));
}

/** env(1) would take a program with `=` in its name for a variable. */
function withVariables(variables: string[], argv: string[]): string[] {
  return variables.length === 0 || argv[0]?.includes('=') ? argv : ['env', ...variables, ...argv];
}
