import { dirname, join, resolve } from 'node:path';
import type { FilePosition } from '../../words/position.ts';
import { shownText } from '../../words/raw-text.ts';
import { isBeginningOf, withFile } from './find/directory-files.ts';
import { fileId, isNowhere } from './find/fingerprint.ts';
import { presenceAt } from './find/presence.ts';
import { isCompressed, possibleBases } from './find/rotated-name.ts';
import type { Backpressure } from './follow/backpressure.ts';
import type { FollowedName, FollowedNames } from './followed-names.ts';
import { type Claimant, type FileMemory, globGroup } from './open/known-files.ts';
import type { StartAt } from './open/start-offset.ts';
import { type CheckScheduler, createCheckScheduler } from './watch/check-scheduler.ts';
import type { Glob } from './watch/glob.ts';

/** Follows what globs match, now and later. */
export interface GlobMatches {
  /**
   * What is there at the start. With `positions`: what an earlier run followed; `scheduler` finds the rest. Returns the
   * names of compressed files: these don't grow.
   */
  begin(start: StartAt, positions: ReadonlyMap<string, FilePosition>): Promise<string[]>;
  /** Finds what came since. */
  readonly scheduler: CheckScheduler;
  /** An entry (undefined: any) of a directory came, went, or was written without being followed. */
  onEntry(directory: string, entry: string | undefined): void;
  /** No further search begins. Resolves when the one under way is done. */
  stop(): Promise<void>;
}

export interface GlobMatchesOptions {
  /** Others may be added: the next search finds what they match. */
  globs: Glob[];
  cwd: string;
  names: FollowedNames;
  memory: FileMemory;
  backpressure: Backpressure;
  /** Gets what keeps a search from its end; there will be others. */
  onFailure: (error: unknown) => void;
}

const gatherMs = 20;
/** Files that come are opened so many at once: most of the time each waits for the file system. */
const joinsAtOnce = 32;

/** A copy is followed by the truncation of its original; a match that only begins like another file is not. */
const shortTextBytes = 256;
const shortGraceMs = 5000;
const longGraceMs = 600_000;

export function createGlobMatches(options: GlobMatchesOptions): GlobMatches {
  const { globs, cwd, names, memory, backpressure, onFailure } = options;
  /** Matches that may be what a rotation made of a followed file, or hold nothing that was not read. */
  let waiting = new Set<string>();
  let later: NodeJS.Timeout | undefined;
  /** What matches now and did not match then has come since. */
  let searchedAt: number | undefined;
  const scheduler = createCheckScheduler(() => joinLater().catch(onSearchFailure), { gatherMs, savedChecks: 0 });
  const claimant: Claimant = { group: globGroup, recheck: scheduler.request };

  return {
    scheduler,

    async begin(start, positions) {
      const isFirst = positions.size === 0;
      const compressed: string[] = [];
      if (isFirst) searchedAt = Date.now();
      for (const glob of globs) {
        const { paths, directories } = await glob.expand().catch((error: unknown) => {
          onSearchFailure(error);
          return { paths: [], directories: [] };
        });
        const matches = paths.map((path) => ({ name: shownText(path), path: resolve(cwd, path) }));
        for (const { name, path } of isFirst ? matches : continued(glob, matches, positions)) {
          if (isCompressed(path)) compressed.push(name);
          else if (names.get(path) === undefined) follow(name, path, start);
        }
        for (const directory of directories) await names.watch(directory);
      }
      return compressed;
    },

    onEntry(directory, entry) {
      const isConcerned =
        entry === undefined ||
        waiting.has(join(directory, entry)) ||
        (names.get(join(directory, entry)) === undefined &&
          globs.some((glob) => glob.concerns(join(directory, entry))));
      if (isConcerned) scheduler.request();
    },

    async stop() {
      scheduler.stop();
      clearTimeout(later);
      await scheduler.idle();
    },
  };

  function onSearchFailure(error: unknown): void {
    onFailure(error);
    searchIn(shortGraceMs);
  }

  function follow(name: string, path: string, start: StartAt, absentSince?: number): FollowedName {
    return names.add({ name, path, start, group: globGroup, isMatched: true, absentSince });
  }

  async function joinLater(): Promise<void> {
    if (backpressure.isLifted) return;
    await dropVanished(names);
    const searchesAt = Date.now();
    const stillWaiting = new Set<string>();
    for (const glob of globs) {
      const { paths, directories } = await glob.expand();
      for (const directory of directories) await names.watch(directory);
      const come = paths
        .map((match) => ({ name: shownText(match), path: resolve(cwd, match) }))
        .filter(({ path }) => !isCompressed(path) && names.get(path) === undefined);
      for (const some of inBatches(come, (path) => names.get(path) !== undefined)) {
        if (backpressure.isLifted) return;
        await Promise.all(some.map((match) => joinOne(match, stillWaiting)));
      }
    }
    waiting = stillWaiting;
    searchedAt = searchesAt;
  }

  async function joinOne({ name, path }: Match, stillWaiting: Set<string>): Promise<void> {
    if (!(await isNew(path))) {
      stillWaiting.add(path);
      return;
    }
    if (names.get(path) !== undefined || backpressure.isLifted) return;
    const one = follow(name, path, 'all', waiting.has(path) ? undefined : searchedAt);
    await names.watch(dirname(path));
    await one.scheduler.now();
  }

  /**
   * Whether a match holds lines that don't come under another name. Inode and text say so: its name alone, however much
   * it looks like a rotated one, says nothing.
   */
  async function isNew(path: string): Promise<boolean> {
    const there = await presenceAt(path);
    // A link's target may come anywhere, also where nothing is watched.
    if (there.type === 'none' && there.why === 'missing') searchIn(shortGraceMs);
    if (there.type !== 'file') return there.type === 'pipe';
    const hasUnread = await hasUnreadText(path);
    if (hasUnread !== undefined) return hasUnread;
    const bases = possibleBases(path).flatMap((base) => names.get(base) ?? []);
    if (bases.length === 0) return true;
    // The name it was created under may be about to change; there is nothing to be missed.
    if (there.stats.size === 0n) return false;
    for (const base of bases) {
      const isCopied = await withFile(path, (handle, { size }) =>
        isBeginningOf(base.follower.path, handle, Number(size)),
      );
      // Only a check finds that the base was rotated or truncated just now, and takes what was made of it.
      await base.scheduler.now();
      const isUnread = await hasUnreadText(path);
      if (isUnread !== undefined) return isUnread;
      if (isCopied === undefined) return false;
      if (isCopied && !isLeftAlone(there.stats)) return false;
    }
    return true;
  }

  /** Undefined for a file that nothing was read of and that nobody reads. */
  async function hasUnreadText(path: string): Promise<boolean | undefined> {
    return withFile(path, async (handle, stats) => {
      const id = fileId(stats);
      if (!memory.isFree(id, claimant)) {
        memory.want(id, claimant);
        return false;
      }
      const offset = await memory.offsetOf(id, claimant, handle);
      return offset === undefined ? undefined : stats.size > BigInt(offset);
    });
  }

  /** It begins like its base, and that was not truncated since. */
  function isLeftAlone({ size, mtimeMs }: { size: bigint; mtimeMs: bigint }): boolean {
    const graceMs = size < shortTextBytes ? shortGraceMs : longGraceMs;
    const restMs = Number(mtimeMs) + graceMs - Date.now();
    if (restMs <= 0) return true;
    searchIn(Math.min(restMs, shortGraceMs));
    return false;
  }

  function searchIn(ms: number): void {
    clearTimeout(later);
    later = setTimeout(scheduler.request, ms);
  }
}

/**
 * A matched file that is gone, and read to its end, makes room: should it return, the glob finds it again. Its own
 * check tells, since a look from here could cross one that begins to read it, and its absence would never be said.
 */
async function dropVanished(names: FollowedNames): Promise<void> {
  const vanished = names.all().filter((one) => one.isMatched && one.follower.isGone);
  await Promise.all(vanished.map((one) => names.drop(one)));
}

/**
 * Several at once, but one by one what may be a rotated file of another, come or followed: who comes first has it.
 */
function* inBatches(come: readonly Match[], isFollowed: (path: string) => boolean): Generator<Match[]> {
  const paths = new Set(come.map(({ path }) => path));
  let batch: Match[] = [];
  for (const match of come) {
    const isRelated = possibleBases(match.path).some((base) => paths.has(base) || isFollowed(base));
    if (batch.length > 0 && (isRelated || batch.length >= joinsAtOnce)) {
      yield batch;
      batch = [];
    }
    batch.push(match);
    if (isRelated) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

/** The names that an earlier run followed. Where the file has left its path, the rest of it may be in a rotated one. */
function continued(glob: Glob, matches: Match[], positions: ReadonlyMap<string, FilePosition>): Match[] {
  const lost = [...positions.values()].filter((one) => glob.matches(one.path) && !isNowhere(one));
  return [
    ...matches.filter(({ name }) => positions.has(name)),
    ...lost.map(({ source, path }) => ({ name: source, path })),
  ];
}

interface Match {
  name: string;
  /** Absolute. */
  path: string;
}
