import type { Outline, Problem } from '../../agent/words/finding.ts';
import type { Backend, LaterBackend, Snapshot } from '../backend/backend.ts';
import type { HitReader } from '../finding/hit-reader.ts';
import { readHits } from '../finding/read-hits.ts';
import { createRecordReader } from '../finding/record-reader.ts';
import type { ReadRange } from '../history/range-reader.ts';
import { readBlocks } from '../history/read-blocks.ts';
import { snapshotWords } from '../late-words.ts';
import { filterIn } from '../lines/filter.ts';
import type { IdRange } from '../lines/id-ranges.ts';
import type { ReadEvents, ResponseEnd } from '../stream/read-events.ts';
import type { OpenStream } from '../stream/stream.ts';
import type { EmbeddedLine, EmbeddedLog } from './embedded-log.ts';
import { histogramOf } from './histogram.ts';
import { type LineTest, lineTest } from './line-test.ts';
import { createEmbeddedReader } from './read-embedded.ts';

/** The log that the page's own file holds: answers all that an agent is asked for, and asks nobody. */
export async function embeddedBackend(log: EmbeddedLog): Promise<Backend> {
  const { hello } = log.manifest;
  const outline = await log.outline();
  const readEvents = createEmbeddedReader(log);
  const later: LaterBackend = {
    createRangeReader: () => rangeReader(readEvents),
    createHitReader: (logId) => hitReader(readEvents, logId),
    outline: async (_signal, part) =>
      part ? problemsIn(log, part) : (outline ?? outlineOf([], { from: hello.first, to: hello.last })),
    async histogram(query) {
      const { search, searchParams } = new URL(`?${query}`, 'file:///');
      const filter = filterIn(search);
      const test = lineTest(filter, hello.sources[0], log.manifest.exportedAt);
      const from = Math.max(hello.first, filter.from ?? 1);
      const lines = await allLines(log, from, test);
      return histogramOf(lines, Number(searchParams.get('buckets') ?? 200), [from, hello.last]);
    },
  };
  const openStream = embeddedStream(readEvents, log);
  return {
    snapshot: snapshotOf(log, outline !== undefined),
    openStream,
    openPolled: openStream,
    isOutdated: async () => false,
    probe: async () => ({ kind: 'status', hello }),
    async whyRefused(url) {
      const end = await readEvents(
        url,
        AbortSignal.timeout(1000),
        () => undefined,
        () => undefined,
      ).catch(() => undefined);
      return end?.how === 'refused' ? end.why : undefined;
    },
    later: async () => later,
  };
}

function snapshotOf({ manifest, places }: EmbeddedLog, isComplete: boolean): Snapshot {
  const { hello, exportedAt, wasLive, filter } = manifest;
  const notes: string[] = [];
  if (filter !== undefined) notes.push(snapshotWords.part([...new URLSearchParams(filter)]));
  if (!isComplete) notes.push(snapshotWords.incomplete(places.at(-1)?.to ?? 0, hello.last));
  if (wasLive) notes.push(snapshotWords.wasLive);
  if (hello.first > 1) notes.push(snapshotWords.gone(hello.first - 1));
  return { at: exportedAt, notes, isPart: filter !== undefined };
}

function outlineOf(problems: Problem[], { from, to }: IdRange): Outline {
  const errors = problems.filter(({ level }) => level === 'error');
  return {
    groups: [],
    problems,
    omitted: [],
    errors: errors.length,
    warnings: problems.length - errors.length,
    firstError: errors[0] ?? null,
    known: [from, to],
  };
}

/** All of some lines: the outline in the file lists the first and the last ones of very many. */
async function problemsIn(log: EmbeddedLog, range: IdRange): Promise<Outline> {
  const readRecord = createRecordReader();
  const problems: Problem[] = [];
  for (const place of log.places) {
    if (place.to < range.from || place.from > range.to) continue;
    for (const line of (await log.chunk(place)).lines) {
      const { id, level } = line;
      const { continues, visible = '' } = readRecord(id, line);
      if (continues || id < range.from || id > range.to) continue;
      if (level === 'error' || level === 'warn') problems.push({ id, level, text: visible });
    }
  }
  return outlineOf(problems, range);
}

async function allLines(
  log: EmbeddedLog,
  from: number,
  test: LineTest | undefined,
): Promise<Pick<EmbeddedLine, 'id' | 'time' | 'level'>[]> {
  const found: Pick<EmbeddedLine, 'id' | 'time' | 'level'>[] = [];
  for (const place of log.places) {
    for (const line of (await log.chunk(place)).lines) {
      // Without its text: that of a large log would stay in memory.
      if (line.id >= from && (!test || test(line))) found.push({ id: line.id, time: line.time, level: line.level });
    }
  }
  return found;
}

/** A stream that brings what is asked for and has then said all there is. */
function embeddedStream(readEvents: ReadEvents, { manifest }: EmbeddedLog): OpenStream {
  return (url, listener) => {
    const controller = new AbortController();
    const event = (type: string, data: string, id: string) => {
      if (!controller.signal.aborted) listener.event(type, data, id);
    };
    const end = (how?: ResponseEnd) => {
      const isRefused = how?.how === 'refused';
      if (!isRefused) event('status', JSON.stringify(manifest.hello.status), '');
      if (!controller.signal.aborted) listener.end(isRefused ? { kind: 'refused', status: 400 } : { kind: 'lost' });
    };
    listener.asked();
    readEvents(url, controller.signal, event, () => undefined).then(end, () => end());
    return { close: () => controller.abort() };
  };
}

function rangeReader(readEvents: ReadEvents): ReadRange {
  return (url, listener) => {
    const controller = new AbortController();
    readBlocks(readEvents, url, controller.signal, listener)
      .catch(() => 'failed' as const)
      .then((end) => {
        if (!controller.signal.aborted) listener.end(end);
      });
    return () => controller.abort();
  };
}

function hitReader(readEvents: ReadEvents, logId: () => string | undefined): HitReader {
  let current = new AbortController();
  return {
    read(url, patterns, listener) {
      current.abort();
      const controller = new AbortController();
      current = controller;
      readHits(readEvents, url, patterns, controller.signal, ({ log, ids, counts, scanned }) => {
        if (log === logId()) listener.hits(ids, counts, scanned);
      })
        .catch(() => ({ how: 'failed' }) as const)
        .then((end) => {
          if (!controller.signal.aborted) listener.end(end);
        });
    },
    stop: () => current.abort(),
  };
}
