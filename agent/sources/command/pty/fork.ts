import { spawn } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import type { Outcome, WindowSize } from '../../source.ts';
import { passedOn } from '../launch/as-inherited.ts';
import { notRunnable } from '../launch/program.ts';
import { loadNativePty, spawnHelperPath } from './native-pty.ts';

export interface ForkOptions {
  /** Program and arguments; the program has to be there (`checkProgram`). */
  argv: string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  size: WindowSize;
  /**
   * Descriptors beside 0, 1 and 2 that the command gets under their numbers. Where there are any, `argv` has to begin
   * by taking its standard input for its controlling terminal (`asInherited`).
   */
  descriptors: readonly number[];
}

/** A command that runs on a pseudo-terminal, in a session of its own. */
export interface Forked {
  /** Of the master, non-blocking. */
  fd: number;
  pid: number;
  /** Path of the side that the command has. */
  path: string;
  /** That side, held open here. */
  slave: number;
}

/** @throws SseTailError kind `usage` where there are no pseudo-terminals */
export function forkOnPty(options: ForkOptions, onExit: (outcome: Outcome) => void): Forked {
  return options.descriptors.length === 0 ? forkNatively(options, onExit) : spawnWith(options, onExit);
}

function forkNatively({ argv, cwd, env, size }: ForkOptions, onExit: (outcome: Outcome) => void): Forked {
  const [program = '', ...args] = argv;
  const { columns, rows } = size;
  const environment = Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : `${name}=${value}`));
  const onEnd = (code: number, signal: number): void =>
    onExit(signal === 0 ? { code, signal: null } : { code: null, signal: signalName(signal) });
  const helper = spawnHelperPath();
  const native = loadNativePty();
  const { fd, pid, pty } = native.fork(program, args, environment, cwd, columns, rows, -1, -1, true, helper, onEnd);
  // Nothing has been polled yet, so even a command that has ended meanwhile was not seen to hang up.
  return { fd, pid, path: pty, slave: openSlave(pty) };
}

/**
 * The native fork closes all descriptors in the command, so it is Node that starts this one.
 *
 * @throws SseTailError as `notRunnable` makes it
 */
function spawnWith(options: ForkOptions, onExit: (outcome: Outcome) => void): Forked {
  const { argv, cwd, env, size, descriptors } = options;
  const [program = '', ...args] = argv;
  const { master, slave: shared, pty } = loadNativePty().open(size.columns, size.rows);
  const slave = openSlave(pty);
  // Unlike those that Node opens, children would get these two; a command that holds the master is never hung up.
  closeSync(shared);
  const nothing = openSync('/dev/null', constants.O_RDWR);
  const others = passedOn([...descriptors, master]).map((fd, at) => (at + 3 === master ? nothing : fd));
  try {
    const child = spawn(program, args, { cwd, env, detached: true, stdio: [slave, slave, slave, ...others] });
    child.on('exit', (code, signal) => onExit({ code, signal }));
    child.on('error', () => {});
    if (child.pid === undefined) throw notRunnable(program, 'the system could not start it');
    return { fd: master, pid: child.pid, path: pty, slave };
  } catch (error) {
    closeSync(slave);
    closeSync(master);
    throw error;
  } finally {
    closeSync(nothing);
  }
}

function openSlave(path: string): number {
  return openSync(path, constants.O_RDWR | constants.O_NOCTTY);
}

function signalName(number: number): NodeJS.Signals {
  const entry = Object.entries(osConstants.signals).find(([, value]) => value === number);
  return (entry?.[0] ?? 'SIGKILL') as NodeJS.Signals;
}
