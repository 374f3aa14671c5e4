import { basename, dirname } from 'node:path';
import { emptyHead } from '../find/fingerprint.ts';
import { findById } from '../find/rotation.ts';
import type { FileOpener } from '../open/file-opener.ts';
import type { Generation } from '../open/generation.ts';
import type { GenerationReader } from './generation-reader.ts';
import type { Lineage } from './lineage.ts';

/** From one generation to the next: when a file that has left the path is done with. */
export interface Handover {
  /** Reads each generation to its end, and leaves it for the next one when it is settled. */
  advance(): Promise<void>;
  /** Lines that came late to a file that was left. */
  readStragglers(): Promise<void>;
  /** At the end: reads what is there of all of them, as far as that takes no waiting. */
  finish(): Promise<void>;
}

export interface HandoverOptions {
  name: string;
  /** Absolute. */
  path: string;
  lineage: Lineage;
  opener: FileOpener;
  reader: GenerationReader;
}

/** A rotated file is left this long after its last growth, once its successor holds text. */
const settleMs = 100;
/**
 * The same when its last line is unfinished, and the longest that a file which goes on growing holds up its
 * successor.
 */
const unfinishedMs = 1000;
/** A rotated file whose successor stays empty, or doesn't come, ends after this long. */
export const emptySuccessorMs = 2000;
/** A file that was left is still read this long after its last growth: writers find out late that it was rotated. */
const stragglerMs = 10_000;
const stragglerLimit = 8;
/** At a stop, a last line without newline that was written this recently is being written: left for the next run. */
const midWriteMs = 250;

export function createHandover(options: HandoverOptions): Handover {
  const { name, path, opener, reader } = options;
  const { generations, stragglers } = options.lineage;

  return { advance, readStragglers, finish };

  async function advance(): Promise<void> {
    for (;;) {
      const [front, next] = generations;
      if (front === undefined || next === undefined) return;
      if (!(await reader.toEnd(front))) return;
      if (generations[0] !== front || generations[1] !== next) continue;
      if (!(await isSettled(front, next))) return;
      await leave(front, next);
    }
  }

  async function isSettled(front: Generation, next: Generation): Promise<boolean> {
    // Whoever wrote this one has written later ones since.
    if (front.origin !== 'file' || generations.length > 2) return true;
    const now = performance.now();
    const quietMs = now - front.activeAt;
    if (quietMs >= emptySuccessorMs) return true;
    if ((await next.file.stat()).size === 0n) return false;
    next.successorTextAt ??= now;
    if (now - next.successorTextAt >= unfinishedMs) return true;
    return quietMs >= (reader.isMidLine ? unfinishedMs : settleMs);
  }

  async function leave(front: Generation, next: Generation): Promise<void> {
    await reader.end(front);
    generations.shift();
    await reader.notice(`${name} ${await fateOf(front)}; reading the next one`);
    stragglers.push(front);
    front.activeAt = performance.now();
    const oldest = stragglers.length > stragglerLimit ? stragglers.shift() : undefined;
    if (oldest !== undefined) await opener.letGo(oldest);
    await reader.toEnd(next);
  }

  async function fateOf({ origin, file }: Generation): Promise<string> {
    if (origin === 'copy') return 'was truncated after it was copied';
    const away = await findById({ path, file: file.id, offset: 0, head: emptyHead });
    if (away === undefined) return 'was replaced by another file';
    return dirname(away) === dirname(path) ? `was rotated to ${basename(away)}` : 'was switched to another file';
  }

  async function readStragglers(): Promise<void> {
    for (const straggler of [...stragglers]) {
      const isOver = performance.now() - straggler.activeAt >= stragglerMs;
      if (!reader.isMidLine) await reader.lateLines(straggler, isOver);
      if (!isOver) continue;
      stragglers.splice(stragglers.indexOf(straggler), 1);
      await opener.letGo(straggler);
    }
  }

  async function finish(): Promise<void> {
    while (generations.length > 0) {
      const [front, next] = generations;
      if (front === undefined || front.file.isParked) break;
      // Unpacking takes as long as it takes: the next run goes on in it.
      if (front.origin === 'compressed') return;
      const { size, mtimeMs } = await front.file.stat();
      // The journal is behind: the next run goes on here.
      if (!(await reader.toEnd(front, Number(size)))) return;
      if (generations[0] !== front) continue;
      if (next === undefined) {
        if (reader.isMidLine && Date.now() - Number(mtimeMs) > midWriteMs) await reader.end(front);
        break;
      }
      await leave(front, next);
    }
    if (reader.isMidLine) return;
    for (const straggler of stragglers) await reader.lateLines(straggler, true);
  }
}
