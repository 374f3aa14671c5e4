import type { FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { BoundedMap } from '../../../system/bounded-map.ts';
import type { Pace } from '../../../system/pace.ts';
import { errorCode } from '../../../words/errors.ts';
import { type AbsenceReporter, absenceFor } from '../find/absence.ts';
import type { Neighbor } from '../find/directory-files.ts';
import { fileId } from '../find/fingerprint.ts';
import { presenceAt } from '../find/presence.ts';
import type { Successor } from '../find/rotation.ts';
import { copiesOf } from './copies-of.ts';
import type { Descriptors } from './descriptor-pool.ts';
import type { Generation } from './generation.ts';
import { createGenerationOf } from './generation-of.ts';
import type { Claimant, FileMemory } from './known-files.ts';
import type { OpenedFile } from './opened-file.ts';
import type { StartAt } from './start-offset.ts';

/** Opens files for one followed name and closes them again. Those that a rotation has compressed are unpacked. */
export interface FileOpener {
  /**
   * Undefined when the file can't be opened, is another one than `id` meanwhile (the next check sees to it), or is read
   * under another name. An offset holds in any case; a start only for a file that was not read yet under any name of
   * the group, which without one begins with its first byte.
   */
  open(at: string, id: string, beginning: StartAt | { offset: number } | undefined): Promise<Generation | undefined>;
  /**
   * What is at the path, open: until it is closed, no other file gets its inode. Undefined when it is gone; without a
   * handle, and with the id that it was seen with, when it can't be opened.
   */
  hold(seenId: string): Promise<{ id: string; handle?: FileHandle } | undefined>;
  /**
   * In their order, `most` of them, and up to the first one that is not what it was when it was listed (`isAll`: there
   * is none, and no more). Those that can't be read are reported.
   */
  openAll(successors: Successor[], most: number): Promise<{ opened: Generation[]; isAll: boolean }>;
  /** Names of files that can't be read, to be reported: each once. */
  namesToReport(unread: readonly Neighbor[]): string[];
  /**
   * Opens a parked file again; false when another one is there, or none. Rejects when it can't be opened now.
   */
  reopen(file: OpenedFile, at: string): Promise<boolean>;
  /** Keeps a file for this name, which will look for it: another name may find it first. */
  reserve(id: string): void;
  /** It was not found. */
  unreserve(id: string): void;
  /** False while another name reads this file: then the name hears of it once that lets it go. */
  isFree(id: string): boolean;
  /** Whether another name found this file and was refused it. */
  isWanted(id: string): boolean;
  /**
   * Ids of the copies of a file that was removed (none of one that was not). Their lines are those of the file, and so
   * are read: looked for as soon as it is known, before another name finds them.
   */
  copiesOf(generation: Generation): Promise<ReadonlySet<string>>;
  /** Whether the file is being read, or was, under any name. */
  isKnown(file: Neighbor): Promise<boolean>;
  /**
   * Closes it; should it come back, or be found under another name, it is continued at `offset` (where it was read to).
   */
  letGo(generation: Generation, offset?: number): Promise<void>;
}

export interface FileOpenerOptions {
  name: string;
  path: string;
  descriptors: Descriptors;
  memory: FileMemory;
  claimant: Claimant;
  pace: Pace;
  absence: AbsenceReporter;
  notice(text: string): Promise<void>;
}

const rememberedReports = 1000;

export function createFileOpener(options: FileOpenerOptions): FileOpener {
  const { name, path, descriptors, memory, claimant, pace, absence, notice } = options;
  /** When files that were reported as not read were last written, by their ids. */
  const reported = new BoundedMap<string, bigint>(rememberedReports);

  async function open(
    at: string,
    id: string,
    beginning: StartAt | { offset: number } | undefined,
    onFailure?: (error: unknown) => void,
  ): Promise<Generation | undefined> {
    let handle: FileHandle | undefined;
    try {
      handle = await descriptors.open(at);
      const actual = fileId(await handle.stat({ bigint: true }));
      if (actual === id && claim(actual)) {
        const generation = await createGenerationOf(handle, at, {
          name,
          path,
          pace,
          beginning: await beginningOf(actual, handle, beginning),
        });
        if (generation !== undefined) return generation;
        memory.unclaim(actual, claimant);
      }
      await handle.close();
    } catch (error) {
      memory.unclaim(id, claimant);
      await handle?.close();
      onFailure?.(error);
      if (at === path && errorCode(error) !== 'ENOENT') await absence.report(absenceFor(error));
    }
    return undefined;
  }

  function claim(id: string): boolean {
    const isOurs = memory.claim(id, claimant);
    if (!isOurs) memory.want(id, claimant);
    return isOurs;
  }

  async function beginningOf(id: string, handle: FileHandle, given: StartAt | { offset: number } | undefined) {
    if (given !== undefined && given !== 'all' && 'offset' in given) return given;
    const offset = await memory.offsetOf(id, claimant, handle);
    return offset === undefined ? (given ?? 'all') : { offset };
  }

  async function hold(seenId: string) {
    let handle: FileHandle | undefined;
    try {
      handle = await descriptors.open(path);
      return { id: fileId(await handle.stat({ bigint: true })), handle };
    } catch (error) {
      await handle?.close();
      return errorCode(error) === 'ENOENT' ? undefined : { id: seenId };
    }
  }

  /** False where another file has the name by now. One that is there and can't be opened holds up nothing. */
  async function openNext(one: Successor, opened: Generation[], unread: Neighbor[]): Promise<boolean> {
    let failure: unknown;
    const generation = await open(one.path, one.id, undefined, (error) => {
      failure = error;
    });
    if (generation !== undefined) opened.push(generation);
    else if (errorCode(failure) === 'EACCES' && (await isThere(one))) unread.push(one);
    else return false;
    return true;
  }

  function namesToReport(unread: readonly Neighbor[]): string[] {
    const isNew = ({ id, mtimeNs }: Neighbor) => reported.get(id) !== mtimeNs;
    const names = unread.filter(isNew).map((one) => basename(one.path));
    for (const { id, mtimeNs } of unread) reported.set(id, mtimeNs);
    return names;
  }

  return {
    open,
    hold,

    async openAll(successors, most) {
      const opened: Generation[] = [];
      const unread: Neighbor[] = [];
      let isAll = true;
      for (const one of successors) {
        if (one.isUnreadable) unread.push(one);
        else isAll = opened.length < most && (await openNext(one, opened, unread));
        if (!isAll) break;
      }
      const names = namesToReport(unread);
      if (names.length > 0) await notice(`not read: ${names.join(', ')}`);
      return { opened, isAll };
    },
    namesToReport,

    async reopen(file, at) {
      try {
        return await file.reopen(at, descriptors.open);
      } catch (error) {
        if (errorCode(error) === 'ENOENT') return false;
        throw error;
      }
    },

    reserve: (id) => void memory.claim(id, claimant),
    unreserve: (id) => memory.unclaim(id, claimant),
    isFree(id) {
      const isFree = memory.isFree(id, claimant);
      if (!isFree) memory.want(id, claimant);
      return isFree;
    },
    isWanted: memory.isWanted,
    copiesOf: (generation) => copiesOf(generation, path, memory, claimant),
    isKnown: (file) => memory.isKnown(file, claimant),

    async letGo(generation, offset = generation.file.offset) {
      const { file } = generation;
      const stats = file.isParked ? undefined : await file.stat();
      // Its inode will be another file's.
      if (stats?.nlink === 0n) memory.forget(file.id, claimant);
      else memory.release({ id: file.id, offset, head: file.head, bornNs: stats?.birthtimeNs ?? 0n }, claimant);
      descriptors.busy(file);
      await file.close();
    },
  };
}

async function isThere({ path, id }: Neighbor): Promise<boolean> {
  const there = await presenceAt(path);
  return there.type === 'file' && there.id === id;
}

/** Removed for good: no name leads to it any more. */
export async function isUnlinked({ file }: Generation): Promise<boolean> {
  return !file.isParked && (await file.stat()).nlink === 0n;
}
