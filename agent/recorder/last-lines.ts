import { visitEvents } from '../frame/scan.ts';
import type { Journal } from '../journal/journal.ts';
import type { Origin, Stream } from '../words/line.ts';

/**
 * The last stored line of each source and stream: what a text continues from after a restart. Told once: whoever asks
 * again has written since.
 */
export type LastLines = (source: string | undefined, stream: Stream) => LastLine | undefined;

export interface LastLine {
  bytes: Buffer;
  /** It is a piece of a line that has not ended. */
  isContinued: boolean;
}

/** Far enough back to meet the source of every log but those of very many sources. */
const linesBack = 1000;

export async function readLastLines(journal: Journal): Promise<LastLines> {
  const lines = new Map<string, LastLine>();
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
  return (source, stream) => {
    const line = lines.get(key(source, stream));
    lines.delete(key(source, stream));
    return line;
  };
}

function noteLines(bytes: Buffer, lines: Map<string, LastLine>): void {
  let origin: Origin = { time: 0 };
  visitEvents(bytes, {
    origin(next) {
      origin = next;
    },
    line(start, end) {
      if (origin.kind !== undefined) return;
      const line = { bytes: Buffer.from(bytes.subarray(start, end)), isContinued: origin.continued === true };
      lines.set(key(origin.source, origin.stream ?? 'stdout'), line);
    },
  });
}

function key(source: string | undefined, stream: Stream): string {
  return `${stream} ${source ?? ''}`;
}
