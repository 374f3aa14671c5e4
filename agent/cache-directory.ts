import { lstatSync, mkdirSync, type Stats } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * A directory for what can be made again: `$XDG_CACHE_HOME/sse-tail/<name>`, else `~/.cache/sse-tail/<name>` (XDG
 * Base Directory Specification), made where it is missing. It is this user's alone, as are all on the way to it:
 * whoever else could write there would decide what is run or shown. Undefined where that can't be had (no home, a
 * read-only one, with `sudo -E` another's): then nothing is kept.
 */
export function cacheDirectory(
  name: string,
  { XDG_CACHE_HOME: given }: NodeJS.ProcessEnv = process.env,
  homeOf: () => string = homedir,
): string | undefined {
  try {
    const isGiven = given !== undefined && isAbsolute(given);
    const home = isGiven ? given : homeOf();
    if (!isOwn(lstatSync(home))) return undefined;
    const cache = isGiven ? home : join(home, '.cache');
    const program = join(cache, 'sse-tail');
    const path = join(program, name);
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
