import type { FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { errorCode } from '../../../words/errors.ts';
import { type AbsenceReporter, absenceFor } from '../find/absence.ts';
import { canUnpack, compressionOfOpen } from '../find/compression.ts';
import type { Neighbor } from '../find/directory-files.ts';
import { fileId } from '../find/fingerprint.ts';
import type { Descriptors } from './descriptor-pool.ts';
import { createCompressedGeneration, createGeneration, type Generation } from './generation.ts';
import type { FileMemory } from './known-files.ts';
import type { StartAt } from './start-offset.ts';

/** Opens files for one followed name and closes them again. Those that a rotation has compressed are unpacked. */
export interface FileOpener {
  /**
   * Undefined when the file can't be opened, is another one than `id` meanwhile (the next look sees to it), or is read
   * under another name. Without a beginning it goes on where it was let go, or begins with its first byte.
   */
  open(at: string, id: string, beginning: StartAt | { offset: number } | undefined): Promise<Generation | undefined>;
  /** In their order, up to the first one that is not what it was when it was listed. */
  openAll(neighbors: Neighbor[]): Promise<Generation[]>;
  /** Keeps a file for this name, which will look for it: another name may find it first. */
  reserve(id: string): void;
  /** It was not found. */
  unreserve(id: string): void;
  /** False while another name reads this file. */
  isFree(id: string): boolean;
  /** Whether the file is being read, or was, under any name. */
  isKnown(file: Neighbor): Promise<boolean>;
  /** Closes it; should it come back, it goes on where it was. */
  letGo(generation: Generation): Promise<void>;
}

export interface FileOpenerOptions {
  name: string;
  path: string;
  descriptors: Descriptors;
  memory: FileMemory;
  absence: AbsenceReporter;
  notice(text: string): Promise<void>;
}

export function createFileOpener({ name, path, descriptors, memory, absence, notice }: FileOpenerOptions): FileOpener {
  const owner = {};

  async function open(at: string, id: string, beginning: StartAt | { offset: number } | undefined) {
    let handle: FileHandle | undefined;
    try {
      handle = await descriptors.open(at);
      const actual = fileId(await handle.stat({ bigint: true }));
      if (actual === id && memory.claim(actual, owner)) {
        const from = beginning ?? { offset: await memory.offsetOf(actual, handle) };
        const generation = await createFrom(handle, at, from);
        if (generation !== undefined) return generation;
        memory.unclaim(actual, owner);
      }
      await handle.close();
    } catch (error) {
      memory.unclaim(id, owner);
      await handle?.close();
      if (at === path && errorCode(error) !== 'ENOENT') await absence.report(absenceFor(error));
    }
    return undefined;
  }

  async function createFrom(handle: FileHandle, at: string, from: StartAt | { offset: number }) {
    const compression = at === path ? undefined : await compressionOfOpen(handle, at);
    if (compression === undefined || !canUnpack(compression)) return createGeneration(handle, from);
    const offset = from !== 'all' && 'offset' in from ? from.offset : 0;
    return createCompressedGeneration(handle, compression, offset, (error) => {
      const reason = error instanceof Error ? error.message : String(error);
      void notice(`${name}: ${basename(at)} can't be read to its end: ${reason}`);
    });
  }

  return {
    open,

    async openAll(neighbors) {
      const opened: Generation[] = [];
      for (const { path: at, id } of neighbors) {
        const generation = await open(at, id, undefined);
        if (generation === undefined) break;
        opened.push(generation);
      }
      return opened;
    },

    reserve: (id) => void memory.claim(id, owner),
    unreserve: (id) => memory.unclaim(id, owner),
    isFree: (id) => memory.isFree(id, owner),
    isKnown: memory.isKnown,

    async letGo(generation) {
      const { file } = generation;
      // Its inode will be another file's.
      if (await isUnlinked(generation)) memory.forget(file.id, owner);
      else memory.release(file, owner);
      descriptors.busy(file);
      await file.close();
    },
  };
}

/** Removed for good: no name leads to it any more. */
export async function isUnlinked({ file }: Generation): Promise<boolean> {
  return !file.isParked && (await file.stat()).nlink === 0n;
}
