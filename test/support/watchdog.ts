import { readdirSync, readFileSync } from 'node:fs';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** Longer than any test or hook may take by the limits of vitest.config.ts. */
const silenceMs = 240_000;

/**
 * Ends what vitest's own time limits can't: they are timers of the worker, and never fire where its thread waits for a
 * child process or loops. Names the test and the processes below it, and kills them; vitest then reports a failure and
 * goes on with the next file.
 */
export default class Watchdog implements Reporter {
  readonly #lastSigns = new Map<string, { at: number; of: string }>();
  #timer: NodeJS.Timeout | undefined;

  /** @param silence how long a file may give no sign of life, in ms */
  constructor({ silence = silenceMs }: { silence?: number } = {}) {
    this.#timer = setInterval(() => this.#look(silence), Math.min(10_000, silence / 4)).unref();
  }

  onTestModuleStart(module: TestModule): void {
    this.#sign(module, 'its beginning');
  }
  onTestCaseReady(test: TestCase): void {
    this.#sign(test.module, test.fullName);
  }
  onTestCaseResult(test: TestCase): void {
    this.#sign(test.module, `after ${test.fullName}`);
  }
  onTestModuleEnd(module: TestModule): void {
    this.#lastSigns.delete(module.relativeModuleId);
  }
  onTestRunEnd(): void {
    clearInterval(this.#timer);
  }

  #sign(module: TestModule, of: string): void {
    this.#lastSigns.set(module.relativeModuleId, { at: performance.now(), of });
  }

  #look(silence: number): void {
    const silent = [...this.#lastSigns].filter(([, { at }]) => performance.now() - at > silence);
    if (silent.length === 0) return;
    for (const [path, { of }] of silent) {
      console.error(
        `No sign of life for ${silence / 1000} s of ${path}, last heard of: ${of}. Its processes are killed.`,
      );
      this.#lastSigns.set(path, { at: performance.now(), of });
    }
    const below = descendants(process.pid);
    for (const { pid, command } of below) console.error(`  ${pid} ${command}`);
    // A worker that waits for a child goes on, and its test fails, once the child is gone; a worker alone loops.
    const inner = below.filter(({ parent }) => parent !== process.pid);
    for (const { pid } of inner.length > 0 ? inner : below) kill(pid);
  }
}

interface Descendant {
  pid: number;
  parent: number;
  command: string;
}

/** The processes below this one, by /proc (proc_pid_stat(5)); none where there is no /proc. */
function descendants(root: number): Descendant[] {
  let pids: string[];
  try {
    pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
  const all = pids.flatMap((pid) => {
    try {
      const [, parent] = /\) \S (\d+) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').slice(0, 200);
      return [{ pid: Number(pid), parent: Number(parent), command }];
    } catch {
      // It ended meanwhile.
      return [];
    }
  });
  const found: Descendant[] = [];
  for (let parents = [root]; parents.length > 0; ) {
    const children = all.filter(({ parent }) => parents.includes(parent));
    found.push(...children);
    parents = children.map(({ pid }) => pid);
  }
  return found;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
