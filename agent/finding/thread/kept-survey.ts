import { type FileHandle, mkdir, open, readdir, readFile, rename, stat, unlink } from 'node:fs/promises';
import { endianness } from 'node:os';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { crc32 } from 'node:zlib';
import { listSegments, type Segment, segmentFor } from '../../journal/disk/segment/segment.ts';
import { surveyDirectoryIn, surveyPathOf } from '../../journal/disk/segment/survey-file.ts';
import { version } from '../../system/package.ts';
import { timeZone } from '../../system/time-zone.ts';
import { errorCode } from '../../words/errors.ts';
import { type Chunk, chunkLines, isFull } from '../chunks/chunk.ts';
import { decodeChunks, encodeChunks } from '../chunks/chunk-bytes.ts';
import { areTimesKnown } from '../chunks/stamps.ts';
import type { KeptSurvey } from '../survey/looks.ts';
import { rules } from './survey-rules.ts';

/** The first line of a survey's file, as JSON; what follows is for `decodeChunks`. See docs/journal-format.md. */
interface Head {
  survey: 3;
  /** How it was made: other rules find other levels; in another time zone a line without one is of another time. */
  by: string;
  /** What it was made of: the segment, and those after it into which the last chunk reaches. */
  of: Extent[];
  bytes: number;
  crc: number;
}

/** A segment up to a byte. What is in it does not change, but for the accidents of a disk. */
interface Extent {
  firstId: number;
  bytes: number;
  /** Checksum of the last bytes. */
  crc: number;
}

const by = `${version} ${rules} ${timeZone()} ${endianness()}`;

/** So much of a segment's end is compared: the last batch's own checksum is there, and how many lines there are. */
const comparedBytes = 4096;
/** What would take a larger part of its segment's size is not kept: the disk is there for lines. */
const mostShare = 1 / 32;
const leastBytes = 64 * 1024;
/** Larger than any: somebody else's file has nothing to do in memory. */
const mostBytes = 64 * 1024 * 1024;
/** What is older and belongs to no segment is nobody's any more. */
const abandonedMs = 60_000;

/** @param dir the directory of a log; where it can't be written nothing is kept */
export function createKeptSurvey(dir: string): KeptSurvey {
  const asked = new Set<number>();
  /** How much is kept of a segment, by its first id: see `worthOf`. */
  const kept = new Map<number, number>();
  const written = new Set<number>();
  let listed: readonly Segment[] = [];
  let isWritable = true;
  let isSwept = false;

  async function recallFrom(segments: readonly Segment[], segment: Segment): Promise<Chunk[]> {
    const path = surveyPathOf(segment.path);
    const found = await stat(path);
    if (!found.isFile() || found.size > mostBytes) return [];
    const file = await readFile(path);
    const headEnd = file.indexOf('\n');
    const head = JSON.parse(file.toString('utf8', 0, headEnd)) as Head;
    const body = file.subarray(headEnd + 1);
    if (head.survey !== 3 || head.by !== by || body.length !== head.bytes || crc32(body) !== head.crc) return [];
    if (head.of[0]?.firstId !== segment.firstId) return [];
    for (const extent of head.of) if (!(await isStill(segments, extent))) return [];
    const chunks = decodeChunks(body);
    kept.set(segment.firstId, worthOf(chunks));
    return chunks;
  }

  async function keepOf(segments: readonly Segment[], at: number, chunkAt: (id: number) => Chunk | undefined) {
    const segment = segments[at] as Segment;
    const endId = segments[at + 1]?.firstId ?? Number.POSITIVE_INFINITY;
    const chunks = fullChunksFrom(segment.firstId, endId, chunkAt);
    const before = kept.get(segment.firstId) ?? 0;
    const lastId = chunks.at(-1)?.lastId ?? 0;
    // While it grows it is written anew when there is twice as much to keep.
    const isGrowing = lastId + 1 < endId && written.has(segment.firstId);
    const worth = worthOf(chunks);
    if (worth < Math.max(1, isGrowing ? 2 * before : before + 1)) return;
    const of = await extentsOf(segments.slice(at).filter(({ firstId }) => firstId <= lastId));
    if (of === undefined) return;
    const body = encodeChunks(chunks);
    kept.set(segment.firstId, worth);
    written.add(segment.firstId);
    if (body.length > Math.max(leastBytes, segment.size * mostShare)) return;
    const head: Head = { survey: 3, by, of, bytes: body.length, crc: crc32(body) };
    await write(segment, Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), body]));
  }

  /** Complete or not at all: another process may read it, or write it as well. */
  async function write(segment: Segment, bytes: Buffer): Promise<void> {
    const path = surveyPathOf(segment.path);
    // Not with what is above it: the log may have been removed.
    await mkdir(surveyDirectoryIn(dir), { mode: 0o700 }).catch(ifThere);
    const aside = `${path}.${process.pid}-${threadId}`;
    try {
      const file = await open(aside, 'w', 0o600);
      await file.writeFile(bytes).finally(() => file.close());
      await rename(aside, path);
    } catch (error) {
      await unlink(aside).catch(() => undefined);
      throw error;
    }
    // Retention may have taken the segment meanwhile.
    const isThere = await stat(segment.path).catch(() => undefined);
    if (isThere === undefined) await unlink(path).catch(() => undefined);
  }

  /** What an interrupted writer, or a removal by hand, has left. */
  async function sweep(segments: readonly Segment[]): Promise<void> {
    if (isSwept) return;
    isSwept = true;
    const directory = surveyDirectoryIn(dir);
    const mine = new Set(segments.map(({ path }) => surveyPathOf(path)));
    for (const name of await readdir(directory)) {
      const path = join(directory, name);
      if (!mine.has(path) && Date.now() - (await stat(path)).mtimeMs > abandonedMs) await unlink(path);
    }
  }

  return {
    async recall(id) {
      try {
        // Asked for each chunk: what stands before the newest segment is known.
        const newest = listed.at(-1);
        if (newest === undefined || id >= newest.firstId) listed = await listSegments(dir);
        const segments = listed;
        const segment = segmentFor(segments, id);
        if (segment === undefined || asked.has(segment.firstId)) return [];
        asked.add(segment.firstId);
        return await recallFrom(segments, segment);
      } catch {
        return [];
      }
    },

    async keep(chunkAt) {
      if (!isWritable) return;
      try {
        const segments = await listSegments(dir);
        for (let at = 0; at < segments.length; at++) await keepOf(segments, at, chunkAt);
        await sweep(segments).catch(() => undefined);
      } catch {
        // Read-only, full, or removed: what is known stays in memory.
        isWritable = false;
      }
    },
  };
}

/** Those that begin in a segment, up to the first one that is not known, or not full. */
function fullChunksFrom(firstId: number, endId: number, chunkAt: (id: number) => Chunk | undefined): Chunk[] {
  const chunks: Chunk[] = [];
  const start = Math.ceil((firstId - 1) / chunkLines) * chunkLines + 1;
  for (let id = start; id < endId; id += chunkLines) {
    const chunk = chunkAt(id);
    if (chunk === undefined || !isFull(chunk)) break;
    // What can't be read today may be tomorrow.
    if (chunk.lost === 0) chunks.push(chunk);
  }
  return chunks;
}

/** What is kept is worth replacing by more: of chunks, and of those of which it is known when their lines are from. */
function worthOf(chunks: readonly Chunk[]): number {
  return chunks.length + chunks.filter(areTimesKnown).length;
}

async function isStill(segments: readonly Segment[], { firstId, bytes, crc }: Extent): Promise<boolean> {
  const segment = segments.find((each) => each.firstId === firstId);
  return segment !== undefined && segment.size >= bytes && (await extentOf(segment, bytes)).crc === crc;
}

/** Undefined where one can't be read: retention may have taken it meanwhile. */
async function extentsOf(segments: readonly Segment[]): Promise<Extent[] | undefined> {
  try {
    return await Promise.all(segments.map((segment) => extentOf(segment, segment.size)));
  } catch {
    return undefined;
  }
}

async function extentOf({ firstId, path }: Segment, bytes: number): Promise<Extent> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    const length = Math.min(comparedBytes, bytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, bytes - length);
    return { firstId, bytes, crc: crc32(buffer.subarray(0, bytesRead)) };
  } finally {
    await file?.close();
  }
}

function ifThere(error: unknown): void {
  if (errorCode(error) !== 'EEXIST') throw error;
}
