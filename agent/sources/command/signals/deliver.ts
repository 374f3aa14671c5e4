import { readdirSync, readFileSync } from 'node:fs';
import { errorCode } from '../../../words/errors.ts';

/**
 * What became of a signal: `ended` when nobody is there to get it any more, `refused` when the system forbids it
 * (sudo).
 */
export type Delivery = 'sent' | 'ended' | 'refused';

/** Sends a signal to a process, or with a negative id to a process group. */
export function deliver(pid: number, signal: NodeJS.Signals): Delivery {
  try {
    process.kill(pid, signal);
    return 'sent';
  } catch (error) {
    return errorCode(error) === 'EPERM' ? 'refused' : 'ended';
  }
}

/**
 * Sends a signal to a shell and to all that it has started, as a terminal sends its keys to a job: a shell that dies of
 * a signal leaves what it runs behind.
 */
export function deliverToJob(shell: number, signal: NodeJS.Signals): Delivery {
  // Looked up first, as orphans have another parent; sent to the shell first, or `a || b` would begin with b.
  const started = descendantsOf(shell);
  const delivery = deliver(shell, signal);
  for (const pid of started) deliver(pid, signal);
  return delivery;
}

function descendantsOf(ancestor: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of listProcesses()) {
    const parent = parentOf(name);
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found: number[] = [];
  collect(ancestor);
  return found;

  function collect(pid: number): void {
    for (const child of children.get(pid) ?? []) {
      found.push(child);
      collect(child);
    }
  }
}

/** None where the system has no /proc: then a shell alone gets the signal. */
function listProcesses(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function parentOf(pid: string): number | undefined {
  const [, parent] = statOf(pid) ?? [];
  return parent === undefined ? undefined : Number(parent);
}

/** The fields of proc(5), stat, from the state on; undefined when there is no such process. */
export function statOf(pid: number | string): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name before them may hold spaces and parentheses.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
