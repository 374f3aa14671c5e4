import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
/** Lets go of all that nothing refers to, in this process. */
export const collectGarbage = runInNewContext('gc') as () => void;

/** What this process still refers to, in bytes; memory of typed arrays is no part of it. */
export function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** Resident memory of a process in MB; undefined where there is no /proc. */
export function residentMB(pid: number): number | undefined {
  try {
    const kB = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kB === undefined ? undefined : Number(kB) / 1000;
  } catch {
    return undefined;
  }
}

/** Watches a process's resident memory for its peak. */
export function watchMemory(pid: number): Disposable & { readonly peakMB: number } {
  let peakMB = 0;
  const look = () => {
    peakMB = Math.max(peakMB, residentMB(pid) ?? 0);
  };
  look();
  const timer = setInterval(look, 20);
  return {
    get peakMB() {
      look();
      return peakMB;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
