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
  readonly #lastSigns = new Map<string, Sign>();
  #timer: NodeJS.Timeout | undefined;

  /** @param silence how long a file may give no sign of life, in ms */
  constructor({ silence = silenceMs }: { silence?: number } = {}) {
    this.#timer = setInterval(() => this.#look(silence), Math.min(10_000, silence / 4)).unref();
  }

  onTestModuleStart(module: TestModule): void {
    this.#sign(module, 'its beginning');
  }
  onTestCaseReady(test: TestCase): void {
    // One with a limit of its own may be silent until vitest ends it.
    this.#sign(test.module, test.fullName, test.options.timeout);
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

  #sign(module: TestModule, of: string, limitMs = 0): void {
    this.#lastSigns.set(module.relativeModuleId, { at: performance.now(), of, limitMs });
  }

  #look(silence: number): void {
    const silent = [...this.#lastSigns].filter(([, sign]) => isSilent(sign, performance.now(), silence));
    if (silent.length === 0) return;
    for (const [path, sign] of silent) {
      const seconds = Math.round((performance.now() - sign.at) / 1000);
      console.error(
        `No sign of life for ${seconds} s of ${path}, last heard of: ${sign.of}. The processes of all tests are killed.`,
      );
      this.#lastSigns.set(path, { ...sign, at: performance.now() });
    }
    const below = descendants(process.pid);
    for (const { pid, command } of below) console.error(`  ${pid} ${command}`);
    // A worker that waits for a child goes on, and its test fails, once the child is gone; a worker alone loops.
    const inner = below.filter(({ parent }) => parent !== process.pid);
    for (const { pid } of inner.length > 0 ? inner : below) kill(pid);
  }
}

/** What a file was heard of last. */
interface Sign {
  at: number;
  of: string;
  /** How long the test that it is of may take; 0 for what has no limit. */
  limitMs: number;
}

/** How long vitest has to end what has met its limit, and a machine that is busy to say so. */
const graceMs = 60_000;

/** Whether a file of which this was heard last has given no sign of life for longer than its test may take. */
export function isSilent({ at, limitMs }: Pick<Sign, 'at' | 'limitMs'>, now: number, silence = silenceMs): boolean {
  return now - at > (limitMs > silence ? limitMs + graceMs : silence);
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
