import { type Neighbor, searchRotated } from '../find/directory-files.ts';
import { emptyHead, fileId } from '../find/fingerprint.ts';
import { findCompressed, findCopy, successors } from '../find/rotation.ts';
import { type FileOpener, isUnlinked } from '../open/file-opener.ts';
import type { Generation } from '../open/generation.ts';
import type { OpenedFile } from '../open/opened-file.ts';
import type { GenerationQueue } from './generation-queue.ts';
import type { GenerationReader } from './generation-reader.ts';

/** What follows from a file being cut while it is read: docs/decisions/0010-copytruncate.md. */
export interface Truncation {
  /**
   * The file does not hold any more what was read from it (`size` it had when a stat saw it last). The unfinished
   * line is made a line: it was text that stood there. Copytruncate leaves a copy of the file, in which the text goes
   * on that was written after the last look.
   */
  handle(generation: Generation, size: number | undefined): Promise<void>;
}

export interface TruncationOptions {
  name: string;
  /** Absolute. */
  path: string;
  queue: GenerationQueue;
  opener: FileOpener;
  reader: GenerationReader;
}

export function createTruncation(options: TruncationOptions): Truncation {
  const { name, path, queue, opener, reader } = options;

  return { handle };

  async function handle(generation: Generation, size: number | undefined): Promise<void> {
    const { file } = generation;
    const was = reader.positionOf(generation);
    const since = generation.mtimeNs;
    const stats = await file.stat();
    const rest = await searchRotated(path, () => openCopy(file, since));
    const lostBytes = size === undefined ? 0 : size - file.offset;
    file.restart();
    generation.skipsHole = true;
    generation.skipLines = 0;
    generation.mtimeNs = stats.mtimeNs;
    generation.statedMtimeNs = stats.mtimeNs;
    if (rest !== undefined) {
      if (generation.utf16 !== undefined) rest.utf16 = generation.utf16;
      delete generation.utf16;
      queue.insertBefore(generation, [rest, ...(await openBetween(rest, generation))]);
      return;
    }
    await reader.end(generation, { ...was, offset: 0, head: emptyHead });
    delete generation.utf16;
    const lost = lostBytes > 0 ? `, ${lostBytes} bytes of it before they were read` : '';
    await reader.notice(`${name} was truncated${lost}; reading it from its beginning`);
  }

  async function openCopy(file: OpenedFile, sinceNs: bigint): Promise<Generation | undefined> {
    const copy =
      (await findCopy(path, file.head, sinceNs, async (other, theirs) => {
        if (fileId(theirs) === file.id || theirs.mtimeNs < sinceNs || theirs.size < BigInt(file.offset)) return false;
        return file.isContinuedBy(other);
      })) ?? (await findCompressed(path, file.head, { sinceNs, madeAfterNs: sinceNs }));
    const rest = copy && (await opener.open(copy.path, copy.id, { offset: file.offset }));
    if (rest?.origin === 'file') rest.origin = 'copy';
    return rest;
  }

  /** Those between a copy and the file that was cut: copies, too, when it was cut several times. */
  async function openBetween(copy: Generation, current: Generation): Promise<Generation[]> {
    const { id, headNow } = current.file;
    const isRead = async (one: Neighbor) => one.id !== id && (await opener.isKnown(one));
    const all: Generation[] = [];
    for (let tries = 0; tries < 10; tries++) {
      const { file, mtimeNs } = all.at(-1) ?? copy;
      const after = await successors(path, { id: file.id, mtimeNs, head: file.head }, isRead);
      if (after === undefined) continue;
      // It may have been rotated since, and packed: what came after it is read after it.
      const packed = (await isUnlinked(current)) ? await findCompressed(path, await headNow(), {}) : undefined;
      const end = after.findIndex((one) => one.id === id || one.id === packed?.id);
      const wanted = end === -1 ? after : after.slice(0, end);
      const { opened, isAll } = await opener.openAll(wanted, wanted.length);
      all.push(...opened);
      // Else they were rotated on while they were opened.
      if (isAll) break;
    }
    return all;
  }
}
