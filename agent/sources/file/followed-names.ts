import { dirname, join, sep } from 'node:path';
import { openFileLimit } from '../../system/inherited.ts';
import type { FilePosition } from '../../words/position.ts';
import type { Sink } from '../source.ts';
import { type CheckCause, createFollower, type Follower, type FollowerOptions } from './follow/follower.ts';
import type { StartAt } from './open/start-offset.ts';
import { type CheckScheduler, createCheckScheduler } from './watch/check-scheduler.ts';
import { createTurns } from './watch/turns.ts';
import type { Watch } from './watch/watch.ts';

/** A name that is followed, and when it is checked. */
export interface FollowedName {
  follower: Follower;
  scheduler: CheckScheduler;
  /** Found by a glob, not named. */
  isMatched: boolean;
  watchedElsewhere?: string | undefined;
}

export interface NewName {
  name: string;
  /** Absolute. */
  path: string;
  start: StartAt;
  /** See `Claimant`. */
  group: string;
  isMatched: boolean;
  /** When the path was last found to have no file (Date.now). */
  absentSince?: number | undefined;
  onDirectory?: FollowerOptions['onDirectory'];
}

/** All names of a source, by path. */
export interface FollowedNames {
  readonly size: number;
  get(path: string): FollowedName | undefined;
  all(): FollowedName[];
  /** Follows a path that is not followed yet. It is not checked before its directory is watched. */
  add(one: NewName): FollowedName;
  /** Follows it no longer; what it read may be continued under another name. */
  drop(one: FollowedName): Promise<void>;
  /** Checks the names in a directory when something happens there. */
  watch(directory: string): Promise<void>;
  /** Says how the source stands, from here on whenever that changes. */
  reportStatus(): void;
  /** No further check begins. */
  stopChecks(): void;
  stop(): Promise<void>;
}

export interface FollowedNamesOptions {
  sink: Sink;
  /** Undefined where there are no change events. */
  watch: Watch | undefined;
  /** Where the journal ends, by name. Each holds for the first follower of that name only. */
  positions: Map<string, FilePosition>;
  /** What all followers share. */
  shared: Pick<FollowerOptions, 'buffers' | 'descriptors' | 'memory' | 'pace' | 'backpressure'>;
  /** The entry (undefined: any) of a watched directory came or went. */
  onEntry(directory: string, entry: string | undefined): void;
}

/** A file on its way out is checked this often. */
const settleMs = 50;
/** Where there are more of them they take turns. */
const mostSettledAtOnce = 32;

/** Each has a file open, which is not idle yet: a thousand at once must not take what the journal needs. */
function checksAtOnce(): number {
  return Math.min(mostChecksAtOnce, Math.ceil(openFileLimit() / 8));
}

const mostChecksAtOnce = 256;

export function createFollowedNames(options: FollowedNamesOptions): FollowedNames {
  const { sink, watch, positions, shared, onEntry } = options;
  const names = new Map<string, FollowedName>();
  const watched = new Set<string>();
  const inTurn = createTurns(checksAtOnce());
  /** Those of which a check has said that they need further ones. */
  const unsettled = new Set<FollowedName>();
  let settling: NodeJS.Timeout | undefined;
  let lastState: 'following' | 'waiting' | undefined;

  return {
    get size() {
      return names.size;
    },
    get: (path) => names.get(path),
    all: () => [...names.values()],

    add({ name, path, start, group, isMatched, absentSince, onDirectory }) {
      const position = positions.get(name);
      positions.delete(name);
      const claimant = { group, recheck: () => one.scheduler.request() };
      const channel = sink.channel(name);
      const follower = createFollower({
        ...shared,
        name,
        path,
        sink,
        channel,
        start,
        position,
        absentSince,
        onDirectory,
        claimant,
      });
      const one: FollowedName = { follower, isMatched, scheduler: createCheckScheduler((cause) => check(one, cause)) };
      names.set(path, one);
      return one;
    },

    async drop(one) {
      names.delete(one.follower.path);
      unsettled.delete(one);
      one.scheduler.stop();
      if (one.watchedElsewhere !== undefined) watch?.contentEnd(one.follower.path);
      await one.follower.drop();
    },

    async watch(directory) {
      if (watch === undefined || watched.has(directory)) return;
      watched.add(directory);
      // Events name plain entries: `join` would take more time than all the rest of an event.
      const prefix = join(directory, sep);
      await watch.directory(directory, (entry, what) => {
        const one = entry === undefined ? undefined : names.get(prefix + entry);
        one?.scheduler.request(what === 'content' ? 'writing' : 'event');
        if (what === 'names' || one === undefined) onEntry(directory, entry);
        if (one !== undefined && what === 'content') return;
        // A rotated file that is written under its new name, or a directory of which nobody knows what changed.
        for (const other of concernedBy(entry)) {
          if (other !== one && dirname(other.follower.path) === directory) other.scheduler.request();
        }
      });
    },

    reportStatus,

    stopChecks() {
      clearTimeout(settling);
      for (const { scheduler } of names.values()) scheduler.stop();
    },

    async stop() {
      await Promise.all([...names.values()].map(({ follower }) => follower.stop()));
    },
  };

  /** Where many are on their way out, as under a glob of short-lived files, each event would check all of them. */
  function concernedBy(entry: string | undefined): Iterable<FollowedName> {
    if (entry === undefined) return names.values();
    return unsettled.size > mostSettledAtOnce ? [] : unsettled;
  }

  function check(one: FollowedName, cause: CheckCause): Promise<void> | undefined {
    const checking = inTurn(() => one.follower.check(cause));
    if (checking === undefined) afterCheck(one);
    return checking?.then(() => afterCheck(one));
  }

  function afterCheck(one: FollowedName): void {
    const { follower } = one;
    if (follower.isUnsettled) {
      unsettled.add(one);
      settleSoon();
    } else {
      unsettled.delete(one);
    }
    watchElsewhere(one);
    // One that is followed is enough: no need to ask all of them after each check.
    if (lastState !== undefined && !(lastState === 'following' && follower.isOpen)) reportStatus();
  }

  function watchElsewhere(one: FollowedName): void {
    const { elsewhere, path } = one.follower;
    if (watch === undefined || elsewhere === one.watchedElsewhere) return;
    if (one.watchedElsewhere !== undefined) watch.contentEnd(path);
    if (elsewhere !== undefined) watch.content(path, () => one.scheduler.request());
    one.watchedElsewhere = elsewhere;
  }

  function settleSoon(): void {
    if (settling !== undefined || shared.backpressure.isLifted) return;
    settling = setTimeout(() => {
      settling = undefined;
      for (const one of [...unsettled].slice(0, mostSettledAtOnce)) {
        // Those that were checked come last the next time.
        unsettled.delete(one);
        if (!one.follower.isUnsettled) continue;
        unsettled.add(one);
        one.scheduler.request();
      }
      if (unsettled.size > 0) settleSoon();
    }, settleMs);
  }

  function reportStatus(): void {
    const all = [...names.values()];
    const state = all.some(({ follower }) => follower.isOpen) ? 'following' : 'waiting';
    if (state === lastState) return;
    lastState = state;
    sink.status({ state });
  }
}
