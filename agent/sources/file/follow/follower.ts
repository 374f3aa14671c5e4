import type { Pace } from '../../../system/pace.ts';
import type { FilePosition } from '../../../words/position.ts';
import type { Sink } from '../../source.ts';
import { type Absence, absenceFor, createAbsenceReporter } from '../find/absence.ts';
import { isStdinPath, isWrittenElsewhere, type Presence, presenceAt, presenceNow } from '../find/presence.ts';
import type { Descriptors } from '../open/descriptor-pool.ts';
import { createFileOpener, isUnlinked } from '../open/file-opener.ts';
import type { Generation } from '../open/generation.ts';
import type { FileMemory } from '../open/known-files.ts';
import type { StartAt } from '../open/start-offset.ts';
import type { Backpressure } from './backpressure.ts';
import { type Pipe, readPipe } from './fifo.ts';
import { createGenerationReader } from './generation-reader.ts';
import { createHandover, emptySuccessorMs } from './handover.ts';
import { createLineage } from './lineage.ts';
import type { ReadBuffers } from './read-buffers.ts';
import { createTruncation } from './truncation.ts';

/** Why a name is checked: an event told of a change, or it is time to. */
export type CheckCause = 'event' | 'timer';

/** Follows what one path stands for, whatever files come and go under it. */
export interface Follower {
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** A file (or FIFO) is at the path and is being read. */
  readonly isOpen: boolean;
  /** A file is on its way out, or has just gone: it needs further looks though nothing happens. */
  readonly isUnsettled: boolean;
  /** It will never give anything again: standard input that ended. */
  readonly isEnded: boolean;
  /**
   * The id of a file that is written under other names or directories too: its directory's events don't tell of every
   * change.
   */
  readonly elsewhere: string | undefined;
  /**
   * Reads what is there and finds out what became of the file. One look at a time. Undefined when it is over already.
   */
  look(cause: CheckCause): Promise<void> | undefined;
  /** True when what is at the path shows that a look would find nothing new. */
  isUnchanged(there: Presence): boolean;
  /** Reads what is there as far as that takes no waiting, and closes everything. */
  stop(): Promise<void>;
}

export interface FollowerOptions {
  name: string;
  path: string;
  sink: Sink;
  /** Where a file begins that is there at the first look; one that comes later begins with its first byte. */
  start: StartAt;
  /** Goes on here. */
  position?: FilePosition | undefined;
  buffers: ReadBuffers;
  descriptors: Descriptors;
  memory: FileMemory;
  /** Of the file systems that the source's files are on. */
  pace: Pace;
  /** Over before `stop` is called. */
  backpressure: Backpressure;
}

/** Between the two steps of a rotation there is no file at the path: news only after this long. */
const goneMs = 1000;

export function createFollower(options: FollowerOptions): Follower {
  const { name, path, sink, descriptors, start, position, pace } = options;
  const { wait } = options.backpressure;
  const channel = sink.channel(name);
  const reader = createGenerationReader({ ...options, channel, onTruncation });
  const absence = createAbsenceReporter(name, reader.notice);
  const opener = createFileOpener({ ...options, absence, notice: reader.notice });
  const lineage = createLineage({ name, path, opener, reader, start, position });
  const truncation = createTruncation({ name, path, lineage, opener, reader });
  const handover = createHandover({ name, path, lineage, opener, reader });
  const { generations, stragglers } = lineage;
  let pipe: Pipe | undefined;
  let goneAt: number | undefined;
  let where: { id: string; isElsewhere: boolean } | undefined;
  /** What the last look saw at the path. */
  let seen: { id: string; size: bigint; mtimeNs: bigint } | undefined;
  let isEnded = false;
  let isStopping = false;
  let running: Promise<void> | undefined;

  return {
    name,
    path,
    get isOpen() {
      return (generations.length > 0 && !absence.isAbsent) || pipe !== undefined;
    },
    get isUnsettled() {
      return isUnsettled();
    },
    get isEnded() {
      return isEnded;
    },
    get elsewhere() {
      return where?.isElsewhere ? where.id : undefined;
    },

    look(cause) {
      if (isEnded || isStopping) return undefined;
      reader.isAtHand = cause === 'event';
      running = begin(cause)
        ?.catch(onFailure)
        .finally(() => {
          running = undefined;
        });
      return running;
    },

    isUnchanged(there) {
      if (isUnsettled()) return false;
      if (there.type === 'pipe') return pipe !== undefined;
      if (there.type === 'none') {
        return generations.length === 0 && (there.why === 'missing' || absence.hasReported(there));
      }
      const file = generations[0]?.file;
      return file?.id === there.id && isAsSeen(there) && there.stats.size === BigInt(file.offset);
    },

    async stop() {
      isStopping = true;
      await running;
      pipe?.close();
      await pipe?.ended;
      if (!isEnded) await adapt(await presenceAt(path));
      await handover.finish();
      for (const { file } of [...generations.splice(0), ...stragglers.splice(0)]) {
        descriptors.busy(file);
        await file.close();
      }
    },
  };

  function isUnsettled(): boolean {
    if (generations.length > 1 || stragglers.length > 0) return true;
    if (goneAt === undefined || generations.length === 0) return false;
    return performance.now() - goneAt < goneMs + emptySuccessorMs + 500;
  }

  /** Begins a look; undefined when it is over already. */
  function begin(cause: CheckCause): Promise<void> | undefined {
    const only = cause === 'event' ? quietGeneration() : undefined;
    if (only === undefined) return lookOnce();
    try {
      return lookAtQuiet(only);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** The one generation where a look that finds its file still at the path has nothing else to do than to read it. */
  function quietGeneration(): Generation | undefined {
    const [only] = generations;
    if (generations.length !== 1 || only?.file.isParked || stragglers.length > 0) return undefined;
    return goneAt === undefined && !absence.isAbsent && where?.id === only?.file.id ? only : undefined;
  }

  /**
   * Most looks are told of more text in the file that was there the last time. Those wait for nothing and make no
   * promises, which are most of what a line costs that comes by itself. What `takeIn` would do then is done here; for
   * all else there is `takeIn`.
   */
  function lookAtQuiet(only: Generation): Promise<void> | undefined {
    descriptors.busy(only.file);
    const read = reader.news(only);
    if (read !== undefined) return read.then(lookOnce);
    if (!pace.isQuick) return lookOnce();
    const there = pace.run(() => presenceNow(path));
    if (there.type !== 'file' || there.id !== only.file.id) return takeIn(only, there);
    only.statedMtimeNs = there.stats.mtimeNs;
    descriptors.idle(only.file);
    remember(there);
    return undefined;
  }

  async function lookOnce(): Promise<void> {
    const [front] = generations;
    if (front !== undefined) descriptors.busy(front.file);
    // Reading comes before everything else: it needs no stat to be right.
    if (front !== undefined && !front.file.isParked) await reader.news(front);
    await takeIn(front, reader.isAtHand && pace.isQuick ? pace.run(() => presenceNow(path)) : await presenceAt(path));
  }

  /** What became of the file, once what it held has been read. */
  async function takeIn(front: Generation | undefined, there: Presence): Promise<void> {
    if (front?.file.isParked && !isIdle(front, there)) await lineage.unpark(front, there);
    await adapt(there);
    await handover.advance();
    await handover.readStragglers();
    const [only] = generations;
    if (only !== undefined && goneAt === undefined && generations.length === 1 && !only.file.isParked) {
      descriptors.idle(only.file);
    }
    remember(there);
  }

  function remember(there: Presence): void {
    seen = there.type === 'file' ? { id: there.id, size: there.stats.size, mtimeNs: there.stats.mtimeNs } : undefined;
  }

  /** The file can't be read now (EIO), or never under this descriptor (ESTALE): opened anew at the next look. */
  async function onFailure(error: unknown): Promise<void> {
    seen = undefined;
    const [only] = generations;
    if (only !== undefined && generations.length === 1) await only.file.park().catch(() => {});
    await absence.report({ ...absenceFor(error), why: 'unreadable' });
  }

  function isAsSeen({ id, stats }: Presence & { type: 'file' }): boolean {
    return seen?.id === id && seen.size === stats.size && seen.mtimeNs === stats.mtimeNs;
  }

  /** A parked file has nothing new, as a stat tells. */
  function isIdle({ file }: Generation, there: Presence): boolean {
    if (there.type !== 'file' || there.id !== file.id) return false;
    return there.stats.size === BigInt(file.offset) && seen?.mtimeNs === there.stats.mtimeNs;
  }

  async function onTruncation(generation: Generation): Promise<void> {
    await truncation.handle(generation, seen?.id === generation.file.id ? Number(seen.size) : undefined);
  }

  // ---- what is at the path now

  async function adapt(there: Presence): Promise<void> {
    if (there.type === 'none') return adaptToNone(there);
    goneAt = undefined;
    if (there.type === 'pipe') return adaptToPipe(there.isFifo);
    pipe?.close();
    pipe = undefined;
    await adaptToFile(there);
  }

  async function adaptToFile({ id, stats }: Presence & { type: 'file' }): Promise<void> {
    if (generations.length === 0) await lineage.begin(id);
    const newest = generations.at(-1);
    if (newest !== undefined && newest.file.id !== id) await lineage.takeIn(newest, id);
    const current = generations.at(-1);
    if (current?.file.id !== id) return;
    current.statedMtimeNs = stats.mtimeNs;
    await absence.reportBack();
    if (where?.id !== id) where = { id, isElsewhere: await isWrittenElsewhere(path, stats) };
  }

  async function adaptToNone(there: Absence): Promise<void> {
    // Rotated while nobody was watching, and its successor has not come yet.
    if (goneAt === undefined) await lineage.resume();
    goneAt ??= performance.now();
    if (there.why === 'missing') await lineage.beginLater();
    const [only] = generations;
    if (only === undefined) {
      if (there.why !== 'missing') await absence.report(there);
      return;
    }
    if (performance.now() - goneAt < goneMs) return;
    if (!absence.isAbsent) await absence.report(there, await isUnlinked(only));
    // Its disk space is not free as long as we hold it.
    if (generations.length > 1 || performance.now() - only.activeAt < emptySuccessorMs) return;
    if (!(await isUnlinked(only))) return;
    await reader.toEnd(only);
    await reader.end(only);
    generations.length = 0;
    await opener.letGo(only);
  }

  async function adaptToPipe(isFifo: boolean): Promise<void> {
    if (pipe !== undefined || generations.length > 0) return;
    const text = {
      write: (bytes: Buffer) => wait(channel.write(bytes)),
      writersLeft: () => wait(channel.end()),
    };
    try {
      pipe = await readPipe(path, text, isFifo);
    } catch (error) {
      await absence.report(absenceFor(error));
      return;
    }
    const opened = pipe;
    void opened.ended.then(() => {
      if (pipe === opened) pipe = undefined;
      if (!isFifo || isStdinPath(path)) isEnded = true;
    });
    await absence.reportBack();
  }
}
