import * as child from 'node:child_process';

/*
 * Node's own functions by these names, with a limit: vitest's time limits are timers of the worker, which never fire
 * while its thread waits for a child process, or for a grandchild that still holds the child's output.
 */

const limits = { timeout: 60_000, killSignal: 'SIGKILL' } as const;

/** @throws Error when it fails, or takes longer than a minute */
export function execFileSync(
  file: string,
  args: readonly string[],
  options: child.ExecFileSyncOptionsWithStringEncoding,
): string;
export function execFileSync(file: string, args: readonly string[], options?: child.ExecFileSyncOptions): Buffer;
export function execFileSync(
  file: string,
  args: readonly string[],
  options: child.ExecFileSyncOptions = {},
): string | Buffer {
  return child.execFileSync(file, args, { ...limits, ...options });
}

/** The signal of a child that took longer than a minute is SIGKILL, and it has no status. */
export function spawnSync(
  file: string,
  args: readonly string[],
  options: child.SpawnSyncOptionsWithStringEncoding,
): child.SpawnSyncReturns<string>;
export function spawnSync(
  file: string,
  args: readonly string[],
  options?: child.SpawnSyncOptions,
): child.SpawnSyncReturns<Buffer>;
export function spawnSync(
  file: string,
  args: readonly string[],
  options: child.SpawnSyncOptions = {},
): child.SpawnSyncReturns<string | Buffer> {
  return child.spawnSync(file, args, { ...limits, ...options });
}
