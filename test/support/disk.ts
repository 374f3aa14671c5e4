import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from './sync-child.ts';

/** A file system of so many bytes; undefined where we may not mount one. */
export function mountSmallDisk(bytes: number): (Disposable & { path: string }) | undefined {
  const path = mkdtempSync(join(tmpdir(), 'sse-tail-test-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    rmSync(path, { recursive: true });
    return undefined;
  }
  return {
    path,
    [Symbol.dispose]() {
      execFileSync('umount', ['-l', path]);
      rmSync(path, { recursive: true });
    },
  };
}

/** In this folder no file can be made, renamed or removed until the disposal; undefined where we can't see to that. */
export function makeReadOnly(path: string): Disposable | undefined {
  if (process.geteuid?.() !== 0) {
    chmodSync(path, 0o500);
    return { [Symbol.dispose]: () => chmodSync(path, 0o700) };
  }
  // Permissions don't hold root back.
  const change = (how: string) => execFileSync('chattr', [how, path], { stdio: 'ignore' });
  try {
    change('+i');
  } catch {
    return undefined;
  }
  return { [Symbol.dispose]: () => change('-i') };
}
