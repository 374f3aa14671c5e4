import type { FileHandle } from 'node:fs/promises';
import type { Neighbor } from '../find/directory-files.ts';
import { emptyHead } from '../find/fingerprint.ts';
import { presenceAt } from '../find/presence.ts';
import { mayHaveProducts } from '../find/rotated-name.ts';
import { isPackedIn, type Left, type Successor, successors } from '../find/rotation.ts';
import type { FileOpener } from '../open/file-opener.ts';
import type { Generation } from '../open/generation.ts';
import type { StartAt } from '../open/start-offset.ts';
import type { GenerationQueue } from './generation-queue.ts';

/** Opens what follows on a file that has left its path. */
export interface Succession {
  /**
   * Opens the generations between one that has left the path and the one that has it now (none that `isOlder` than the
   * first), and that one. As far as rotating goes on too quickly, the next look continues after the last one that is
   * open.
   */
  openSince(left: Left, isOlder: (one: Neighbor) => boolean, currentBegins: StartAt | undefined): Promise<void>;
  /** Opens the file at the path, if it has this id. */
  openCurrent(id: string, begins: StartAt | undefined): Promise<void>;
  /** More generations were found than there was room for. */
  isBehind(): boolean;
}

export interface SuccessionOptions {
  /** Absolute. */
  path: string;
  queue: GenerationQueue;
  opener: FileOpener;
}

export function createSuccession({ path, queue, opener }: SuccessionOptions): Succession {
  /** What was found the last time and had no room. A search takes as long as all rotated files are many. */
  let found: { afterId: string; rest: Successor[] } = { afterId: '', rest: [] };

  return { openSince, openCurrent, isBehind: () => found.rest.length > 0 };

  async function openSince(
    left: Left,
    isOlder: (one: Neighbor) => boolean,
    currentBegins: StartAt | undefined,
  ): Promise<void> {
    const isKnown = (one: Neighbor) => isOlder(one) || opener.isKnown(one);
    let after = await openFound(left);
    if (queue.room === 0) return;
    for (let tries = 0; tries < 10; tries++) {
      const before = await presenceAt(path);
      // Removed, it would give its inode to the next file at once, and that would be taken for it. What has this id
      // while it is open is what had it before the search: all that had the path before it have left it by then.
      const held = before.type === 'file' ? await opener.hold(before.id) : undefined;
      try {
        const between = await successors(path, after, isKnown);
        if (between === undefined) return;
        const there = await presenceAt(path);
        // Rotated on since the path was looked at: what had it then is one of those in between now.
        if (there.type === 'file' && there.id !== held?.id) continue;
        const wanted = await toBeOpened(between, held?.id, there.type === 'file' ? held?.handle : undefined);
        const { opened, isAll } = await opener.openAll(wanted, queue.room);
        queue.append(...opened);
        if (queue.room === 0) return keepRest(wanted, opened);
        if (isAll) {
          if (there.type === 'file') await openCurrent(there.id, currentBegins);
          return;
        }
        // They were rotated on while they were opened: once more from the last one that is open.
        after = lastOf(wanted, opened) ?? after;
      } finally {
        await held?.handle?.close();
      }
    }
  }

  /** Opens those that were found before. Returns what a search begins after: one that fails has been rotated on. */
  async function openFound(left: Left): Promise<Left> {
    const { afterId, rest } = found;
    found = { afterId: '', rest: [] };
    if (afterId !== left.id || rest.length === 0) return left;
    const { opened } = await opener.openAll(rest, queue.room);
    queue.append(...opened);
    if (queue.room === 0) keepRest(rest, opened);
    return lastOf(rest, opened) ?? left;
  }

  function keepRest(wanted: Successor[], opened: Generation[]): void {
    // A program may be making something else of them.
    if (mayHaveProducts(path)) return;
    const afterId = opened.at(-1)?.file.id;
    const at = wanted.findIndex(({ id }) => id === afterId);
    if (afterId !== undefined && at !== -1) found = { afterId, rest: wanted.slice(at + 1) };
  }

  function lastOf(wanted: Successor[], opened: Generation[]): Left | undefined {
    const last = wanted.find(({ id }) => id === opened.at(-1)?.file.id);
    return last && { ...last, head: emptyHead };
  }

  /** @param current the file of the path, where it has one */
  async function toBeOpened(
    between: Successor[],
    currentId: string | undefined,
    current: FileHandle | undefined,
  ): Promise<Successor[]> {
    // A link of the path's name to a dated one: the current file has both.
    const end = between.findIndex((one) => one.id === currentId);
    const all = end === -1 ? between : between.slice(0, end);
    const newest = all.at(-1);
    // Its log is still there, and will be read as long as it is.
    const isOfCurrent = current && newest && (await isPackedIn(newest, current));
    return isOfCurrent ? all.slice(0, -1) : all;
  }

  async function openCurrent(id: string, begins: StartAt | undefined): Promise<void> {
    if (queue.has(id) || queue.recall(id)) return;
    const current = queue.room > 0 ? await opener.open(path, id, begins) : undefined;
    if (current !== undefined) queue.append(current);
  }
}
