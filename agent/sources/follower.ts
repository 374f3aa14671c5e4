import type { BigIntStats } from 'node:fs';
import { type FileHandle, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errorCode } from '../errors.ts';
import type { Descriptors } from './descriptors.ts';
import type { FileMemory } from './file-memory.ts';
import { emptyHead, fileId } from './fingerprint.ts';
import { createGeneration, type Generation, takeText } from './generation.ts';
import type { Patience } from './patience.ts';
import { isStdinPath, type Pipe, readPipe } from './pipe.ts';
import type { ReadBuffers } from './read-buffers.ts';
import { compressedSince, findById, findCopy, type Neighbour, successors, trace } from './rotation.ts';
import type { Channel, FilePosition, Sink } from './source.ts';
import type { StartAt } from './tail-start.ts';

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
  /** The id of a file that is written under other names or folders too: its folder's events don't tell of every change. */
  readonly elsewhere: string | undefined;
  /** Reads what is there and finds out what became of the file. One look at a time. */
  look(): Promise<void>;
  /** True when a stat alone shows that a look would find nothing new. */
  isUnchanged(): Promise<boolean>;
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
  /** Over before `stop` is called. */
  patience: Patience;
}

type There =
  | { type: 'file'; id: string; stats: BigIntStats }
  | { type: 'pipe'; isFifo: boolean }
  | { type: 'none'; why: 'missing' | 'unreadable' | 'folder'; code: string };

/** A rotated file is left this long after its last growth, once its successor holds text. */
const settleMs = 100;
/** The same when its last line is unfinished, and the longest that a file which goes on growing holds up its successor. */
const unfinishedMs = 1000;
/** A rotated file whose successor stays empty, or doesn't come, ends after this long. */
const emptySuccessorMs = 2000;
/** A file that was left is still read this long after its last growth: writers find out late that it was rotated. */
const stragglerMs = 10_000;
const stragglerLimit = 8;
/** Between the two steps of a rotation there is no file at the path: news only after this long. */
const goneMs = 1000;
/** At a stop, a last line without newline that was written this recently is being written: left for the next run. */
const midWriteMs = 250;
/** More generations are opened as these are done with. */
const generationLimit = 16;

export function createFollower(options: FollowerOptions): Follower {
  const { name, path, sink, buffers, descriptors, memory } = options;
  const { wait } = options.patience;
  const channel: Channel = sink.channel(name);
  const owner = {};
  let generations: Generation[] = [];
  let stragglers: Generation[] = [];
  let pipe: Pipe | undefined;
  /** Where an earlier run ended, until that file was found. */
  let resumeAt: FilePosition | undefined = options.position;
  /** Where the first file begins, if it is there from the start. */
  let beginning: StartAt | undefined = options.position === undefined ? options.start : undefined;
  let goneAt: number | undefined;
  let toldTrouble: string | undefined;
  let where: { id: string; isElsewhere: boolean } | undefined;
  let isEnded = false;
  let isStopping = false;
  let running: Promise<void> | undefined;
  /** The channel's text ends in the middle of a line. */
  let isMidLine = false;
  let lastPosition: FilePosition | undefined;
  let seen: { id: string; size: bigint; mtimeNs: bigint } | undefined;

  const follower: Follower = {
    name,
    path,
    get isOpen() {
      return (generations.length > 0 && toldTrouble === undefined) || pipe !== undefined;
    },
    get isUnsettled() {
      if (generations.length > 1 || stragglers.length > 0) return true;
      return (
        goneAt !== undefined && generations.length > 0 && performance.now() - goneAt < goneMs + emptySuccessorMs + 500
      );
    },
    get isEnded() {
      return isEnded;
    },
    get elsewhere() {
      return where?.isElsewhere ? where.id : undefined;
    },

    look() {
      if (isEnded || isStopping) return Promise.resolve();
      running = lookOnce()
        .catch(onFailure)
        .finally(() => {
          running = undefined;
        });
      return running;
    },

    async isUnchanged() {
      if (follower.isUnsettled) return false;
      const there = await inspect();
      if (there.type === 'pipe') return pipe !== undefined;
      if (there.type === 'none') {
        return generations.length === 0 && (there.why === 'missing' || toldTrouble === troubleOf(there));
      }
      const file = generations[0]?.file;
      return (
        file?.id === there.id &&
        seen?.id === there.id &&
        seen.size === there.stats.size &&
        seen.mtimeNs === there.stats.mtimeNs &&
        there.stats.size === BigInt(file.offset)
      );
    },

    async stop() {
      isStopping = true;
      await running;
      pipe?.close();
      await pipe?.ended;
      if (!isEnded) await adapt(await inspect());
      await finish();
      for (const { file } of [...generations, ...stragglers]) {
        descriptors.busy(file);
        await file.close();
      }
      generations = [];
      stragglers = [];
    },
  };
  return follower;

  async function lookOnce(): Promise<void> {
    const front = generations[0];
    if (front !== undefined) descriptors.busy(front.file);
    // Reading comes before everything else: it needs no stat to be right.
    if (front !== undefined && !front.file.isParked) await readNews(front);
    const there = await inspect();
    if (front?.file.isParked) await unpark(front, there);
    await adapt(there);
    await advance();
    await readStragglers();
    const [only] = generations;
    if (only !== undefined && goneAt === undefined && generations.length === 1 && !only.file.isParked) {
      descriptors.idle(only.file);
    }
    seen = there.type === 'file' ? { id: there.id, size: there.stats.size, mtimeNs: there.stats.mtimeNs } : undefined;
  }

  /** The file can't be read now (EIO), or never under this descriptor (ESTALE): opened anew at the next look. */
  async function onFailure(error: unknown): Promise<void> {
    seen = undefined;
    const [only] = generations;
    if (only !== undefined && generations.length === 1) await only.file.park().catch(() => {});
    await tellTrouble({ ...noneFor(error), why: 'unreadable' });
  }

  async function inspect(): Promise<There> {
    try {
      const stats = await stat(path, { bigint: true });
      if (stats.isFile()) return { type: 'file', id: fileId(stats), stats };
      if (stats.isDirectory()) return { type: 'none', why: 'folder', code: 'EISDIR' };
      return { type: 'pipe', isFifo: stats.isFIFO() };
    } catch (error) {
      return isStdinPath(path) ? { type: 'pipe', isFifo: false } : noneFor(error);
    }
  }

  // ---- reading

  /** What was appended: ends with a read that did not fill the buffer, since another event tells of what came after it. */
  async function readNews(generation: Generation): Promise<void> {
    while ((await readOnce(generation)) === 'full') if (isStopping) return;
  }

  /** Reads until a read gives nothing; while stopping only up to `limit`, and not past a full journal (then false). */
  async function readToEnd(generation: Generation, limit = Number.POSITIVE_INFINITY): Promise<boolean> {
    for (;;) {
      const step = await readOnce(generation);
      if (step === 'blocked') return false;
      if (step === 'end' || generation.file.offset >= limit) return true;
    }
  }

  async function readOnce(generation: Generation): Promise<'full' | 'part' | 'end' | 'blocked'> {
    const { file, statedMtimeNs } = generation;
    const step = await buffers.with(async (buffer) => {
      const progress = await file.read(buffer);
      if (progress.type !== 'bytes') return progress.type;
      generation.activeAt = performance.now();
      const isFull = progress.bytes.byteOffset + progress.bytes.length === buffer.byteOffset + buffer.length;
      return { isFull, taken: give(generation, progress.bytes) };
    });
    if (step === 'nothing') {
      generation.mtimeNs = statedMtimeNs;
      return 'end';
    }
    if (step === 'cut') {
      await cut(generation);
      return 'end';
    }
    generation.mtimeNs = statedMtimeNs;
    await wait(step.taken);
    if (step.taken !== undefined && isStopping) return 'blocked';
    return step.isFull ? 'full' : 'part';
  }

  /** Bytes that follow on the generation's offset, to the channel. */
  function give(generation: Generation, bytes: Buffer): Promise<void> | undefined {
    const text = takeText(generation, bytes);
    if (text.length === 0) return undefined;
    isMidLine = text.at(-1) !== 10;
    // Of UTF-16 the channel can't tell how many bytes its unfinished line has in the file.
    if (generation.utf16 !== undefined && isMidLine) return channel.write(text);
    lastPosition = positionOf(generation);
    return channel.write(text, lastPosition);
  }

  function positionOf({ file, utf16 }: Generation): FilePosition {
    return { source: name, path, file: file.id, offset: file.offset - (utf16?.heldBytes ?? 0), head: file.head };
  }

  /** The text of this generation is complete. */
  async function endText(generation: Generation, position = positionOf(generation)): Promise<void> {
    const rest = generation.utf16?.flush();
    if (rest !== undefined && rest.length > 0) await wait(channel.write(rest));
    lastPosition = position;
    isMidLine = false;
    await wait(channel.end(position));
  }

  // ---- a file that was cut

  /**
   * The file does not hold any more what was read from it. The unfinished line is made a line: it was text that stood
   * there. Copytruncate leaves a copy of the file, in which the text goes on that was written after the last look.
   */
  async function cut(generation: Generation): Promise<void> {
    const { file } = generation;
    const was = positionOf(generation);
    const since = generation.mtimeNs;
    const stats = await file.stat();
    const copy = await findCopy(path, async (other, theirs) => {
      if (fileId(theirs) === file.id || theirs.mtimeNs < since || theirs.size < BigInt(file.offset)) return false;
      return file.isContinuedBy(other);
    });
    const lostBytes = seen?.id === file.id ? Number(seen.size) - file.offset : 0;
    const rest = copy && (await openGeneration(copy.path, copy.id, { offset: file.offset }));
    file.restart();
    generation.skipsHole = true;
    generation.skipLines = 0;
    generation.mtimeNs = stats.mtimeNs;
    generation.statedMtimeNs = stats.mtimeNs;
    if (copy !== undefined && rest !== undefined) {
      rest.isCopy = true;
      if (generation.utf16 !== undefined) rest.utf16 = generation.utf16;
      delete generation.utf16;
      const between = await openAll(await successors(path, copy, (id) => id === file.id || memory.isKnown(id)));
      generations.splice(generations.indexOf(generation), 0, rest, ...between);
      return;
    }
    await endText(generation, { ...was, offset: 0, head: emptyHead });
    delete generation.utf16;
    const lost = lostBytes > 0 ? `, ${lostBytes} bytes of it before they were read` : '';
    await wait(sink.notice(`${name} was truncated${lost}; reading it from its beginning`, name));
  }

  // ---- what is at the path now

  async function adapt(there: There): Promise<void> {
    if (there.type === 'none') return adaptToNone(there);
    goneAt = undefined;
    if (there.type === 'pipe') return adaptToPipe(there.isFifo);
    if (pipe !== undefined) {
      pipe.close();
      pipe = undefined;
    }
    if (generations.length === 0) await openFirst(there.id);
    const newest = generations.at(-1);
    if (newest !== undefined && newest.file.id !== there.id) await takeIn(newest, there.id);
    const current = generations.at(-1);
    if (current?.file.id === there.id) {
      current.statedMtimeNs = there.stats.mtimeNs;
      await tellBack();
      if (where?.id !== there.id) where = { id: there.id, isElsewhere: await isWrittenElsewhere(there.stats) };
    }
  }

  async function adaptToNone(there: There & { type: 'none' }): Promise<void> {
    // Rotated while nobody was watching, and its successor has not come yet.
    if (resumeAt !== undefined && goneAt === undefined) await resume();
    goneAt ??= performance.now();
    if (there.why === 'missing') beginning = undefined;
    const [only] = generations;
    if (only === undefined) {
      if (there.why !== 'missing') await tellTrouble(there);
      return;
    }
    if (performance.now() - goneAt < goneMs) return;
    if (toldTrouble === undefined) await tellTrouble(there, await isUnlinked(only));
    // Its disk space is not free as long as we hold it.
    if (generations.length > 1 || performance.now() - only.activeAt < emptySuccessorMs) return;
    if (!(await isUnlinked(only))) return;
    await readToEnd(only);
    await endText(only);
    generations = [];
    await letGo(only);
  }

  async function adaptToPipe(isFifo: boolean): Promise<void> {
    if (pipe !== undefined || generations.length > 0) return;
    try {
      pipe = await readPipe(
        path,
        {
          write: (bytes) => wait(channel.write(bytes)),
          writersLeft: () => wait(channel.end()),
        },
        isFifo,
      );
    } catch (error) {
      await tellTrouble(noneFor(error));
      return;
    }
    const opened = pipe;
    void opened.ended.then(() => {
      if (pipe === opened) pipe = undefined;
      if (!isFifo || isStdinPath(path)) isEnded = true;
    });
    await tellBack();
  }

  /** The first file: where reading begins, or goes on. */
  async function openFirst(id: string): Promise<void> {
    if (resumeAt !== undefined) {
      await resume();
      if (generations.length > 0) return;
    }
    const generation = await openGeneration(path, id, beginning);
    if (generation === undefined) return;
    beginning = undefined;
    generations.push(generation);
    // Known from the first batch on, even if nothing comes of this file for long.
    lastPosition = positionOf(generation);
    if (generation.skipLines === 0) await wait(channel.write(Buffer.alloc(0), lastPosition));
    await readToEnd(generation);
  }

  /** Goes on where an earlier run ended, wherever that file is now. */
  async function resume(): Promise<void> {
    const position = resumeAt;
    if (position === undefined) return;
    const traced = await trace(position);
    if (traced.fate === 'missing') return;
    resumeAt = undefined;
    if (traced.fate === 'same' || traced.fate === 'rotated') {
      const at = traced.fate === 'same' ? path : traced.path;
      const generation = await openGeneration(at, undefined, { offset: position.offset });
      if (generation === undefined) return;
      generation.isCopy = traced.fate === 'rotated' && traced.how === 'copied';
      generations.push(generation);
      await readToEnd(generation);
      return;
    }
    const what = traced.fate === 'cut' ? 'was truncated' : 'was replaced by another file';
    await wait(
      sink.notice(
        `${name} ${what} while it was not followed: what came after byte ${position.offset} of the old one is lost; reading the new one from its beginning`,
        name,
      ),
    );
  }

  /** Another file has the path: opens it, and before it those that had the path in between. */
  async function takeIn(newest: Generation, id: string): Promise<void> {
    newest.activeAt = Math.max(newest.activeAt, performance.now());
    if (generations.some(({ file }) => file.id === id) || generations.length >= generationLimit) return;
    const returned = stragglers.find(({ file }) => file.id === id);
    if (returned !== undefined) {
      stragglers = stragglers.filter((one) => one !== returned);
      generations.push(returned);
      return;
    }
    if (!memory.isFree(id, owner)) return;
    const { mtimeNs } = newest.file.isParked ? newest : await newest.file.stat();
    const before = generations.length;
    const currentId = await openBetween({ id: newest.file.id, mtimeNs }, id);
    if (generations.length === before) {
      const unread = await compressedSince(path, mtimeNs);
      if (unread.length > 0)
        await wait(sink.notice(`not read: ${unread.map((one) => basename(one)).join(', ')}`, name));
    }
    if (currentId === undefined || generations.length >= generationLimit) return;
    const current = await openGeneration(path, currentId, undefined);
    if (current !== undefined) generations.push(current);
  }

  /**
   * Opens the generations between one that has left the path and the one that has it now, whose id it returns; undefined
   * when there is none, or rotating goes on too quickly (the next look goes on from the last one that is open).
   */
  async function openBetween(left: { id: string; mtimeNs: bigint }, id: string): Promise<string | undefined> {
    let after = left;
    let currentId = id;
    for (let tries = 0; tries < 10; tries++) {
      const between = await successors(path, after, memory.isKnown);
      const there = await inspect();
      // Rotated on since the path was looked at: what had it then is one of those in between now.
      if (there.type === 'file' && there.id !== currentId) {
        currentId = there.id;
        continue;
      }
      // A link of the path's name to a dated one: the current file has both.
      const end = between.findIndex((one) => one.id === currentId);
      const wanted = (end === -1 ? between : between.slice(0, end)).slice(0, generationLimit - generations.length);
      const opened = await openAll(wanted);
      generations.push(...opened);
      if (generations.length >= generationLimit) return undefined;
      if (opened.length === wanted.length) return there.type === 'file' ? currentId : undefined;
      // They were rotated on while they were opened: once more from the last one that is open.
      after = wanted[opened.length - 1] ?? after;
    }
    return undefined;
  }

  /** In their order, up to the first one that is not what it was when it was listed. */
  async function openAll(neighbours: Neighbour[]): Promise<Generation[]> {
    const opened: Generation[] = [];
    for (const { path: at, id } of neighbours) {
      const generation = await openGeneration(at, id, undefined);
      if (generation === undefined) break;
      opened.push(generation);
    }
    return opened;
  }

  /**
   * Opens a file; undefined when it can't be opened, is another one than `id` meanwhile (the next look sees to it), or is
   * read under another name. Without a beginning it goes on where it was let go, or begins with its first byte.
   */
  async function openGeneration(
    at: string,
    id: string | undefined,
    beginning: StartAt | { offset: number } | undefined,
  ): Promise<Generation | undefined> {
    let handle: FileHandle | undefined;
    try {
      handle = await descriptors.open(at);
      const actual = fileId(await handle.stat({ bigint: true }));
      if ((id === undefined || actual === id) && memory.claim(actual, owner)) {
        const generation = await createGeneration(
          handle,
          beginning ?? { offset: await memory.offsetOf(actual, handle) },
        );
        if (generation !== undefined) return generation;
      }
      await handle.close();
    } catch (error) {
      await handle?.close();
      if (at === path && errorCode(error) !== 'ENOENT') await tellTrouble(noneFor(error));
    }
    return undefined;
  }

  async function unpark(front: Generation, there: There): Promise<void> {
    const { file } = front;
    if (there.type === 'file' && there.id === file.id && there.stats.size === BigInt(file.offset)) {
      if (seen?.mtimeNs === there.stats.mtimeNs) return;
    }
    const isHere = there.type === 'file' && there.id === file.id;
    const at = isHere ? path : await findById({ path, file: file.id, offset: file.offset, head: file.head });
    if (at !== undefined && (await file.reopen(at).catch(() => false))) {
      await readToEnd(front);
      return;
    }
    generations.shift();
    await endText(front);
    await letGo(front);
    await wait(sink.notice(`${name} was replaced while it stood idle; what was written to the old one is lost`, name));
  }

  // ---- from one generation to the next

  async function advance(): Promise<void> {
    for (;;) {
      const [front, next] = generations;
      if (front === undefined || next === undefined) return;
      if (!(await readToEnd(front))) return;
      if (generations[0] !== front || generations[1] !== next) continue;
      if (!(await isSettled(front, next))) return;
      await leave(front, next);
    }
  }

  async function isSettled(front: Generation, next: Generation): Promise<boolean> {
    // Whoever wrote this one has written later ones since.
    if (front.isCopy || generations.length > 2 || isStopping) return true;
    const now = performance.now();
    const quietMs = now - front.activeAt;
    if (quietMs >= emptySuccessorMs) return true;
    if ((await next.file.stat()).size === 0n) return false;
    next.successorTextAt ??= now;
    if (now - next.successorTextAt >= unfinishedMs) return true;
    return quietMs >= (isMidLine ? unfinishedMs : settleMs);
  }

  async function leave(front: Generation, next: Generation): Promise<void> {
    await endText(front);
    generations.shift();
    const away = front.isCopy ? undefined : await findById({ path, file: front.file.id, offset: 0, head: emptyHead });
    const what = front.isCopy
      ? `was truncated after it was copied`
      : away === undefined
        ? 'was replaced by another file'
        : dirname(away) === dirname(path)
          ? `was rotated to ${basename(away)}`
          : 'was switched to another file';
    await wait(sink.notice(`${name} ${what}; reading the next one`, name));
    stragglers.push(front);
    front.activeAt = performance.now();
    const oldest = stragglers.length > stragglerLimit ? stragglers.shift() : undefined;
    if (oldest !== undefined) await letGo(oldest);
    await readToEnd(next);
  }

  /**
   * Lines that came late to a file that was left: given in between those of its successor, where no line is unfinished. The
   * position stays the successor's.
   */
  async function readStragglers(): Promise<void> {
    for (const straggler of [...stragglers]) {
      const isOver = performance.now() - straggler.activeAt >= stragglerMs;
      if (!isMidLine) await readWholeLines(straggler, isOver);
      if (!isOver) continue;
      stragglers = stragglers.filter((one) => one !== straggler);
      await letGo(straggler);
    }
  }

  async function readWholeLines(straggler: Generation, withRest: boolean): Promise<void> {
    await buffers.with(async (buffer) => {
      const progress = await straggler.file.read(buffer);
      if (progress.type !== 'bytes') return;
      const end = withRest ? progress.bytes.length : progress.bytes.lastIndexOf(10) + 1;
      const bytes = progress.bytes.subarray(0, end);
      if (end === 0) return;
      straggler.activeAt = performance.now();
      straggler.file.consume(bytes);
      const text = straggler.utf16?.push(bytes) ?? bytes;
      if (text.length === 0) return;
      await wait(channel.write(text, lastPosition));
      if (text.at(-1) !== 10) await wait(channel.write(Buffer.from('\n'), lastPosition));
    });
  }

  async function letGo(generation: Generation): Promise<void> {
    const { file } = generation;
    // Its inode will be another file's.
    if (await isUnlinked(generation)) memory.forget(file.id, owner);
    else memory.release(file, owner);
    descriptors.busy(file);
    await file.close();
  }

  async function isUnlinked({ file }: Generation): Promise<boolean> {
    return !file.isParked && (await file.stat()).nlink === 0n;
  }

  // ---- the end

  async function finish(): Promise<void> {
    while (generations.length > 0) {
      const [front, next] = generations;
      if (front === undefined || front.file.isParked) break;
      const { size, mtimeMs } = await front.file.stat();
      // The journal is behind: the next run goes on here.
      if (!(await readToEnd(front, Number(size)))) return;
      if (generations[0] !== front) continue;
      if (next === undefined) {
        if (isMidLine && Date.now() - Number(mtimeMs) > midWriteMs) await endText(front);
        break;
      }
      await leave(front, next);
    }
    if (!isMidLine) for (const straggler of stragglers) await readWholeLines(straggler, true);
  }

  // ---- news

  async function tellTrouble(there: There & { type: 'none' }, isRemoved = true): Promise<void> {
    const trouble = troubleOf(there, isRemoved);
    if (toldTrouble === trouble) return;
    toldTrouble = trouble;
    await wait(sink.notice(trouble, name));
  }

  async function tellBack(): Promise<void> {
    if (toldTrouble === undefined) return;
    toldTrouble = undefined;
    await wait(sink.notice(`${name} is there again`, name));
  }

  function troubleOf({ why, code }: There & { type: 'none' }, isRemoved = true): string {
    if (why === 'missing') return `${name} was ${isRemoved ? 'removed' : 'moved away'}; waiting for it to come back`;
    if (why === 'folder') return `${name} is a folder; waiting for a file`;
    return `${name} can't be read (${code === 'EACCES' ? 'permission denied' : code}); waiting for it`;
  }

  async function isWrittenElsewhere({ nlink }: BigIntStats): Promise<boolean> {
    if (nlink > 1n) return true;
    try {
      return (await realpath(path)) !== join(await realpath(dirname(path)), basename(path));
    } catch {
      return false;
    }
  }
}

function noneFor(error: unknown): There & { type: 'none' } {
  const code = errorCode(error) ?? 'unknown error';
  return { type: 'none', why: code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'unreadable', code };
}
