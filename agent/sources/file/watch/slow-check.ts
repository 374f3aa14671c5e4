import { setImmediate } from 'node:timers/promises';
import type { Follower } from '../follow/follower.ts';
import type { CheckScheduler } from './check-scheduler.ts';
import { createQuickStat, type Seen } from './quick-stat.ts';
import type { Watch } from './watch.ts';

/** Looks at everything in any case, so that an event that never came only delays lines. */
export interface SlowCheck {
  /** Resolves when the check under way is done; no further one begins. */
  stop(): Promise<void>;
}

/** A followed file, as far as it is checked. */
export interface Checked {
  scheduler: Pick<CheckScheduler, 'requestedAt' | 'now'>;
  follower: Seen & Pick<Follower, 'isUnchanged'>;
}

export interface SlowCheckOptions {
  files(): Checked[];
  /** Expands the globs again. */
  rescan?: CheckScheduler | undefined;
  watch?: Watch | undefined;
  /** Checks everything this often: there are no events. */
  pollMs?: number | undefined;
  /** A round of checks is done. */
  onRound(): void;
  /** Gets what keeps a round from its end; there will be others. */
  onFailure: (error: unknown) => void;
}

/** A few files a second have one stat each, so a thousand of them cost no more than ten do: 0.01% of a core. */
const roundMs = 1000;
const checksPerRound = 10;
/** So many at once, where all are checked: a millisecond. */
const checksPerTurn = 200;
const roundsPerDirectoryCheck = 2;
const roundsPerRescan = 60;
const roundsPerBlindRescan = 2;
/** Where globs are expanded without being told to, that takes this share of the time at most. */
const rescanShare = 0.1;

/** A change that no event told of: for so long all files are checked in each round. */
const doubtfulRounds = 60;
const roundsPerDoubtfulRescan = 5;

export function createSlowCheck(options: SlowCheckOptions): SlowCheck {
  const { files, rescan, watch, pollMs, onRound, onFailure } = options;
  let rounds = 0;
  let nextFile = 0;
  let doubtfulUntil = 0;
  let nextRescanAt = 0;
  let isStopped = false;
  let running: Promise<void> | undefined;
  const quickStat = createQuickStat();
  const clock = setInterval(() => {
    running ??= round()
      .catch(onFailure)
      .finally(() => {
        running = undefined;
      });
  }, pollMs ?? roundMs);

  return {
    async stop() {
      isStopped = true;
      clearInterval(clock);
      await running;
    },
  };

  async function round(): Promise<void> {
    rounds++;
    if (rounds % roundsPerDirectoryCheck === 0) await watch?.check();
    const all = files();
    const hasNoEvents = pollMs !== undefined || watch?.isTroubled === true;
    const isDoubtful = rounds < doubtfulUntil;
    const count = hasNoEvents || isDoubtful ? all.length : Math.min(checksPerRound, all.length);
    for (let left = count; left > 0 && !isStopped; left -= checksPerTurn) {
      if (left < count) await setImmediate();
      await checkNext(all, Math.min(left, checksPerTurn));
    }
    await rescanIfDue(isDoubtful);
    onRound();
  }

  async function rescanIfDue(isDoubtful: boolean): Promise<void> {
    if (rescan === undefined || isStopped || rounds % roundsPerRescanNow(isDoubtful) !== 0) return;
    const startedAt = performance.now();
    if (startedAt < nextRescanAt) return;
    await rescan.now();
    const endedAt = performance.now();
    nextRescanAt = endedAt + (endedAt - startedAt) / rescanShare;
  }

  function roundsPerRescanNow(isDoubtful: boolean): number {
    if (pollMs !== undefined) return 1;
    if (watch?.isTroubled) return roundsPerBlindRescan;
    return isDoubtful ? roundsPerDoubtfulRescan : roundsPerRescan;
  }

  async function checkNext(all: Checked[], count: number): Promise<void> {
    const some = Array.from({ length: count }, (_, at) => all[(nextFile + at) % all.length]);
    nextFile += count;
    // All at once costs half of one after the other: the threads that do it wake up once.
    await Promise.all(some.map((file) => file !== undefined && !isUnchangedNow(file) && check(file)));
  }

  /** False where it has to be waited for to know. */
  function isUnchangedNow({ follower }: Checked): boolean {
    const there = quickStat.now(follower);
    return there !== undefined && follower.isUnchanged(there);
  }

  async function check({ follower, scheduler }: Checked): Promise<void> {
    const there = await quickStat.at(follower);
    if (isStopped || follower.isUnchanged(there)) return;
    // A file system that has no events (a network's), or a queue of them that ran over.
    if (performance.now() - scheduler.requestedAt > roundMs) doubtfulUntil = rounds + doubtfulRounds;
    await scheduler.now();
  }
}
