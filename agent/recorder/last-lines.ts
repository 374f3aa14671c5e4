import { visitEvents } from '../frame/scan.ts';
import type { Journal } from '../journal/journal.ts';
import type { Origin, Stream } from '../words/line.ts';

/** The last stored line of each source and stream, as bytes: what a text continues from after a restart. */
export type LastLines = (source: string | undefined, stream: Stream) => Buffer | undefined;

/** Far enough back to meet the source of every log but those of very many sources. */
const linesBack = 1000;

export async function readLastLines(journal: Journal): Promise<LastLines> {
  const lines = new Map<string, Buffer>();
  const cursor = journal.read(Math.max(journal.firstId, journal.lastId - linesBack + 1));
  try {
    for (let reading = await cursor.next(); reading !== undefined; reading = await cursor.next()) {
      if (reading.type === 'gap') continue;
      noteLines(reading.bytes, lines);
      reading.release();
    }
  } finally {
    cursor.close();
  }
  return (source, stream) => lines.get(key(source, stream));
}

function noteLines(bytes: Buffer, lines: Map<string, Buffer>): void {
  let origin: Origin = { time: 0 };
  visitEvents(bytes, {
    origin(next) {
      origin = next;
    },
    line(start, end) {
      if (origin.kind === undefined) {
        lines.set(key(origin.source, origin.stream ?? 'stdout'), Buffer.from(bytes.subarray(start, end)));
      }
    },
  });
}

function key(source: string | undefined, stream: Stream): string {
  return `${stream} ${source ?? ''}`;
}
