import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { eventText } from '../frame/events.ts';
import type { Log } from '../journal/store.ts';
import type { Outline } from '../words/finding.ts';
import { isFinished } from '../words/log.ts';
import type { Hello } from '../words/wire.ts';
import { dataElement, documentEnd, documentStart, type ExportPage } from './export-page.ts';
import { createLineFactsReader } from './line-facts.ts';

export interface ExportOptions {
  page: ExportPage;
  /** The whole log's outline, up to line `to`. */
  outline(to: number): Promise<Outline>;
  /** Milliseconds since the epoch. */
  now: number;
}

/** Bytes of events that are packed together: the page unpacks so much to show a line. */
const chunkBytes = 768 * 1024;
const pack = promisify(gzip);

/**
 * A log as one HTML file that shows it offline. Comes in pieces, and holds no more than one of them in memory.
 *
 * @throws SseTailError kind `journal` when the log can't be read
 */
export async function* exportLog(log: Log, { page, outline, now }: ExportOptions): AsyncGenerator<string> {
  const { journal } = log;
  const last = journal.lastId;
  const wasLive = !isFinished(log.status);
  const hello = helloOf(log, last);
  yield documentStart(page, hello.name);
  yield await element('data-log', JSON.stringify({ hello, exportedAt: now, wasLive }));
  yield* chunks(log, hello.first, last);
  yield await element('data-outline', JSON.stringify(await outline(last)));
  yield documentEnd;
}

async function* chunks({ journal }: Log, first: number, last: number): AsyncGenerator<string> {
  const facts = createLineFactsReader();
  const cursor = journal.read(first, last);
  let pieces: Buffer[] = [];
  let bytes = 0;
  let from = first;
  let to = first - 1;

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
        pieces.push(Buffer.from(eventText('gap', { from: reading.from, to: reading.to, reason: reading.reason })));
        to = reading.to;
        continue;
      }
      facts.read(reading.bytes);
      pieces.push(Buffer.from(reading.bytes));
      bytes += reading.bytes.length;
      to = reading.lastId;
      reading.release();
      if (bytes >= chunkBytes) yield await chunk();
    }
    if (pieces.length > 0) yield await chunk();
  } finally {
    cursor.close();
  }
}

/** What the page is told first. A log that was still being written has no more to come here. */
function helloOf({ info, journal, sources, status }: Log, last: number): Hello {
  return {
    log: info.id,
    name: info.title ?? info.name,
    first: journal.firstId,
    last,
    sources: [...sources],
    status: isFinished(status) ? status : { state: 'stopped' },
    time: Date.now(),
  };
}

async function element(attribute: string, content: string | Buffer): Promise<string> {
  return dataElement(attribute, await pack(content));
}
