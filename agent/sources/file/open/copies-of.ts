import { copiesAt } from '../find/copies.ts';
import { mayHaveProducts } from '../find/rotated-name.ts';
import type { Generation } from './generation.ts';
import type { Claimant, FileMemory } from './known-files.ts';

/** Ids of the copies of a file that was removed (none of one that was not), which count as read from now on. */
export async function copiesOf(
  generation: Generation,
  path: string,
  memory: FileMemory,
  claimant: Claimant,
): Promise<ReadonlySet<string>> {
  const { file, origin } = generation;
  if (generation.copies !== undefined) return generation.copies;
  // What a program makes of its rotated files is no copy, and is named before a look at all of them is over.
  if (mayHaveProducts(path)) return new Set();
  const stats = origin === 'compressed' || file.isParked ? undefined : await file.stat();
  if (stats?.nlink !== 0n) return new Set();
  const copies = await copiesAt(path, { stats, beginsLike: file.beginsLike });
  for (const { size, ...copy } of copies) {
    if (!(await memory.isKnown(copy, claimant))) memory.release({ ...copy, offset: size }, claimant);
  }
  generation.copies = new Set(copies.map(({ id }) => id));
  return generation.copies;
}
