import { basename } from 'node:path';
import { listed } from '../../../words/amounts.ts';
import { defined } from '../../../words/defined.ts';
import type { FilePosition } from '../../../words/position.ts';
import type { Neighbor } from '../find/directory-files.ts';
import { emptyHead, isNowhere } from '../find/fingerprint.ts';
import type { Presence } from '../find/presence.ts';
import { type Left, leftFrom, type Successor, type Trace, trace } from '../find/rotation.ts';
import type { FileOpener } from '../open/file-opener.ts';
import type { Generation } from '../open/generation.ts';
import type { StartAt } from '../open/start-offset.ts';
import type { GenerationQueue } from './generation-queue.ts';
import type { GenerationReader } from './generation-reader.ts';
import { createSuccession } from './succession.ts';

/** Finds the files that are to be read of one path, and in which order, from what a position or a check says. */
export interface Lineage {
  /** The first file: where reading begins, or goes on. */
  begin(id: string): Promise<void>;
  /** Goes on where an earlier run ended, wherever that file is now; once it was found, never again. */
  resume(): Promise<void>;
  /** Nothing is at the path: what comes there from now on begins with its first byte. */
  beginLater(): Promise<void>;
  /** Nothing was at the path (Date.now): what comes and is rotated away before it is seen is read as well. */
  seeNothing(at: number): void;
  /** A file is let go, and nothing is read after it yet: what came after it is read whenever it is found. */
  leave(last: Generation): Promise<void>;
  /** Another file has the path: opens it, and before it those that had the path in between. */
  takeIn(newest: Generation, id: string): Promise<void>;
  /** More generations were found than there was room for. */
  isBehind(): boolean;
  /** What an earlier run read is looked for no longer. */
  giveUp(): void;
  /** Opens a parked generation again to read on, if it is where it can be found. */
  unpark(front: Generation, there: Presence): Promise<void>;
}

export interface LineageOptions {
  name: string;
  /** Absolute. */
  path: string;
  queue: GenerationQueue;
  opener: FileOpener;
  reader: GenerationReader;
  /** Where the first file begins, if it is there from the start. */
  start: StartAt;
  /** Where an earlier run ended. */
  position?: FilePosition | undefined;
  /** When the path was last found to have no file, before it was followed (Date.now). */
  absentSince?: number | undefined;
}

/** When there was no file, as an earlier run has noted (Date.now). */
function absenceOf(position: FilePosition): number | undefined {
  if (!isNowhere(position) || position.writtenAtUs === undefined) return undefined;
  return Math.floor(position.writtenAtUs / 1000);
}

/** What had the path and left it since then, when there was nothing: made since, and followed on nothing. */
function sinceThen(absentSince: number): [Left, (one: Neighbor) => boolean] {
  const sinceNs = BigInt(absentSince - clockStepMs) * 1_000_000n;
  return [
    { id: '', mtimeNs: sinceNs, head: emptyHead },
    ({ bornNs }: Neighbor) => bornNs !== undefined && bornNs < sinceNs,
  ];
}

/** A file's times are those of the kernel's last tick, some milliseconds ago. */
const clockStepMs = 20;

export function createLineage(options: LineageOptions): Lineage {
  const { name, path, queue, opener, reader } = options;
  const succession = createSuccession(options);
  /** Until that file was found. */
  let resumeAt = options.position && !isNowhere(options.position) ? options.position : undefined;
  let beginning: StartAt | undefined = options.position === undefined ? options.start : undefined;

  let absentSince = options.absentSince ?? (options.position && absenceOf(options.position));
  /** What was read last, where nothing that came after it is open yet. */
  let left: Left | undefined;
  /** What is looked for is no earlier run's, but had no descriptor. */
  let idle: Generation | undefined;

  if (resumeAt !== undefined) opener.reserve(resumeAt.file);

  return { begin, resume, beginLater, seeNothing, leave, takeIn, giveUp, unpark, isBehind: succession.isBehind };

  async function begin(id: string): Promise<void> {
    await resume();
    if (queue.length > 0 || resumeAt !== undefined) return;
    if (left !== undefined) await succession.openSince(left, () => false, beginning);
    else if (absentSince === undefined) await succession.openCurrent(id, beginning);
    else await succession.openSince(...sinceThen(absentSince), beginning);
    const { front } = queue;
    if (front === undefined) return;
    beginning = undefined;
    absentSince = undefined;
    left = undefined;
    await reader.begin(front);
    await reader.toEnd(front);
  }

  function seeNothing(at: number): void {
    absentSince ??= at;
  }

  async function leave(last: Generation): Promise<void> {
    const { file, mtimeNs } = last;
    const copies = await opener.copiesOf(last);
    const stats = file.isParked ? undefined : await file.stat();
    // Its inode may be another file's soon.
    left = { id: '', mtimeNs: stats?.mtimeNs ?? mtimeNs, head: file.head, copies, ...defined({ size: stats?.size }) };
  }

  async function resume(): Promise<void> {
    for (let tries = 0; tries < 10 && resumeAt !== undefined; tries++) {
      const position = resumeAt;
      const traced = await trace(position);
      if (traced.fate === 'missing') return opener.unreserve(position.file);
      const opened = await openTraced(traced, position);
      // Rotated on since it was found.
      if (opened === undefined) continue;
      resumeAt = undefined;
      if (opened[0]?.file.id !== position.file) opener.unreserve(position.file);
      if (traced.fate !== 'same' && traced.fate !== 'rotated') {
        await (idle === undefined ? reader.endEarlier() : reader.end(idle));
        await reportLost(traced, position);
        // What was at the path when it was looked for may be a rotated file by now.
        if (opened.length === 0 && !position.isUnsure) left = leftFrom(position);
      }
      idle = undefined;
      queue.append(...opened);
      if (opened[0] !== undefined) await reader.toEnd(opened[0]);
    }
  }

  /** What can be read on; undefined when it has moved on meanwhile. */
  async function openTraced(traced: Trace, position: FilePosition): Promise<Generation[] | undefined> {
    if (traced.fate === 'cut' || traced.fate === 'replaced' || traced.fate === 'missing') return [];
    if (traced.fate === 'dropped') {
      const readable = traced.successors.filter((one) => !one.isUnreadable);
      const { opened, isAll } = await opener.openAll(readable, queue.room);
      return opened.length > 0 || isAll ? opened : undefined;
    }
    const { path: at, id } = traced.fate === 'same' ? { path, id: position.file } : traced;
    const generation = await opener.open(at, id, { offset: position.offset });
    if (generation === undefined) return undefined;
    if (traced.fate === 'rotated' && traced.how === 'copied') generation.origin = 'copy';
    return [generation];
  }

  async function reportLost(traced: Lost, { offset }: FilePosition): Promise<void> {
    const unread = traced.fate === 'dropped' ? traced.successors.filter((one) => one.isUnreadable) : traced.unread;
    const names = opener.namesToReport(unread);
    if (traced.fate === 'dropped' && traced.isProcessed) return reportProcessed(traced.successors, offset);
    const elsewhere = names.length > 0 ? `, or in ${listed(names, 'or')}, which can't be unpacked here` : '';
    const what = traced.fate === 'cut' ? 'was truncated' : 'was replaced by another file';
    const when = idle === undefined ? 'while it was not followed' : 'while it stood idle';
    const lost = offset > 0 ? `: what came after byte ${offset} of the old one is lost${elsewhere}` : '';
    const next = traced.fate === 'dropped' ? 'the next one' : 'the new one';
    await reader.notice(`${name} ${what} ${when}${lost}; reading ${next} from its beginning`);
  }

  async function reportProcessed([first]: Successor[], offset: number): Promise<void> {
    const product = basename(first?.path ?? '');
    const rest = `what came after byte ${offset} of it may be in ${product}, as a program has changed it`;
    await reader.notice(
      `${name} was replaced by another file while it was not followed: ${rest}; reading that from its beginning, so lines may come again`,
    );
  }

  async function beginLater(): Promise<void> {
    if (beginning === undefined) return;
    beginning = undefined;
    await reader.beginLater();
  }

  async function takeIn(newest: Generation, id: string): Promise<void> {
    newest.activeAt = Math.max(newest.activeAt, performance.now());
    if (queue.has(id) || queue.room === 0 || queue.recall(id) || !opener.isFree(id)) return;
    const { file } = newest;
    const stats = file.isParked ? undefined : await file.stat();
    const { mtimeNs } = stats ?? newest;
    // It may have been written, and packed, while it waits to be read.
    const copies = await opener.copiesOf(newest);
    const known = defined({ size: stats?.size, path: await file.pathNow() });
    const one = { copies, id: file.id, mtimeNs, head: await file.headNow(), ...known };
    await succession.openSince(one, () => false, undefined);
  }

  function giveUp(): void {
    if (resumeAt !== undefined) opener.unreserve(resumeAt.file);
    resumeAt = undefined;
  }

  async function unpark(front: Generation, there: Presence): Promise<void> {
    const { file } = front;
    const isHere = there.type === 'file' && there.id === file.id;
    if (isHere && (await opener.reopen(file, path))) {
      await reader.toEnd(front);
      return;
    }
    // As after a restart: it may be renamed, copied or packed by now, and may have successors.
    resumeAt = reader.positionOf(front);
    idle = front;
    queue.remove(front);
    await opener.letGo(front);
    await resume();
  }
}

/** What followed on a position can't be read. */
type Lost = Extract<Trace, { fate: 'cut' | 'replaced' | 'dropped' }>;
