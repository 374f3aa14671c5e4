import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { until } from './deadline.ts';

/** Stops a process: when this resolves all its threads stand, which on a busy machine is later than the signal. */
export async function stop({ pid }: Pick<ChildProcess, 'pid'>): Promise<void> {
  if (pid === undefined) throw new Error('There is no process to stop.');
  process.kill(pid, 'SIGSTOP');
  const stateOf = (thread: string) => /\) (\S)/.exec(readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8'))?.[1];
  await until('its stop', () => readdirSync(`/proc/${pid}/task`).every((thread) => stateOf(thread) === 'T'));
}
