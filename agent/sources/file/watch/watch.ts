import { type FSWatcher, watch as watchDirectory } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { FSWatcher as Chokidar } from 'chokidar';
import { causeOf, errorCode } from '../../../words/errors.ts';
import { fsPath, isRaw } from '../../../words/raw-text.ts';
import { fileId } from '../find/fingerprint.ts';

/**
 * Told that something happened in a directory: to the entry `name` (undefined: to any of them). `names` means that
 * entries came or went, `content` that one was written.
 */
export type DirectoryListener = (name: string | undefined, what: 'names' | 'content') => void;

/** Tells that something changed, never what: events come late, merged or not at all, so they only say when to look. */
export interface Watch {
  /** Watches a directory, also one that does not exist yet. Resolves once its events come (or can't be had). */
  directory(path: string, listener: DirectoryListener): Promise<void>;
  /**
   * Watches the content of a file that is written under other names or directories too: a symlink's target, a hard
   * link.
   */
  content(path: string, listener: () => void): void;
  contentEnd(path: string): void;
  /**
   * Notices directories that came, went or were switched without an event. Cheap: one stat for each of the next few
   * directories.
   */
  check(): Promise<void>;
  /** Events can't be had for all directories (the system's limit of watches is reached). */
  readonly isTroubled: boolean;
  close(): Promise<void>;
}

interface Directory {
  path: string;
  listeners: DirectoryListener[];
  watcher?: FSWatcher;
  /** The directory that is watched really: this one, or the nearest ancestor that exists. */
  watched?: { path: string; id: string };
  arming?: Promise<void>;
}

const directoriesPerCheck = 20;

/**
 * Directories are watched with `fs.watch`: one descriptor for all files in it, 0.05 ms from write to event. chokidar,
 * which lists the whole directory on each change, takes 1.5 ms and more than a core in a directory of 1,000 files; on
 * single files it is light, and it keeps watching a name whose file is replaced, so it has those that the directory's
 * events don't reach.
 */
export function createWatch(onTrouble: (sentence: string) => void): Watch {
  const directories = new Map<string, Directory>();
  const contents = new Map<string, () => void>();
  let files: Promise<Chokidar> | undefined;
  let nextCheck = 0;
  let isTroubled = false;
  let isClosed = false;

  function trouble(error: unknown): void {
    if (isTroubled) return;
    isTroubled = true;
    onTrouble(`${whyNoEvents(error)}; checking for changes every second instead`);
  }

  function tell(directory: Directory, name: string | undefined, what: 'names' | 'content'): void {
    for (const listener of directory.listeners) listener(name, what);
  }

  /** Watches the directory, or the nearest ancestor there is, anew where that is not the one that is watched. */
  function arm(directory: Directory): Promise<void> {
    directory.arming ??= rearm(directory).finally(() => {
      delete directory.arming;
    });
    return directory.arming;
  }

  async function rearm(directory: Directory): Promise<void> {
    const nearest = await nearestDirectory(directory.path);
    if (isClosed || nearest === undefined) return;
    if (nearest.path === directory.watched?.path && nearest.id === directory.watched.id) return;
    directory.watcher?.close();
    delete directory.watcher;
    try {
      const watcher = watchDirectory(fsPath(nearest.path), (event, name) => onEvent(directory, event, plainName(name)));
      watcher.on('error', () => {
        watcher.close();
        delete directory.watched;
      });
      directory.watcher = watcher;
      directory.watched = nearest;
      // What happened between the look for the directory and now had no event.
      if (nearest.path === directory.path) tell(directory, undefined, 'names');
      else if ((await nearestDirectory(directory.path))?.path !== nearest.path) await rearm(directory);
    } catch (error) {
      delete directory.watched;
      if (!isGone(error)) trouble(error);
    }
  }

  function onEvent(directory: Directory, event: string, name: string | undefined): void {
    const isHere = directory.watched?.path === directory.path;
    if (isHere) tell(directory, name, event === 'rename' ? 'names' : 'content');
    // The directory itself came, or went: its own name is given then.
    if (event === 'rename' && (!isHere || name === undefined || directory.path.endsWith(`/${name}`)))
      void arm(directory);
  }

  /** Loaded with the first file that needs it: most agents have none. */
  async function watchContents(): Promise<Chokidar> {
    const { watch } = await import('chokidar');
    const watcher = watch([], { ignoreInitial: true, atomic: false });
    watcher.on('raw', (_event, _name, details) => {
      contents.get(resolve((details as { watchedPath: string }).watchedPath))?.();
    });
    watcher.on('error', trouble);
    return watcher;
  }

  return {
    async directory(path, listener) {
      const directory = directories.get(path) ?? { path, listeners: [] };
      directories.set(path, directory);
      directory.listeners.push(listener);
      await arm(directory);
    },

    content(path, listener) {
      // chokidar takes only text: of other names the slow check has to do.
      if (isClosed || contents.has(path) || isRaw(path)) return;
      contents.set(path, listener);
      files ??= watchContents();
      void files.then((watcher) => {
        if (contents.get(path) === listener) watcher.add(path);
      }, trouble);
    },

    contentEnd(path) {
      if (!contents.delete(path)) return;
      void files?.then((watcher) => {
        if (!contents.has(path)) watcher.unwatch(path);
      }, trouble);
    },

    async check() {
      const all = [...directories.values()];
      const some = Math.min(directoriesPerCheck, all.length);
      for (let count = 0; count < some; count++) {
        const directory = all[nextCheck++ % all.length];
        if (directory !== undefined) await arm(directory);
      }
    },

    get isTroubled() {
      return isTroubled;
    },

    async close() {
      isClosed = true;
      for (const directory of directories.values()) {
        await directory.arming;
        directory.watcher?.close();
      }
      directories.clear();
      contents.clear();
      await files?.then((watcher) => watcher.close(), trouble);
    },
  };
}

/** The directory itself, or its nearest ancestor that exists. */
async function nearestDirectory(path: string): Promise<{ path: string; id: string } | undefined> {
  for (let at = path; ; at = dirname(at)) {
    try {
      const stats = await stat(fsPath(at), { bigint: true });
      if (stats.isDirectory()) return { path: at, id: fileId(stats) };
    } catch {
      // Not there, or not to be looked into: its parent tells when that changes.
    }
    if (dirname(at) === at) return undefined;
  }
}

/** Undefined for a name that is no UTF-8: then any entry may be meant. */
function plainName(name: string | null): string | undefined {
  return name === null || name.includes('\ufffd') ? undefined : name;
}

/** Names the limit that was reached: the system's own words ("no space left on device") point to the disk. */
function whyNoEvents(error: unknown): string {
  switch (errorCode(error)) {
    case 'ENOSPC':
      return 'The limit of inotify watches (sysctl fs.inotify.max_user_watches) is reached';
    case 'EMFILE':
      return 'The limit of inotify instances (sysctl fs.inotify.max_user_instances) or of open files (ulimit -n) is reached';
    default:
      return `Change events are not available: ${causeOf(error)}`;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
