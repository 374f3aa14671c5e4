import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createPace } from '../../../system/pace.ts';
import { fsPath } from '../../../words/raw-text.ts';
import { type Presence, presenceAt, presenceNow } from '../find/presence.ts';
import type { Follower } from '../follow/follower.ts';

/**
 * What is at the paths of followed files, with as little work as possible: a stat takes 3 microseconds in the event
 * loop and 35 by way of the thread pool. But one that asks a server hangs while that is away, and in the event loop
 * the whole agent with it.
 */
export interface QuickStat {
  /** What is there, if it can be told without a wait. */
  now(file: Seen): Presence | undefined;
  /** What is there, and whether the next time there is a wait. */
  at(file: Seen): Promise<Presence>;
}

export type Seen = Pick<Follower, 'path' | 'isOpen' | 'elsewhere'>;

export function createQuickStat(): QuickStat {
  /** The directories asked about, the devices that they were on, and whether those are of this machine. */
  const directories = new Map<string, { dev: bigint; isLocal: boolean }>();
  const pace = createPace();

  return {
    now({ path, isOpen, elsewhere }) {
      if (!isOpen || elsewhere !== undefined || !pace.isQuick) return undefined;
      const directory = dirname(path);
      const known = directories.get(directory);
      if (!known?.isLocal) return undefined;
      const there = pace.run(() => presenceNow(path));
      // Something has been mounted there.
      if (there.type !== 'file' || there.stats.dev !== known.dev) directories.delete(directory);
      return there;
    },

    async at({ path, isOpen, elsewhere }) {
      const there = await presenceAt(path);
      if (there.type !== 'file' || !isOpen || elsewhere !== undefined) return there;
      const directory = dirname(path);
      const { dev } = there.stats;
      if (directories.get(directory)?.dev !== dev)
        directories.set(directory, { dev, isLocal: await isOnLocalDisk(path) });
      return there;
    },
  };
}

/** What statfs(2) says of file systems that need no server. */
const localFileSystems = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0xf2f52010, // F2FS
  0x2fc12fc1, // ZFS
  0xca451a4e, // bcachefs
  0x01021994, // tmpfs
  0x858458f6, // ramfs
  0x794c7630, // overlayfs: containers
]);

async function isOnLocalDisk(path: string): Promise<boolean> {
  // Elsewhere the numbers mean other things.
  if (process.platform !== 'linux') return false;
  try {
    return localFileSystems.has((await statfs(fsPath(path))).type);
  } catch {
    return false;
  }
}
