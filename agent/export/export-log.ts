import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { IdRange } from '../finding/chunks/chunk.ts';
import { idsIn } from '../finding/excerpt.ts';
import { createLineFinder } from '../finding/find-lines.ts';
import { createReadingStamps, type EarlierStamps, noEarlierStamps, type StampFinder } from '../finding/known-lines.ts';
import { type LineQuery, recordLines } from '../finding/line-query.ts';
import type { Block } from '../frame/block.ts';
import { eventText } from '../frame/events.ts';
import { gapFrom } from '../journal/gaps.ts';
import type { Log } from '../journal/store.ts';
import { timeZone } from '../system/time-zone.ts';
import type { Outline } from '../words/finding.ts';
import { isFinished } from '../words/log.ts';
import type { Hello } from '../words/wire.ts';
import { dataElement, documentEnd, documentStart, type ExportPage } from './export-page.ts';
import { createLineFactsReader } from './line-facts.ts';
import { createExportedIds, type ExportedIds, type ExportPart, outlineOfPart } from './part.ts';

export interface ExportOptions {
  page: ExportPage;
  /** The whole log's outline, up to line `to`; or the first problems of some of its lines. */
  outline(to: number, range?: IdRange): Promise<Outline>;
  /**
   * What these lines need of those before them. Undefined where that takes too long: what does not say when it is from
   * is from when it arrived then.
   */
  stamps(lines: IdRange): Promise<EarlierStamps | undefined>;
  /** Milliseconds since the epoch. */
  now: number;
  /** Only these lines. */
  part?: ExportPart;
}

/** Bytes of events that are packed together: the page unpacks so much to show a line. */
const chunkBytes = 768 * 1024;
const pack = promisify(gzip);

/**
 * A log as one HTML file that shows it offline. Comes in pieces, and holds no more than one of them in memory.
 *
 * @throws SseTailError kind `journal` when the log can't be read
 */
export async function* exportLog(
  log: Log,
  { page, outline, stamps, now, part }: ExportOptions,
): AsyncGenerator<string> {
  const { journal } = log;
  const last = journal.lastId;
  const wasLive = !isFinished(log.status);
  const hello = helloOf(log, last);
  yield documentStart(page, hello.name);
  yield await element('data-log', JSON.stringify({ hello, exportedAt: now, wasLive, filter: part?.filter }));
  const ids = createExportedIds(last);
  const from = Math.max(hello.first, part?.from ?? hello.first);
  const lines = { from, to: Math.min(last, part?.to ?? last) };
  yield* chunks(log, lines, await beforeLines(lines, hello.first, stamps), { part, exported: ids });
  const ask = (range?: IdRange) => outline(last, range);
  yield await element('data-outline', JSON.stringify(await (part ? outlineOfPart(ask, ids) : ask())));
  yield documentEnd;
}

/** Some lines before them say what they are part of, and when they are from. */
async function beforeLines(
  { from, to }: IdRange,
  first: number,
  stamps: ExportOptions['stamps'],
): Promise<EarlierStamps> {
  const begin = Math.max(first, from - recordLines);
  // Before line 1 nothing was said.
  if (begin === 1 || from > to) return noEarlierStamps(begin);
  const earlier = (await stamps({ from: begin, to })) ?? noEarlierStamps(begin);
  return { ...earlier, from: Math.max(first, earlier.from) };
}

interface Exporting {
  part: ExportPart | undefined;
  exported: ExportedIds;
}

async function* chunks(
  log: Log,
  { from: start, to: end }: IdRange,
  earlier: EarlierStamps,
  { part, exported }: Exporting,
): AsyncGenerator<string> {
  const stampBefore = createReadingStamps(earlier).find;
  const facts = createLineFactsReader(stampBefore);
  const choose = chooserOf(part, start, log.sources[0], stampBefore);
  const cursor = log.journal.read(earlier.from, end);
  let pieces: Buffer[] = [];
  let bytes = 0;
  let from = start;
  let to = start - 1;

  async function chunk(): Promise<string> {
    const head = Buffer.from(`${JSON.stringify(facts.take())}\n`);
    const made = await element(`data-lines="${from}-${to}"`, Buffer.concat([head, ...pieces]));
    pieces = [];
    bytes = 0;
    from = to + 1;
    return made;
  }

  try {
    for (let reading = await cursor.next(); reading !== undefined; reading = await cursor.next()) {
      if (reading.type === 'gap') {
        const gap = gapFrom(start, reading);
        if (gap === undefined) continue;
        pieces.push(Buffer.from(eventText('gap', gap)));
        to = reading.to;
        continue;
      }
      facts.read(reading.bytes);
      const chosen = choose(reading);
      const ids = idsIn(chosen.bytes);
      for (const id of ids) exported.add(id);
      facts.choose(ids, chosen.passedTo);
      if (chosen.bytes.length > 0) pieces.push(Buffer.from(chosen.bytes));
      bytes += chosen.bytes.length;
      to = Math.max(to, chosen.passedTo);
      reading.release();
      if (bytes >= chunkBytes) yield await chunk();
    }
    if (pieces.length > 0) yield await chunk();
  } finally {
    cursor.close();
  }
}

/** What of a block is exported. Lines up to `passedTo` are not asked for by any later one. */
interface Chosen {
  bytes: Buffer;
  passedTo: number;
}

function chooserOf(
  part: ExportPart | undefined,
  firstId: number,
  firstSource: string | undefined,
  stampBefore: StampFinder,
): (block: Block) => Chosen {
  const query = part?.query ?? everyLine;
  // As the page has them.
  const finder = createLineFinder({ ...query, isByPiece: true }, { firstId, firstSource, stampBefore });
  return (block) => {
    if (query === everyLine && block.firstId >= firstId) return { bytes: block.bytes, passedTo: block.lastId };
    const { bytes } = finder.take(block, Number.POSITIVE_INFINITY);
    return { bytes, passedTo: query === everyLine ? block.lastId : finder.safeId };
  };
}

const everyLine: LineQuery = { not: [], before: 0, after: 0 };

/** What the page is told first. A log that was still being written has no more to come here. */
function helloOf({ info, journal, sources, status }: Log, last: number): Hello {
  return {
    log: info.id,
    name: info.title ?? info.name,
    kind: info.kind,
    first: journal.firstId,
    last,
    sources: [...sources],
    status: isFinished(status) ? status : { state: 'stopped' },
    time: Date.now(),
    zone: timeZone(),
  };
}

async function element(attribute: string, content: string | Buffer): Promise<string> {
  return dataElement(attribute, await pack(content));
}
