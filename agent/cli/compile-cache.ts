import { lstatSync, mkdirSync, type Stats } from 'node:fs';
import * as module from 'node:module';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

const { enableCompileCache, flushCompileCache } = module as {
  enableCompileCache?: (directory: string) => unknown;
  flushCompileCache?: () => void;
};

/**
 * Node writes the cache when a process exits, which one that is killed never does. Before V8 gets the flags of
 * agent/system/engine.ts, with which the next start could not read it.
 */
const flushAfterMs = 1000;

/** From Node 22.1 on V8 keeps what it has compiled for the next start; before, this does nothing. */
export function keepCompiledCode(): void {
  const directory = enableCompileCache && compiledDirectory(process.env, homedir);
  if (directory === undefined) return;
  enableCompileCache?.(directory);
  setTimeout(() => flushCompileCache?.(), flushAfterMs).unref();
}

/**
 * The directory for it, made where it is missing. Not Node's own, which is in that for everybody's temporary files:
 * whoever has made it first decides what is run. Here it is this user's alone, as are all on the way to it. Undefined
 * where that can't be had (no home, a read-only one, with `sudo -E` another's): then each start compiles.
 */
export function compiledDirectory(
  { XDG_CACHE_HOME: given }: NodeJS.ProcessEnv,
  homeOf: () => string,
): string | undefined {
  try {
    const isGiven = given !== undefined && isAbsolute(given);
    const home = isGiven ? given : homeOf();
    if (!isOwn(lstatSync(home))) return undefined;
    const cache = isGiven ? home : join(home, '.cache');
    const program = join(cache, 'sse-tail');
    const path = join(program, 'compiled');
    return [cache, program, path].every((directory) => isOwn(made(directory))) ? path : undefined;
  } catch {
    return undefined;
  }
}

/** One by one: with a home in /proc, Node's `recursive` never ends. */
function made(directory: string): Stats {
  try {
    return lstatSync(directory);
  } catch {
    mkdirSync(directory, { mode: 0o700 });
    return lstatSync(directory);
  }
}

/** A directory, no link to one, that nobody else can write. */
function isOwn(entry: Stats): boolean {
  return entry.isDirectory() && entry.uid === process.geteuid?.() && (entry.mode & 0o022) === 0;
}
