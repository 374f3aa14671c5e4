import type { Outline } from '../../agent/words/finding.ts';
import type { Origin } from '../../agent/words/line.ts';
import type { Gap, Hello } from '../../agent/words/wire.ts';
import { createEventParser } from '../stream/event-parser.ts';
import { type ChunkPlace, dataElements, unpacked } from './packed.ts';

/** What the agent says of the log in the first data element of the file. */
export interface Manifest {
  hello: Hello;
  /** When the file was made, in milliseconds since the epoch. */
  exportedAt: number;
  /** The log was still being written then. */
  wasLive: boolean;
  /** Only lines that match this were exported: a filter as `events` takes it. */
  filter?: string;
}

export interface EmbeddedLine {
  readonly id: number;
  /** As it came, escape sequences included. */
  readonly text: string;
  readonly origin: Origin;
  /** When it is from, in milliseconds since the epoch: by its own time stamp where it has one. */
  readonly time: number;
  readonly level: 'error' | 'warn' | 'info' | 'debug' | undefined;
}

/** Consecutive lines, packed together. */
export interface Chunk {
  lines: EmbeddedLine[];
  gaps: Gap[];
}

/** The log that the file holds. */
export interface EmbeddedLog {
  readonly manifest: Manifest;
  readonly places: readonly ChunkPlace[];
  chunk(place: ChunkPlace): Promise<Chunk>;
  /** Undefined where the end of the file is missing. */
  outline(): Promise<Outline | undefined>;
}

/** What stands before a chunk's events, as one line of JSON: the agent knows it, and the page could not find it out. */
interface Facts {
  /** A letter for each line. */
  levels: string;
  /** A time for each line; after the first as what has passed since the line before. */
  times: number[];
}

const levelOf: Readonly<Record<string, EmbeddedLine['level']>> = { e: 'error', w: 'warn', i: 'info', d: 'debug' };
/** UTF-16 code units of unpacked text that are kept; what is far away is unpacked again. */
const mostKept = 48 << 20;

/** @throws Error where the document holds no log */
export async function openEmbeddedLog(root: ParentNode): Promise<EmbeddedLog> {
  const { manifest: packed, chunks, outline } = dataElements(root);
  const manifest = JSON.parse(await unpacked(packed)) as Manifest;
  const kept = new Map<ChunkPlace, { chunk: Promise<Chunk>; size: number }>();
  let size = 0;

  async function read(place: ChunkPlace, element: Element): Promise<Chunk> {
    const text = await unpacked(element);
    const one = kept.get(place);
    if (one) {
      one.size = text.length;
      size += text.length;
    }
    for (const [other, { size: gone }] of kept) {
      if (size <= mostKept) break;
      if (other === place) continue;
      kept.delete(other);
      size -= gone;
    }
    return parseChunk(text);
  }

  return {
    manifest,
    places: [...chunks.keys()],
    chunk(place) {
      const one = kept.get(place) ?? { chunk: read(place, chunks.get(place) as Element), size: 0 };
      // Those used last stand at the end.
      kept.delete(place);
      kept.set(place, one);
      return one.chunk;
    },
    outline: async () => (outline ? (JSON.parse(await unpacked(outline)) as Outline) : undefined),
  };
}

function parseChunk(text: string): Chunk {
  const end = text.indexOf('\n');
  const { levels, times } = JSON.parse(text.slice(0, end)) as Facts;
  const chunk: Chunk = { lines: [], gaps: [] };
  let origin: Origin = { time: 0 };
  let time = 0;
  const parser = createEventParser((type, data, id) => {
    if (type === 'origin') origin = JSON.parse(data) as Origin;
    else if (type === 'gap') chunk.gaps.push(JSON.parse(data) as Gap);
    else if (type === 'message') {
      const at = chunk.lines.length;
      time += times[at] ?? 0;
      chunk.lines.push({ id: Number(id), text: data, origin, time, level: levelOf[levels[at] ?? ''] });
    }
  });
  parser.push(text.slice(end + 1));
  return chunk;
}
