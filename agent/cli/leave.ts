import { spawnSync } from 'node:child_process';
import { exitCodeOf } from '../sources/command/command.ts';
import type { Outcome } from '../sources/source.ts';
import { reported } from './report.ts';

/** Signals that write a core file by default (signal(7)): one of Node's would take the place of the command's. */
const coreSignals: readonly (NodeJS.Signals | null)[] = [
  'SIGQUIT',
  'SIGILL',
  'SIGTRAP',
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGSEGV',
  'SIGXCPU',
  'SIGXFSZ',
  'SIGSYS',
];

/**
 * Ends this process as the command has ended: of the same signal, too, since that is how a shell script learns that it
 * was interrupted and has to stop.
 */
export async function leave(end: number | Outcome): Promise<never> {
  await reported();
  if (typeof end === 'number') process.exit(end);
  const { signal } = end;
  if (signal !== null && (!coreSignals.includes(signal) || forbidsCore())) dieOf(signal);
  process.exit(exitCodeOf(end));
}

/** Returns where the signal does nothing: the kernel spares the first process of a container. */
function dieOf(signal: NodeJS.Signals): void {
  // What has to happen at the end, whatever kind of end it is.
  process.emit('exit', exitCodeOf({ code: null, signal }));
  // Node itself ignores SIGPIPE and SIGXFSZ; the last listener that goes leaves the default action behind.
  if (signal !== 'SIGKILL') process.on(signal, () => {}).removeAllListeners(signal);
  process.kill(process.pid, signal);
}

function forbidsCore(): boolean {
  return spawnSync('prlimit', ['--pid', String(process.pid), '--core=0'], { stdio: 'ignore' }).status === 0;
}
