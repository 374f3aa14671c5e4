import { type FSWatcher, watch as watchFolder } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type FSWatcher as Chokidar, watch as watchFiles } from 'chokidar';
import { fileId } from '../find/fingerprint.ts';

/**
 * Told that something happened in a folder: to the entry `name` (undefined: to any of them). `names` means that entries came
 * or went, `content` that one was written.
 */
export type FolderListener = (name: string | undefined, what: 'names' | 'content') => void;

/** Tells that something changed, never what: events come late, merged or not at all, so they only say when to look. */
export interface Watch {
  /** Watches a folder, also one that does not exist yet. Resolves once its events come (or can't be had). */
  folder(path: string, listener: FolderListener): Promise<void>;
  /** Watches the content of a file that is written under other names or folders too: a symlink's target, a hard link. */
  content(path: string, listener: () => void): void;
  contentEnd(path: string): void;
  /** Notices folders that came, went or were switched without an event. Cheap: one stat for each of the next few folders. */
  check(): Promise<void>;
  /** Events can't be had for all folders (the system's limit of watches is reached). */
  readonly isTroubled: boolean;
  close(): Promise<void>;
}

interface Folder {
  path: string;
  listeners: FolderListener[];
  watcher?: FSWatcher;
  /** The folder that is watched really: this one, or the nearest ancestor that exists. */
  watched?: { path: string; id: string };
  arming?: Promise<void>;
}

const foldersPerCheck = 20;

/**
 * Folders are watched with `fs.watch`: one descriptor for all files in it, 0.05 ms from write to event. chokidar, which lists
 * the whole folder on each change, takes 1.5 ms and more than a core in a folder of 1,000 files; on single files it is light, and
 * it keeps watching a name whose file is replaced, so it has those that the folder's events don't reach.
 */
export function createWatch(onTrouble: (sentence: string) => void): Watch {
  const folders = new Map<string, Folder>();
  const contents = new Map<string, () => void>();
  let files: Chokidar | undefined;
  let nextCheck = 0;
  let isTroubled = false;
  let isClosed = false;

  function trouble(error: unknown): void {
    if (isTroubled) return;
    isTroubled = true;
    onTrouble(
      `change events can't be had (${error instanceof Error ? error.message : error}); looking every second instead`,
    );
  }

  function tell(folder: Folder, name: string | undefined, what: 'names' | 'content'): void {
    for (const listener of folder.listeners) listener(name, what);
  }

  /** Watches the folder, or the nearest ancestor there is, anew where that is not the one that is watched. */
  function arm(folder: Folder): Promise<void> {
    folder.arming ??= rearm(folder).finally(() => {
      delete folder.arming;
    });
    return folder.arming;
  }

  async function rearm(folder: Folder): Promise<void> {
    const nearest = await nearestFolder(folder.path);
    if (isClosed || nearest === undefined) return;
    if (nearest.path === folder.watched?.path && nearest.id === folder.watched.id) return;
    folder.watcher?.close();
    delete folder.watcher;
    try {
      const watcher = watchFolder(nearest.path, (event, name) => onEvent(folder, event, name ?? undefined));
      watcher.on('error', () => {
        watcher.close();
        delete folder.watched;
      });
      folder.watcher = watcher;
      folder.watched = nearest;
      // What happened between the look for the folder and now had no event.
      if (nearest.path === folder.path) tell(folder, undefined, 'names');
      else if ((await nearestFolder(folder.path))?.path !== nearest.path) await rearm(folder);
    } catch (error) {
      delete folder.watched;
      if (!isGone(error)) trouble(error);
    }
  }

  function onEvent(folder: Folder, event: string, name: string | undefined): void {
    const isHere = folder.watched?.path === folder.path;
    if (isHere) tell(folder, name, event === 'rename' ? 'names' : 'content');
    // The folder itself came, or went: its own name is given then.
    if (event === 'rename' && (!isHere || name === undefined || folder.path.endsWith(`/${name}`))) void arm(folder);
  }

  return {
    async folder(path, listener) {
      const folder = folders.get(path) ?? { path, listeners: [] };
      folders.set(path, folder);
      folder.listeners.push(listener);
      await arm(folder);
    },

    content(path, listener) {
      if (isClosed || contents.has(path)) return;
      contents.set(path, listener);
      if (files === undefined) {
        files = watchFiles([], { ignoreInitial: true, atomic: false });
        files.on('raw', (_event, _name, details) => {
          contents.get(resolve((details as { watchedPath: string }).watchedPath))?.();
        });
        files.on('error', trouble);
      }
      files.add(path);
    },

    contentEnd(path) {
      if (contents.delete(path)) files?.unwatch(path);
    },

    async check() {
      const all = [...folders.values()];
      const some = Math.min(foldersPerCheck, all.length);
      for (let count = 0; count < some; count++) {
        const folder = all[nextCheck++ % all.length];
        if (folder !== undefined) await arm(folder);
      }
    },

    get isTroubled() {
      return isTroubled;
    },

    async close() {
      isClosed = true;
      for (const folder of folders.values()) {
        await folder.arming;
        folder.watcher?.close();
      }
      folders.clear();
      contents.clear();
      await files?.close();
    },
  };
}

/** The folder itself, or its nearest ancestor that exists. */
async function nearestFolder(path: string): Promise<{ path: string; id: string } | undefined> {
  for (let at = path; ; at = dirname(at)) {
    try {
      const stats = await stat(at, { bigint: true });
      if (stats.isDirectory()) return { path: at, id: fileId(stats) };
    } catch {
      // Not there, or not to be looked into: its parent tells when that changes.
    }
    if (dirname(at) === at) return undefined;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
