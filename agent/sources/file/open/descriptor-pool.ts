import { type FileHandle, open as openFile } from 'node:fs/promises';
import { openFileLimit } from '../../../system/inherited.ts';
import { isOutOfDescriptors } from '../../../words/errors.ts';
import { fsPath } from '../../../words/raw-text.ts';
import { readFlags } from '../find/read-flags.ts';
import type { OpenedFile } from './opened-file.ts';

/**
 * The open descriptors of one source. An idle one is worth keeping (through it the rest of a removed file can be
 * read), but not at the price of running out: past the limit those idle longest are parked.
 */
export interface Descriptors {
  open(path: string): Promise<FileHandle>;
  /** Nothing is being read from the file: it may be parked. */
  idle(file: OpenedFile): void;
  /** The file is in use, or closed: it may not be parked any more. */
  busy(file: OpenedFile): void;
}

/** More would be no use: what is idle for longer than so many others were is hardly written. */
const mostIdle = 2000;
/** The journal, the page's connections and the command need some as well. */
const share = 0.25;

export function createDescriptors(limit = Math.min(mostIdle, Math.ceil(openFileLimit() * share))): Descriptors {
  /** Idle longest first: a Set keeps the order of insertion. */
  const idle = new Set<OpenedFile>();
  let most = limit;

  async function parkOldest(count: number): Promise<void> {
    for (const file of [...idle].slice(0, count)) {
      // In use by now, while another one was being parked.
      if (!idle.delete(file)) continue;
      await file.park();
    }
  }

  return {
    async open(path) {
      if (idle.size >= most) await parkOldest(idle.size - most + 1);
      try {
        return await openFile(fsPath(path), readFlags);
      } catch (error) {
        if (!isOutOfDescriptors(error) || idle.size === 0) throw error;
        most = Math.ceil(idle.size / 2);
        await parkOldest(idle.size - most + 1);
        return openFile(fsPath(path), readFlags);
      }
    },
    idle(file) {
      idle.delete(file);
      idle.add(file);
    },
    busy(file) {
      idle.delete(file);
    },
  };
}
