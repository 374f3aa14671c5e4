import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** Every process that was started and has not been reaped: what an interrupted benchmark has to end. */
const alive = new Map<number, ChildProcess>();

/**
 * What each program is started with, and no more, so that none has what another one lacks: `NODE_EXTRA_CA_CERTS` alone
 * makes each start of Node 30 ms longer.
 */
const environment: NodeJS.ProcessEnv = Object.fromEntries(
  ['PATH', 'HOME', 'TMPDIR'].flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
);

/**
 * Starts a process in a process group of its own, so that what it starts can be ended with it.
 *
 * @param options what `env` has comes beside what each program gets
 * @throws Error when there is no such program
 */
export function start(command: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
  const child = spawn(command, args, { detached: true, ...options, env: { ...environment, ...options.env } });
  const { pid } = child;
  if (pid === undefined) {
    child.on('error', () => {});
    throw new Error(`${command} can't be started.`);
  }
  alive.set(pid, child);
  child.once('exit', () => alive.delete(pid));
  return child;
}

/** Ends a process and all of its group: politely, after a second with force. Resolves when it is gone. */
export async function stop(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (hasEnded(child)) return killGroup(child, 'SIGKILL');
  const exited = once(child, 'exit');
  killGroup(child, signal);
  const impatience = setTimeout(() => killGroup(child, 'SIGKILL'), 1000);
  await exited;
  clearTimeout(impatience);
  killGroup(child, 'SIGKILL');
}

/** Ends whatever still runs; synchronous, for the benchmark's own end. */
export function killAll(): void {
  for (const child of alive.values()) killGroup(child, 'SIGKILL');
}

export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // Nobody of the group is left.
  }
}

/**
 * CPU seconds that a process and its living descendants have used so far: the kernel's nanoseconds (schedstat) where it
 * counts them, since a clock tick of 10 ms is more than some rows use in all.
 */
export function cpuSeconds(pid: number): number {
  return sum(family(pid), cpuOf);
}

/** Resident memory of a process and its living descendants, in megabytes: now, and the highest since `resetPeak`. */
export function memoryMB(pid: number): { now: number; peak: number } {
  const pids = family(pid);
  return { now: sum(pids, (each) => statusMB(each, 'VmRSS')), peak: sum(pids, (each) => statusMB(each, 'VmHWM')) };
}

/** Makes the highest resident memory of a process and its descendants start anew (proc(5), clear_refs). */
export function resetPeak(pid: number): void {
  for (const each of family(pid)) {
    try {
      writeFileSync(`/proc/${each}/clear_refs`, '5');
    } catch {
      // It has ended meanwhile, or belongs to somebody else (websocketd and nginx never do).
    }
  }
}

function cpuOf(pid: number): number {
  try {
    return sum(readdirSync(`/proc/${pid}/task`), (task) => {
      const [nanoseconds] = readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'latin1').split(' ');
      return Number(nanoseconds) / 1e9;
    });
  } catch {
    const fields = statFields(pid);
    return fields === undefined ? 0 : (Number(fields[11]) + Number(fields[12])) / 100;
  }
}

function statusMB(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'latin1');
    return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(text)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

function family(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? Number(statFields(Number(name))?.[1]) : 0;
    if (parent > 0) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const pids = [root];
  for (let i = 0; i < pids.length; i++) pids.push(...(children.get(pids[i] as number) ?? []));
  return pids;
}

/** Fields of `/proc/<pid>/stat` from the state on (proc(5), field 3). */
function statFields(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

function sum<Item>(items: readonly Item[], value: (item: Item) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
