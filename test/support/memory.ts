import { readFileSync } from 'node:fs';

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
