import { readFileSync } from 'node:fs';

/** Whether this process is in the foreground of its terminal: what is typed there is for it (proc(5), stat). */
export function isForeground(): boolean {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    const [, , pgrp, , , tpgid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return pgrp === tpgid;
  } catch {
    return process.stdin.isTTY === true;
  }
}
