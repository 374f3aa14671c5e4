import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { createDeferred } from '../../system/deferred.ts';
import { createPace } from '../../system/pace.ts';
import { SseTailError } from '../../words/errors.ts';
import type { FilePosition } from '../../words/position.ts';
import type { Outcome, Sink, Source } from '../source.ts';
import { type Compression, compressionOf, requireCompression } from './find/compression.ts';
import { isCompressed, possibleBases } from './find/rotated-name.ts';
import { createBackpressure } from './follow/backpressure.ts';
import { type CheckCause, createFollower, type Follower } from './follow/follower.ts';
import { createReadBuffers } from './follow/read-buffers.ts';
import { createDescriptors } from './open/descriptor-pool.ts';
import { createFamilyMemories, createFileMemory, type FileMemory } from './open/known-files.ts';
import type { StartAt } from './open/start-offset.ts';
import { readCompressed } from './read-compressed.ts';
import { type CheckScheduler, createCheckScheduler } from './watch/check-scheduler.ts';
import { createGlob, type Glob, isGlob } from './watch/glob.ts';
import { createSlowCheck, type SlowCheck } from './watch/slow-check.ts';
import { createWatch, type Watch } from './watch/watch.ts';

export type { StartAt };

export interface FollowOptions {
  /** As typed: files that may not exist yet, or globs. */
  paths: string[];
  cwd?: string;
  /** Where files begin that are there from the start; those that come later begin with their first byte. */
  start: StartAt;
  /** Where the journal ends, by source name: goes on exactly there. */
  positions?: ReadonlyMap<string, FilePosition>;
  /** Looks at every file this often and doesn't ask for change events: for file systems that have none. */
  pollMs?: number;
}

/**
 * Follows files by name, as `tail -F` does: whatever is renamed, replaced, cut or removed under the names, each line
 * comes once. Source names: a single file's base name; of several files or a glob the paths as they were given or
 * matched.
 *
 * `start` rejects (kind `source`) for a directory, and for a compressed file that is missing or can't be unpacked
 * here.
 */
export function createFileSource(options: FollowOptions): Source {
  const { start, positions = new Map<string, FilePosition>(), pollMs } = options;
  const cwd = resolve(options.cwd ?? '.');
  const shared = {
    buffers: createReadBuffers(),
    descriptors: createDescriptors(),
    backpressure: createBackpressure(),
    pace: createPace(),
  };
  const globMemory = createFileMemory();
  const globs: Glob[] = [];
  /** By path. */
  const followed = new Map<string, Followed>();
  const watchedDirectories = new Set<string>();
  const readings: Promise<void>[] = [];
  let watch: Watch | undefined;
  let rescan: CheckScheduler | undefined;
  let slowCheck: SlowCheck | undefined;
  let settling: NodeJS.Timeout | undefined;
  let lastState: 'following' | 'waiting' | undefined;
  const { promise: ended, resolve: settleEnded } = createDeferred<Outcome>();

  return {
    ended,

    async start(sink) {
      const startedAt = Date.now();
      const { plain, compressed } = await sortOut();
      if (pollMs === undefined) watch = createWatch((sentence) => void sink.notice(sentence));
      const memoryFor = createFamilyMemories(plain.map(([, path]) => path));
      for (const [name, path] of plain) follow(sink, name, path, start, memoryFor(path));
      if (globs.length > 0) {
        await expandGlobs(sink, positions.size > 0 ? 'resumed' : 'first');
        rescan = createCheckScheduler(() => expandGlobs(sink, 'later'), { gatherMs: rescanGatherMs, savedChecks: 0 });
      }
      await Promise.all([...followed.values()].map((one) => watchDirectory(dirname(one.follower.path))));
      // Those that go on first: what they read of rotated files is then not taken for new files of a glob.
      const [resumed, fresh] = partition([...followed.values()], (one) => positions.has(one.follower.name));
      await Promise.all(resumed.map((one) => one.looks.now()));
      await Promise.all(fresh.map((one) => one.looks.now()));
      for (const [name, path, compression] of compressed) {
        const position = positions.get(name);
        const { backpressure } = shared;
        readings.push(readCompressed({ name, path, compression, sink, start, position, backpressure }));
      }
      if (followed.size > 0 || globs.length > 0) {
        reportStatus(sink);
        const files = () => [...followed.values()];
        slowCheck = createSlowCheck({ files, rescan, watch, pollMs, onRound: () => reportStatus(sink) });
      } else {
        sink.status({ state: 'running', startedAt });
      }
      void Promise.all(readings).then(() => endIfDone(sink, startedAt));
    },

    async stop() {
      shared.backpressure.lift();
      clearTimeout(settling);
      rescan?.stop();
      for (const { looks } of followed.values()) looks.stop();
      await Promise.all([watch?.close(), rescan?.idle(), slowCheck?.stop()]);
      await Promise.all([...followed.values()].map(({ follower }) => follower.stop()));
      await Promise.all(readings);
    },
  };

  // ---- what is followed

  async function sortOut() {
    const plain: [name: string, path: string][] = [];
    const compressed: [name: string, path: string, Compression][] = [];
    for (const given of options.paths) {
      const path = resolve(cwd, given);
      const kind = await kindOf(path);
      if (kind === 'directory') throw new SseTailError('source', `${given} is a directory; expected a file.`, { path });
      if (kind === 'missing' && isGlob(given)) {
        globs.push(createGlob(given, cwd));
        continue;
      }
      const name = options.paths.length === 1 ? basename(path) : given;
      const compression = kind === 'file' ? await compressionOf(path) : undefined;
      if (compression === undefined) {
        plain.push([name, path]);
      } else {
        requireCompression(compression, given);
        compressed.push([name, path, compression]);
      }
    }
    return { plain, compressed };
  }

  function follow(sink: Sink, name: string, path: string, begin: StartAt, memory: FileMemory): Followed | undefined {
    if (followed.has(path)) return undefined;
    const follower = createFollower({
      ...shared,
      name,
      path,
      sink,
      start: begin,
      position: positions.get(name),
      memory,
    });
    const one: Followed = { follower, isMatched: memory === globMemory, looks: createCheckScheduler(lookAt) };
    followed.set(path, one);
    return one;

    function lookAt(cause: CheckCause): Promise<void> | undefined {
      const looking = follower.look(cause);
      if (looking === undefined) afterLook();
      return looking?.then(afterLook);
    }

    function afterLook(): void {
      if (follower.isUnsettled) settleSoon();
      watchElsewhere(one);
      // One that is followed is enough: no need to ask all of them after each look.
      if (lastState !== undefined && !(lastState === 'following' && follower.isOpen)) reportStatus(sink);
    }
  }

  /**
   * Follows what the globs match and is not followed yet. What a rotation makes of a followed file is no new file: its
   * lines come under the old name.
   */
  async function expandGlobs(sink: Sink, when: 'first' | 'resumed' | 'later'): Promise<void> {
    const joined: Followed[] = [];
    for (const glob of globs) {
      const { paths, directories } = await glob.expand();
      const matched = new Set(paths.map((name) => resolve(cwd, name)));
      for (const name of [...paths, ...(when === 'resumed' ? lostMatches(glob, paths) : [])]) {
        const path = resolve(cwd, name);
        if (isCompressed(path) || followed.has(path)) continue;
        if (when !== 'first' && !positions.has(name) && isRotated(path, matched)) continue;
        const one = follow(sink, name, path, when === 'first' ? start : 'all', globMemory);
        if (one !== undefined) joined.push(one);
      }
      for (const directory of directories) await watchDirectory(directory);
    }
    if (when !== 'later' || shared.backpressure.isLifted) return;
    for (const one of joined) {
      await watchDirectory(dirname(one.follower.path));
      await one.looks.now();
    }
    await dropVanished();
  }

  /** Names that an earlier run followed, whose files have left the path: the rest may be in a rotated file. */
  function lostMatches(glob: Glob, paths: string[]): string[] {
    return [...positions.values()]
      .filter(({ source, path }) => glob.matches(path) && !paths.includes(source))
      .map(({ source }) => source);
  }

  function isRotated(path: string, matched: ReadonlySet<string>): boolean {
    return possibleBases(path).some((base) => followed.has(base) || matched.has(base));
  }

  /** A matched file that is gone, and read to its end, makes room: should it return, the glob finds it again. */
  async function dropVanished(): Promise<void> {
    for (const [path, { follower, looks, isMatched }] of followed) {
      if (!isMatched || follower.isOpen || follower.isUnsettled || (await kindOf(path)) !== 'missing') continue;
      followed.delete(path);
      looks.stop();
      await follower.stop();
    }
  }

  // ---- when to look

  async function watchDirectory(directory: string): Promise<void> {
    if (watch === undefined || watchedDirectories.has(directory)) return;
    watchedDirectories.add(directory);
    // Events name plain entries: `join`, which takes more than all the rest of an event, would have nothing to make
    // simpler.
    const prefix = join(directory, sep);
    await watch.directory(directory, (name, what) => {
      const one = name === undefined ? undefined : followed.get(prefix + name);
      if (one !== undefined) one.looks.request();
      if (what === 'names' && globs.some((glob) => name === undefined || glob.concerns(join(directory, name)))) {
        rescan?.request();
      }
      if (one !== undefined && what === 'content') return;
      // A rotated file that is written under its new name, or a directory of which nobody knows what changed.
      for (const other of followed.values()) {
        if (other === one || dirname(other.follower.path) !== directory) continue;
        if (name === undefined || other.follower.isUnsettled) other.looks.request();
      }
    });
  }

  function watchElsewhere(one: Followed): void {
    const { elsewhere, path } = one.follower;
    if (watch === undefined || elsewhere === one.watchedElsewhere) return;
    if (one.watchedElsewhere !== undefined) watch.contentEnd(path);
    if (elsewhere !== undefined) watch.content(path, one.looks.request);
    one.watchedElsewhere = elsewhere;
  }

  function settleSoon(): void {
    if (settling !== undefined || shared.backpressure.isLifted) return;
    settling = setTimeout(() => {
      settling = undefined;
      for (const { follower, looks } of followed.values()) if (follower.isUnsettled) looks.request();
    }, settleMs);
  }

  // ---- how it stands

  function reportStatus(sink: Sink): void {
    const all = [...followed.values()];
    const state = all.some(({ follower }) => follower.isOpen) ? 'following' : 'waiting';
    if (state === lastState) return;
    lastState = state;
    sink.status({ state });
  }

  /** Nothing to follow: all was read once, and that is done. */
  function endIfDone(sink: Sink, startedAt: number): void {
    if (followed.size > 0 || globs.length > 0 || shared.backpressure.isLifted) return;
    const outcome: Outcome = { code: 0, signal: null };
    sink.status({ state: 'exited', ...outcome, startedAt, endedAt: Date.now() });
    void sink.flush().then(() => settleEnded(outcome));
  }
}

interface Followed {
  follower: Follower;
  looks: CheckScheduler;
  /** Found by a glob, not named. */
  isMatched: boolean;
  watchedElsewhere?: string | undefined;
}

const rescanGatherMs = 20;

/** A file on its way out is looked at this often. */
const settleMs = 50;

async function kindOf(path: string): Promise<'file' | 'directory' | 'other' | 'missing'> {
  try {
    const stats = await stat(path);
    return stats.isFile() ? 'file' : stats.isDirectory() ? 'directory' : 'other';
  } catch {
    return 'missing';
  }
}

function partition<Item>(items: Item[], test: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}
