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

/** Only what is the last line after a block is copied: lines may be long, and there are a thousand of them. */
function noteLines(bytes: Buffer, lines: Map<string, LastLine>): void {
  const last = new Map<string, LastLine>();
  let origin: Origin = { time: 0 };
  let speaker = '';
  visitEvents(bytes, {
    origin(next) {
      origin = next;
      speaker = key(origin.source, origin.stream ?? 'stdout');
    },
    line(start, end) {
      if (origin.kind !== undefined) return;
      last.set(speaker, { bytes: bytes.subarray(start, end), isContinued: origin.continued === true });
    },
  });
  for (const [speaker, line] of last) lines.set(speaker, { ...line, bytes: Buffer.from(line.bytes) });
}

function key(source: string | undefined, stream: Stream): string {
  return `${stream} ${source ?? ''}`;
}
