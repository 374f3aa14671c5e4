import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Two builds of all pages, and what some changes of them left. */
const mostKept = 50;

/**
 * A text that was made from the same before, kept in a directory, or else one that is made now and kept there. The ones
 * that were wanted last are kept.
 *
 * @param from all that the text depends on, versions of programs included
 */
export async function madeBefore(
  directory: string,
  from: readonly string[],
  make: () => Promise<string>,
): Promise<string> {
  const path = join(directory, createHash('sha256').update(JSON.stringify(from)).digest('hex'));
  try {
    const text = readFileSync(path, 'utf8');
    utimesSync(path, new Date(), new Date());
    return text;
  } catch {
    // It is made now.
  }
  const text = await make();
  mkdirSync(directory, { recursive: true });
  // Another build may read it at any time.
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, text);
  renameSync(unfinished, path);
  forgetOldest(directory);
  return text;
}

function forgetOldest(directory: string): void {
  const wantedAt = (name: string) => statSync(join(directory, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const names = readdirSync(directory).map((name) => ({ name, at: wantedAt(name) }));
  for (const { name } of names.sort((a, b) => b.at - a.at).slice(mostKept))
    rmSync(join(directory, name), { force: true });
}
