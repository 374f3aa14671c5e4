import type { Pace } from '../../../system/pace.ts';
import { isOutOfDescriptors } from '../../../words/errors.ts';
import type { FilePosition } from '../../../words/position.ts';
import type { Channel, Sink } from '../../source.ts';
import { type Absence, absenceFor, createAbsenceReporter } from '../find/absence.ts';
import { isWrittenElsewhere, type PipePresence, type Presence, presenceAt, presenceNow } from '../find/presence.ts';
import type { Descriptors } from '../open/descriptor-pool.ts';
import { createFileOpener, isUnlinked } from '../open/file-opener.ts';
import type { Generation } from '../open/generation.ts';
import type { Claimant, FileMemory } from '../open/known-files.ts';
import type { StartAt } from '../open/start-offset.ts';
import type { Backpressure } from './backpressure.ts';
import { createGenerationQueue } from './generation-queue.ts';
import { createGenerationReader } from './generation-reader.ts';
import { createHandover, emptySuccessorMs } from './handover.ts';
import { createLineage } from './lineage.ts';
import { createPipedText } from './piped-text.ts';
import type { ReadBuffers } from './read-buffers.ts';
import { createTruncation } from './truncation.ts';

/** Why a name is checked: events told of nothing but writing, or of some other change as well, or it is time to. */
export type CheckCause = 'writing' | 'event' | 'timer';

/** Follows what one path stands for, whatever files come and go under it. */
export interface Follower {
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** A file (or FIFO) is at the path and is being read. */
  readonly isOpen: boolean;
  /** A file is on its way out, or has just gone: it needs further checks though nothing happens. */
  readonly isUnsettled: boolean;
  /** The last check found no file at the path, nobody writes to the one that left it, and no further one is needed. */
  readonly isGone: boolean;
  /** The id of a file that is written under other names or directories too: its directory's events don't cover that. */
  readonly elsewhere: string | undefined;
  /**
   * Reads what is there and finds out what became of the file. One check at a time. Undefined when it is over at once.
   */
  check(cause: CheckCause): Promise<void> | undefined;
  /** True when what is at the path shows that a check would find nothing new. */
  isUnchanged(there: Presence): boolean;
  /** Reads what is there as far as that takes no waiting, and closes everything. */
  stop(): Promise<void>;
  /** The same; what it was reading may be continued by a name that comes later. */
  drop(): Promise<void>;
}

export interface FollowerOptions {
  name: string;
  path: string;
  sink: Sink;
  channel: Channel;
  /** Where a file begins that is there at the first check; one that comes later begins with its first byte. */
  start: StartAt;
  /** Continues here. */
  position?: FilePosition | undefined;
  /** When the path was last found to have no file, before it was followed (Date.now). */
  absentSince?: number | undefined;
  /** Stands for a directory that is at the path, of which nothing is said then. */
  onDirectory?: (() => void) | undefined;
  buffers: ReadBuffers;
  descriptors: Descriptors;
  memory: FileMemory;
  claimant: Claimant;
  /** Of the file systems that the source's files are on. */
  pace: Pace;
  /** Lifted before `stop` is called. */
  backpressure: Backpressure;
}

/** What the last check saw at the path. */
type Seen =
  | { type: 'nothing yet' }
  | { type: 'file'; id: string; size: bigint; mtimeNs: bigint }
  | { type: 'pipe' }
  /** `since` as performance.now has it. */
  | { type: 'gone'; since: number; why: Absence['why'] };

/** Between the two steps of a rotation there is no file at the path: reported only after this long. */
const goneMs = 1000;
/** A match of a glob that was moved away is read until nothing has been written to it for this long. */
const writtenAwayMs = 600_000;
/** What is at the path is looked at this often while the file is written and no event tells of another change. */
const writingMs = 50;

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: one state machine; what stands alone is cut out.
export function createFollower(options: FollowerOptions): Follower {
  const { name, path, channel, descriptors, pace, onDirectory } = options;
  const queue = createGenerationQueue();
  const reader = createGenerationReader({ ...options, onTruncation, isInPipedLine: () => piped.isMidLine });
  const absence = createAbsenceReporter(name, reader.notice);
  const opener = createFileOpener({ ...options, absence, notice: reader.notice });
  const lineage = createLineage({ ...options, queue, opener, reader });
  const truncation = createTruncation({ name, path, queue, opener, reader });
  const handover = createHandover({ name, path, queue, opener, reader });
  const piped = createPipedText({ ...options, channel, absence, onEnd });
  let phase: 'following' | 'ended' | 'stopped' = 'following';
  let seen: Seen = { type: 'nothing yet' };
  let where: { id: string; isElsewhere: boolean } | undefined;
  /** When the path was last looked at, and the file that is read was there. */
  let steadyAt = Number.NEGATIVE_INFINITY;
  /** What was at the path then is what a check acts upon, however long that takes (Date.now). */
  let lookedAt = 0;
  let running: Promise<void> | undefined;

  return {
    name,
    path,
    get isOpen() {
      return isOpen();
    },
    get isUnsettled() {
      return isUnsettled();
    },
    get isGone() {
      return isSeenMissing() && !isOpen() && !isUnsettled() && !isWrittenAway();
    },
    get elsewhere() {
      return where?.isElsewhere ? where.id : undefined;
    },

    check(cause) {
      if (phase !== 'following') return undefined;
      reader.isAtHand = cause !== 'timer';
      running = rejecting(() => readAndSettle(cause))
        ?.catch(onFailure)
        .finally(() => {
          running = undefined;
        });
      return running;
    },

    isUnchanged(there) {
      if (phase !== 'following') return true;
      if (isUnsettled()) return false;
      if (there.type === 'pipe') return piped.isOf(there) && !absence.isAbsent;
      const { front } = queue;
      if (there.type === 'none') {
        if (piped.isOpen) return absence.hasReported(there);
        return front === undefined && (there.why === 'missing' ? isSeenMissing() : absence.hasReported(there));
      }
      if (front === undefined) return !opener.isFree(there.id);
      if (front.file.id !== there.id || !isAsSeen(there)) return false;
      return front.origin === 'compressed' || there.stats.size === BigInt(front.file.offset);
    },

    async stop() {
      await finish();
      for (const { file } of queue.takeAll()) {
        descriptors.busy(file);
        await file.close();
      }
    },

    async drop() {
      await finish();
      const { front } = queue;
      for (const one of queue.takeAll()) {
        await opener.letGo(one, one === front ? await reader.forgetLine(one) : undefined);
      }
      lineage.giveUp();
      channel.close();
    },
  };

  async function finish(): Promise<void> {
    const hasEnded = phase === 'ended';
    phase = 'stopped';
    await running;
    await piped.close();
    lookedAt = Date.now();
    const there = hasEnded ? undefined : await presenceAt(path);
    if (there !== undefined && there.type !== 'pipe') await adapt(there);
    await handover.finish();
  }

  function isOpen(): boolean {
    return (queue.length > 0 || piped.isOpen) && !absence.isAbsent;
  }

  function isSeenMissing(): boolean {
    return seen.type === 'gone' && seen.why === 'missing';
  }

  /** Nothing tells whether a program has a file open: once it has written to one that is away, it is waited for. */
  function isWrittenAway(): boolean {
    const { front } = queue;
    if (seen.type !== 'gone' || front === undefined) return false;
    return front.activeAt > seen.since && performance.now() - front.activeAt < writtenAwayMs;
  }

  function isUnsettled(): boolean {
    if (queue.length > 1 || queue.retired.length > 0) return true;
    if (piped.isLeaving || (seen.type === 'pipe' && queue.length > 0)) return true;
    if (seen.type !== 'gone' || queue.length === 0) return false;
    return performance.now() - seen.since < goneMs + emptySuccessorMs + 500;
  }

  /**
   * Reading comes before everything else: it needs no stat to be right. No step waits while lines simply come, for
   * promises are most of what a line costs that comes by itself, and the stat is most of the rest.
   */
  function readAndSettle(cause: CheckCause): Promise<void> | undefined {
    const { front } = queue;
    if (front === undefined || front.file.isParked) return look(front);
    descriptors.busy(front.file);
    const { offset } = front.file;
    const read = reader.news(front);
    if (read !== undefined) return read.then(() => look(front));
    const isOnlyWritten = cause === 'writing' && front.file.offset > offset;
    if (!isOnlyWritten || !isSteady(front) || performance.now() - steadyAt > writingMs) return look(front);
    descriptors.idle(front.file);
    return undefined;
  }

  function look(front: Generation | undefined): Promise<void> | undefined {
    lookedAt = Date.now();
    if (!reader.isAtHand || !pace.isQuick) return presenceAt(path).then((there) => settle(front, there));
    return settle(
      front,
      pace.run(() => presenceNow(path)),
    );
  }

  /** What became of the file, once what it held has been read. */
  function settle(front: Generation | undefined, there: Presence): Promise<void> | undefined {
    const isThere = there.type === 'file' && there.id === front?.file.id;
    if (front === undefined || !isThere || !isSteady(front)) return adaptAndAdvance(front, there);
    front.statedMtimeNs = there.stats.mtimeNs;
    steadyAt = performance.now();
    descriptors.idle(front.file);
    remember(there);
    return undefined;
  }

  /** One file is read, and as long as it is at the path there is nothing to be done but to read it. */
  function isSteady({ file }: Generation): boolean {
    if (queue.only?.file !== file || queue.retired.length > 0 || file.isParked) return false;
    return seen.type !== 'gone' && !absence.isAbsent && where?.id === file.id;
  }

  async function adaptAndAdvance(front: Generation | undefined, there: Presence): Promise<void> {
    steadyAt = Number.NEGATIVE_INFINITY;
    if (front?.file.isParked && !isIdle(front, there)) await lineage.unpark(front, there);
    let newest: Generation | undefined;
    do {
      newest = queue.newest;
      await adapt(there);
      await handover.advance();
      await handover.readRetired();
      // What was found and had no room need not wait for the next check.
    } while (lineage.isBehind() && queue.room > 0 && queue.newest !== newest && !options.backpressure.isLifted);
    const { only } = queue;
    if (only !== undefined && seen.type !== 'gone' && !only.file.isParked) descriptors.idle(only.file);
    remember(there);
  }

  function remember(there: Presence): void {
    if (there.type === 'none') return;
    if (there.type === 'pipe') seen = there;
    else seen = { type: 'file', id: there.id, size: there.stats.size, mtimeNs: there.stats.mtimeNs };
  }

  /**
   * The file can't be read now (EIO), or never under this descriptor (ESTALE): opened anew at the next check. Where
   * none is to be had, the one that is open is worth more than ever.
   */
  async function onFailure(error: unknown): Promise<void> {
    seen = { type: 'nothing yet' };
    if (!isOutOfDescriptors(error)) await queue.only?.file.park().catch(() => {});
    await absence.report({ ...absenceFor(error), why: 'unreadable' });
  }

  function onEnd(): void {
    if (phase === 'following') phase = 'ended';
  }

  function isAsSeen({ id, stats }: Presence & { type: 'file' }): boolean {
    return seen.type === 'file' && seen.id === id && seen.size === stats.size && seen.mtimeNs === stats.mtimeNs;
  }

  /** A parked file has nothing new, as a stat shows. */
  function isIdle({ file }: Generation, there: Presence): boolean {
    if (there.type !== 'file' || there.id !== file.id) return false;
    return there.stats.size === BigInt(file.offset) && seen.type === 'file' && seen.mtimeNs === there.stats.mtimeNs;
  }

  async function onTruncation(generation: Generation): Promise<void> {
    const isSeen = seen.type === 'file' && seen.id === generation.file.id;
    await truncation.handle(generation, isSeen ? Number((seen as Seen & { type: 'file' }).size) : undefined);
  }

  // ---- what is at the path now

  async function adapt(there: Presence): Promise<void> {
    if (there.type === 'none') return adaptToNone(there);
    if (seen.type === 'gone') seen = { type: 'nothing yet' };
    if (there.type === 'pipe') return adaptToPipe(there);
    if (await piped.leave()) await adaptToFile(there);
  }

  async function adaptToPipe(there: PipePresence): Promise<void> {
    if (!piped.isOf(there)) {
      if (!piped.isOpen) await lineage.resume();
      if (!(await handover.leaveAll())) return;
      await lineage.beginLater();
    }
    await piped.open(there);
  }

  async function adaptToFile({ id, stats }: Presence & { type: 'file' }): Promise<void> {
    if (queue.length === 0 && !queue.recall(id)) await lineage.begin(id);
    const { newest } = queue;
    if (newest !== undefined && newest.file.id !== id) await lineage.takeIn(newest, id);
    const current = queue.newest;
    if (current?.file.id !== id) return;
    current.statedMtimeNs = stats.mtimeNs;
    await absence.reportBack();
    if (where?.id !== id) where = { id, isElsewhere: await isWrittenElsewhere(path, stats) };
  }

  async function adaptToNone(there: Absence): Promise<void> {
    // Rotated while nobody was watching, and its successor has not come yet.
    if (seen.type !== 'gone') await lineage.resume();
    if (seen.type !== 'gone' && queue.newest !== undefined) await opener.copiesOf(queue.newest);
    const { since } = seen.type === 'gone' ? seen : { since: performance.now() };
    seen = { type: 'gone', since, why: there.why };
    // One that may not be read was there from the start.
    if (there.why !== 'unreadable' || there.code === 'ELOOP') await lineage.beginLater();
    const { front, only } = queue;
    if (front === undefined && !piped.isOpen) {
      lineage.seeNothing(lookedAt);
      if (there.why !== 'missing') await reportAbsence(there);
      return;
    }
    if (performance.now() - since < goneMs) return;
    if (!absence.isAbsent) await reportAbsence(there, front === undefined || (await isUnlinked(front)));
    if (only === undefined) return;
    if (opener.isWanted(only.file.id)) return handOver(only);
    // Its disk space is not free as long as we hold it.
    if (performance.now() - only.activeAt < emptySuccessorMs || !(await isUnlinked(only))) return;
    await reader.toEnd(only);
    await reader.end(only);
    await lineage.leave(only);
    queue.remove(only);
    await opener.letGo(only);
  }

  async function reportAbsence(there: Absence, isRemoved?: boolean): Promise<void> {
    if (there.why === 'directory' && onDirectory !== undefined) absence.leaveTo(onDirectory, there);
    else await absence.report(there, isRemoved);
  }

  /** Renamed to a name that is followed as well, and nothing came in its place: that one continues it. */
  async function handOver(only: Generation): Promise<void> {
    if (!only.file.isParked && !(await reader.toEnd(only))) return;
    const offset = await reader.forgetLine(only);
    await lineage.leave(only);
    queue.remove(only);
    await reader.beginLater();
    await opener.letGo(only, offset);
  }
}

/** What fails at once fails as what fails later does. */
function rejecting(work: () => Promise<void> | undefined): Promise<void> | undefined {
  try {
    return work();
  } catch (error) {
    return Promise.reject(error);
  }
}
