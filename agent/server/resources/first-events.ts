import { setTimeout as sleep } from 'node:timers/promises';
import { visitEvents } from '../../frame/scan.ts';
import type { Cursor } from '../../journal/journal.ts';
import type { Log } from '../../journal/store.ts';
import type { Origin } from '../../words/line.ts';
import type { FirstEvents, Hello } from '../../words/wire.ts';

/** About two screens. */
const mostLines = 128;
/** What goes out at once on a new connection, compressed. */
const mostTextBytes = 16 * 1024;
/** Where lines are longer, the stream brings them. */
const mostReadBytes = 256 * 1024;
/** A document is not held up by a disk or a store that is slow. */
const longestReadMs = 150;

interface FirstLine {
  id: number;
  text: string;
  origin: Origin;
}

/** What a log's stream would begin with: its document carries it, so that it shows without another request. */
export async function firstEvents({ journal }: Log, hello: Hello): Promise<FirstEvents> {
  const { first, last } = hello;
  const cursor = journal.read(Math.max(first, last - mostLines + 1), last);
  try {
    // What can't be read the stream says.
    const reading = newestLines(cursor).catch(() => []);
    const lines = await Promise.race([reading, sleep(longestReadMs, [], { ref: false })]);
    return [['hello', JSON.stringify(hello)], ...eventsOf(lines.at(-1)?.id === last ? lines : [])];
  } finally {
    cursor.close();
  }
}

/** Those before them are there on request. */
async function newestLines(cursor: Cursor): Promise<FirstLine[]> {
  const lines: FirstLine[] = [];
  let readBytes = 0;
  for (let block = await cursor.next(); block !== undefined; block = await cursor.next()) {
    if (block.type === 'gap') return [];
    readBytes += block.bytes.length;
    if (readBytes <= mostReadBytes) readLines(block, lines);
    block.release();
    if (readBytes > mostReadBytes) return [];
  }
  let textBytes = 0;
  let from = lines.length;
  for (const { text } of lines.toReversed()) {
    textBytes += Buffer.byteLength(text);
    if (textBytes > mostTextBytes) break;
    from--;
  }
  return lines.slice(from);
}

function readLines({ bytes, firstId }: { bytes: Buffer; firstId: number }, lines: FirstLine[]): void {
  let origin: Origin = { time: 0 };
  let id = firstId;
  visitEvents(bytes, {
    origin(next) {
      origin = next;
    },
    line: (start, end) => lines.push({ id: id++, text: bytes.toString('utf8', start, end), origin }),
  });
}

function eventsOf(lines: readonly FirstLine[]): FirstEvents {
  return lines.flatMap(({ id, text, origin }, at) =>
    origin === lines[at - 1]?.origin
      ? [[id, text]]
      : [
          ['origin', JSON.stringify(origin)],
          [id, text],
        ],
  );
}
