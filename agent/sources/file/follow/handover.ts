import { basename, dirname, join, relative } from 'node:path';
import { targetOf } from '../find/directory-files.ts';
import { emptyHead } from '../find/fingerprint.ts';
import { presenceAt, rawRealpath } from '../find/presence.ts';
import { findById } from '../find/rotation.ts';
import type { FileOpener } from '../open/file-opener.ts';
import type { Generation } from '../open/generation.ts';
import type { OpenedFile } from '../open/opened-file.ts';
import type { GenerationQueue } from './generation-queue.ts';
import type { GenerationReader } from './generation-reader.ts';

/** From one generation to the next: when a file that has left the path is done with. */
export interface Handover {
  /** Reads each generation to its end, and leaves it for the next one when it is settled. */
  advance(): Promise<void>;
  /**
   * Something that is no file has the path: reads all files to their ends and leaves them. False when the last one may
   * still be written.
   */
  leaveAll(): Promise<boolean>;
  /** Lines that came late to a file that was left. */
  readRetired(): Promise<void>;
  /** At the end: reads what is there of all of them, as far as that takes no waiting. */
  finish(): Promise<void>;
}

export interface HandoverOptions {
  name: string;
  /** Absolute. */
  path: string;
  queue: GenerationQueue;
  opener: FileOpener;
  reader: GenerationReader;
}

/** A rotated file is left this long after its last growth, once its successor holds text. */
const settleMs = 100;
/** The same when its last line is unfinished, and the longest that a growing file holds up its successor. */
const unfinishedMs = 1000;
/** A rotated file whose successor stays empty, or doesn't come, ends after this long. */
export const emptySuccessorMs = 2000;
/** A file that was left is still read this long after its last growth: writers find out late that it was rotated. */
const retiredMs = 10_000;
/** At a stop, a last line without newline that was written this recently is being written: left for the next run. */
const midWriteMs = 250;

export function createHandover({ name, path, queue, opener, reader }: HandoverOptions): Handover {
  return { advance, leaveAll, readRetired, finish };

  async function advance(): Promise<void> {
    for (;;) {
      const { front, next } = queue;
      if (front?.damage?.sentence !== undefined) await endDamaged(front, front.damage.sentence);
      if (front?.origin === 'compressed' && next === undefined) await endUnpacked(front);
      if (front === undefined || next === undefined) return;
      if (!(await reader.toEnd(front))) return;
      // A truncation was found, and there are others to be read first.
      if (queue.front !== front || queue.next !== next) continue;
      if (!(await isSettled(front, next))) return;
      await leave(front);
      await reader.toEnd(next);
    }
  }

  /** What a link leads to: nothing follows on its end. */
  async function endUnpacked(only: Generation): Promise<void> {
    if (reader.isMidLine && (await reader.toEnd(only))) await reader.end(only);
  }

  /** Nothing follows on what could be unpacked. */
  async function endDamaged(generation: Generation, sentence: string): Promise<void> {
    delete generation.damage;
    await reader.end(generation);
    await reader.notice(sentence);
  }

  async function isSettled(front: Generation, next: Generation): Promise<boolean> {
    // Whoever wrote this one has written later ones since.
    if (front.origin !== 'file' || queue.length > 2) return true;
    const now = performance.now();
    const quietMs = now - front.activeAt;
    if (quietMs >= emptySuccessorMs) return true;
    if ((await next.file.stat()).size === 0n) return false;
    next.successorTextAt ??= now;
    if (now - next.successorTextAt >= unfinishedMs) return true;
    return quietMs >= (reader.isMidLine ? unfinishedMs : settleMs);
  }

  async function leave(front: Generation): Promise<void> {
    if (front.damage?.sentence !== undefined) await endDamaged(front, front.damage.sentence);
    await reader.end(front);
    const oldest = queue.retireFront();
    await reader.notice(`${name} ${await fateOf(front)}`);
    front.activeAt = performance.now();
    delete front.leavingAt;
    if (oldest !== undefined) await opener.letGo(oldest);
  }

  async function leaveAll(): Promise<boolean> {
    await advance();
    const { front, only } = queue;
    if (front !== undefined) {
      if (only === undefined || !(await reader.toEnd(front)) || queue.only !== front) return false;
      const now = performance.now();
      front.leavingAt ??= now;
      const isQuiet = now - front.activeAt >= (reader.isMidLine ? unfinishedMs : settleMs);
      // Whoever writes to the FIFO in its place waits for a reader.
      if (!isQuiet && now - front.leavingAt < unfinishedMs) return false;
      await leave(front);
    }
    return true;
  }

  async function fateOf({ origin, file }: Generation): Promise<string> {
    if (origin === 'copy') return 'was truncated after it was copied; reading its new content';
    const next = '; reading the next one';
    // Only a word is missing where there is no descriptor to find it with.
    const away = await whereIs(file).catch(() => undefined);
    if (away === undefined) return `was replaced by another file${next}`;
    const directory = dirname((await targetOf(path)) ?? path);
    const name = relative(directory, away);
    return `${name.startsWith('..') ? 'was switched to another file' : `was rotated to ${name}`}${next}`;
  }

  /** In the directory of the path. To list that takes long where it has many rotated files: the system is asked. */
  async function whereIs(file: OpenedFile): Promise<string | undefined> {
    if ((await file.stat()).nlink === 0n) return undefined;
    const now = await file.pathNow();
    const name = now !== undefined && dirname(now) === (await rawRealpath(dirname(path))) ? basename(now) : undefined;
    const at = name === undefined ? path : join(dirname(path), name);
    const there = at === path ? undefined : await presenceAt(at);
    if (there?.type === 'file' && there.id === file.id) return at;
    return findById({ path, file: file.id, offset: 0, head: emptyHead });
  }

  async function readRetired(): Promise<void> {
    for (const retired of [...queue.retired]) {
      const isOver = performance.now() - retired.activeAt >= retiredMs;
      await reader.lateLines(retired, isOver);
      // What came late waits for the end of the line that is being read.
      if (!isOver || (reader.isMidLine && (await retired.file.stat()).size > retired.file.offset)) continue;
      queue.dismiss(retired);
      await opener.letGo(retired);
    }
  }

  async function finish(): Promise<void> {
    for (;;) {
      const { front, next } = queue;
      if (front === undefined || front.file.isParked) break;
      // Unpacking takes as long as it takes: the next run continues there.
      if (front.origin === 'compressed') return;
      const { size, mtimeMs } = await front.file.stat();
      // The journal is behind: the next run continues here.
      if (!(await reader.toEnd(front, Number(size)))) return;
      if (queue.front !== front) continue;
      if (next === undefined) {
        const isOver = Date.now() - Number(mtimeMs) > midWriteMs && !reader.awaitsRest;
        if (reader.isMidLine && isOver) await reader.end(front);
        break;
      }
      await leave(front);
      await reader.toEnd(next);
    }
    if (reader.isMidLine) return;
    for (const retired of queue.retired) await reader.lateLines(retired, true);
  }
}
