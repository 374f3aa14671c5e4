import { mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './deadline.ts';
import { residentMB } from './memory.ts';

/** What somebody holds: amounts by their names, in MB where the name says so and numbers of things elsewhere. */
export type Held = Readonly<Record<string, number>>;

/** What there is more of, as sentences. @param allowed how much more there may be, by name; elsewhere nothing */
export function grown(first: Held, last: Held, allowed: Held): string[] {
  return Object.entries(last).flatMap(([name, amount]) => {
    const before = first[name] ?? 0;
    return amount > before + (allowed[name] ?? 0) ? [`${name}: ${before.toFixed(1)}, then ${amount.toFixed(1)}`] : [];
  });
}

const probe = fileURLToPath(new URL('held-probe.mjs', import.meta.url));

/** For a process that is to be asked later what it holds: Node's options and variables to start it with. */
export function probed(dir: string): { node: string[]; env: NodeJS.ProcessEnv } {
  mkdirSync(dir);
  return { node: ['--expose-gc', '--import', probe], env: { HELD_DIR: dir } };
}

/**
 * Of a process of Node's: resident memory; of its main thread and of its other threads, once their garbage is
 * collected, heap without compiled code, that code, and buffers; threads of the system, descriptors by what they lead
 * to, what the main thread waits for.
 *
 * @param dir the one that it was started with
 */
export async function heldBy(pid: number, dir: string): Promise<Held> {
  const asked = Date.now();
  const main = await until('a look into the process', () => newLookOf(dir, 'thread-0.json', asked));
  const names = readdirSync(dir).filter((name) => /^thread-[1-9]\d*\.json$/.test(name));
  const looks = await Promise.all(
    names.map((name) => until('a look into a thread', () => newLookOf(dir, name, asked) ?? hasEnded(dir, name))),
  );
  const others = looks.filter((look) => look !== true);
  const sumMB = (looks: Look[], of: (look: Look) => number) => looks.reduce((sum, look) => sum + of(look), 0) / 1e6;
  return {
    'resident MB': residentMB(pid) ?? Number.NaN,
    'heap MB': sumMB([main], ({ heapUsed, code }) => heapUsed - code),
    'code MB': sumMB([main], ({ code }) => code),
    'buffer MB': sumMB([main], ({ external }) => external),
    'heap MB of other threads': sumMB(others, ({ heapUsed, code }) => heapUsed - code),
    'code MB of other threads': sumMB(others, ({ code }) => code),
    'buffer MB of other threads': sumMB(others, ({ external }) => external),
    threads: readdirSync(`/proc/${pid}/task`).length,
    ...counted(descriptorsOf(pid)),
    ...counted(main.waitsFor.map((name) => `waits for ${name}`)),
  };
}

const staleMs = 10_000;

interface Look {
  at: number;
  heapUsed: number;
  /** Of the heap: compiled functions, and what V8 notes of them. */
  code: number;
  external: number;
  waitsFor: string[];
}

/** The one that is begun after that time. */
function newLookOf(dir: string, name: string, asked: number): Look | undefined {
  const look = lookOf(dir, name);
  return look !== undefined && look.at > asked ? look : undefined;
}

/** A thread that has ended has left its last look. */
function hasEnded(dir: string, name: string): boolean {
  const look = lookOf(dir, name);
  return look !== undefined && look.at < Date.now() - staleMs;
}

function lookOf(dir: string, name: string): Look | undefined {
  try {
    return JSON.parse(readFileSync(join(dir, name), 'utf8'));
  } catch {
    return undefined;
  }
}

/** What its descriptors lead to: sockets, pipes, files, what else there is by its own name. */
function descriptorsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [kindOf(readlinkSync(`/proc/${pid}/fd/${fd}`))];
    } catch {
      return [];
    }
  });
}

function kindOf(target: string): string {
  const [, kind] = /^(\w+):\[\d+\]$/.exec(target) ?? [];
  if (kind !== undefined) return kind;
  return /^(anon_inode:|\/dev\/)/.test(target) ? target : 'file';
}

function counted(names: readonly string[]): Held {
  const counts: Record<string, number> = {};
  for (const name of names.toSorted()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
