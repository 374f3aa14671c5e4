import { LinearRegExpError } from '../../agent/text/linear-regexp.ts';
import type { Origin } from '../../agent/words/line.ts';
import { filterIn } from '../lines/filter.ts';
import type { IdRange } from '../lines/id-ranges.ts';
import type { OnEvent } from '../stream/event-parser.ts';
import type { ReadEvents } from '../stream/read-events.ts';
import type { Chunk, EmbeddedLine, EmbeddedLog } from './embedded-log.ts';
import { type LineTest, lineTest } from './line-test.ts';
import type { ChunkPlace } from './packed.ts';

/** What an events URL asks for, of a log that is all there is. */
interface Wanted extends IdRange {
  test: LineTest | undefined;
  /** The first so many that pass, or the last so many. */
  limit: number;
  tail: number;
  context: number;
}

/** Answers events URLs from the log in the file, as an agent answers them. */
export function createEmbeddedReader(log: EmbeddedLog): ReadEvents {
  return async (url, signal, onEvent, pieceRead) => {
    const { hello } = log.manifest;
    let wanted: Wanted;
    try {
      wanted = wantedIn(url, log);
    } catch (error) {
      if (error instanceof LinearRegExpError) return { how: 'refused', why: error.message };
      throw error;
    }
    onEvent('hello', JSON.stringify(hello), '');
    if (wanted.test === undefined) await readAll(log, wanted, signal, onEvent, pieceRead);
    else await readFound(log, wanted, wanted.test, signal, onEvent, pieceRead);
    return { how: signal.aborted ? 'failed' : 'done' };
  };
}

function wantedIn(url: string, { manifest }: EmbeddedLog): Wanted {
  const { hello, exportedAt } = manifest;
  const isPart = manifest.filter !== undefined;
  const { search, searchParams } = new URL(url, 'file:///');
  const number = (name: string) => {
    const given = searchParams.get(name);
    return given === null ? undefined : Number(given);
  };
  const filter = filterIn(search);
  const after = number('lastEventId');
  const wanted: Wanted = {
    from: Math.max(hello.first, after === undefined ? (number('from') ?? 1) : after + 1),
    to: Math.min(hello.last, number('to') ?? hello.last),
    // Where lines are missing, those that are there are found.
    test: lineTest(filter, hello.sources[0], exportedAt) ?? (isPart ? () => true : undefined),
    limit: number('limit') ?? Number.POSITIVE_INFINITY,
    tail: (after === undefined ? number('tail') : undefined) ?? Number.POSITIVE_INFINITY,
    context: filter.context ?? 0,
  };
  // Where nothing is left out, they can be counted.
  if (wanted.test === undefined) {
    wanted.from = Math.max(wanted.from, wanted.to - wanted.tail + 1);
    wanted.to = Math.min(wanted.to, wanted.from + wanted.limit - 1);
  }
  return wanted;
}

async function readAll(log: EmbeddedLog, range: IdRange, signal: AbortSignal, onEvent: OnEvent, pieceRead: () => void) {
  const write = createWriter(onEvent);
  for (const place of placesIn(log, range)) {
    const chunk = await log.chunk(place);
    if (signal.aborted) return;
    for (const line of linesIn(chunk, range)) write(line, line.origin);
    for (const { from, to, reason } of chunk.gaps) {
      if (from <= range.to && to >= range.from) onEvent('gap', JSON.stringify({ from, to, reason }), '');
    }
    pieceRead();
  }
}

async function readFound(
  log: EmbeddedLog,
  wanted: Wanted,
  test: LineTest,
  signal: AbortSignal,
  onEvent: OnEvent,
  pieceRead: () => void,
) {
  const write = createWriter(onEvent);
  const isFromEnd = Number.isFinite(wanted.tail);
  const places = placesIn(log, wanted);
  const most = Math.min(wanted.limit, wanted.tail);
  const found: number[] = [];
  for (const place of isFromEnd ? places.reverse() : places) {
    const ids = linesIn(await log.chunk(place), wanted)
      .filter(test)
      .map(({ id }) => id);
    await untilNextTask();
    if (signal.aborted) return;
    if (isFromEnd) found.unshift(...ids);
    else found.push(...ids);
    if (found.length >= most) break;
  }
  const ids = isFromEnd ? found.slice(-wanted.tail) : found.slice(0, wanted.limit);
  const isAll = isFromEnd || found.length <= wanted.limit;
  const matches = new Set(ids);
  for (const range of around(ids, wanted)) {
    for (const place of placesIn(log, range)) {
      const chunk = await log.chunk(place);
      if (signal.aborted) return;
      for (const line of linesIn(chunk, range)) {
        write(line, matches.has(line.id) ? line.origin : contextOf(line.origin));
      }
    }
  }
  // What comes after the last of them is known to be left out only where all were found.
  const to = isAll ? wanted.to : (ids.at(-1) ?? wanted.to);
  if (to >= wanted.from) onEvent('progress', JSON.stringify({ to }), String(to));
  pieceRead();
}

/** The lines found with those around them, as ranges that don't touch. */
function around(ids: readonly number[], { from, to, context }: Wanted): IdRange[] {
  const ranges: IdRange[] = [];
  for (const id of ids) {
    const next = { from: Math.max(from, id - context), to: Math.min(to, id + context) };
    const last = ranges.at(-1);
    if (last && next.from <= last.to + 1) last.to = next.to;
    else ranges.push(next);
  }
  return ranges;
}

/** Writes lines with their origins, each of which holds until the next. */
function createWriter(onEvent: OnEvent): (line: EmbeddedLine, origin: Origin) => void {
  let inForce: Origin | undefined;
  return ({ id, text }, origin) => {
    if (origin !== inForce) onEvent('origin', JSON.stringify(origin), '');
    inForce = origin;
    onEvent('message', text, String(id));
  };
}

const contexts = new WeakMap<Origin, Origin>();

/** The same object for the same origin. */
function contextOf(origin: Origin): Origin {
  const context = contexts.get(origin) ?? { ...origin, context: true };
  contexts.set(origin, context);
  return context;
}

function placesIn({ places }: EmbeddedLog, { from, to }: IdRange): ChunkPlace[] {
  return places.filter((place) => place.from <= to && place.to >= from);
}

function linesIn({ lines }: Chunk, { from, to }: IdRange): EmbeddedLine[] {
  const [first, last] = [lines[0]?.id ?? 0, lines.at(-1)?.id ?? 0];
  return from <= first && to >= last ? lines : lines.filter(({ id }) => id >= from && id <= to);
}

/** A search of millions of lines leaves the page its frames. */
function untilNextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
