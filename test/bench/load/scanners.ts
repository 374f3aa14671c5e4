import { countId, countLine, type Latencies, type Tally } from './tally.ts';
import type { Protocol } from './target.ts';

/**
 * Takes apart `bytes[start, end)` and returns where the first incomplete item begins: it is given again, in front of
 * what follows. Written so that the client is not what the benchmark measures: no string, no object per line.
 * @param stopAt number of the line after which nothing more is to be counted; scanning ends there
 */
export type Scanner = (bytes: Buffer, start: number, end: number, stopAt: number) => number;

export interface Counters {
  tally: Tally;
  latencies: Latencies | undefined;
  /** Events other than lines, by name. */
  events: Map<string, number>;
}

export function createScanner(protocol: Protocol, counters: Counters): Scanner {
  switch (protocol) {
    case 'sse':
      return sseScanner(counters);
    case 'lines':
      return lineScanner(counters);
    case 'bytes':
      return (_bytes, _start, end) => end;
    case 'websocket':
      return messageScanner(counters, () => 0);
    case 'socket.io': {
      const mark = '["line","';
      return messageScanner(counters, (bytes, start, end) => {
        const at = bytes.subarray(start, Math.min(end, start + 200)).indexOf(mark);
        return at < 0 ? -1 : at + mark.length;
      });
    }
  }
}

const lf = 0x0a;
const zero = 0x30;
const quote = 0x22;

function sseScanner({ tally, latencies, events }: Counters): Scanner {
  return (bytes, start, end, stopAt) => {
    let at = start;
    while (at < end && tally.lastNumber < stopAt) {
      const hasId = bytes[at] === 0x69; /* id: */
      let id = 0;
      let idEnd = hasId ? at + 4 : at;
      while (hasId && isDigit(bytes[idEnd] as number)) id = id * 10 + (bytes[idEnd++] as number) - zero;
      const isNumber = bytes[idEnd] === lf;
      // nchan's ids are no numbers of lines: `1763622000:7`.
      if (hasId && !isNumber) idEnd = bytes.indexOf(lf, idEnd);
      let data = hasId ? idEnd + 1 : at;
      // One search for each line, as in `lineScanner`: it is most of what a line costs.
      const next = idEnd < at ? -1 : endOfEvent(bytes, data, end);
      if (next < 0) return at;
      if (hasId && isNumber) countId(tally, id);
      if (bytes[data] === 0x64 /* data: */) {
        data += bytes[data + 6] === quote ? 7 : 6;
        countLine(tally, bytes, data);
        latencies?.count(bytes, data);
        if (tally.lastNumber >= stopAt) tally.cutAtId = bytes.toString('latin1', at + 4, idEnd);
      } else if (bytes[data] === 0x65 /* event: */) {
        const name = bytes.toString('latin1', data + 7, bytes.indexOf(lf, data));
        events.set(name, (events.get(name) ?? 0) + 1);
      }
      at = next;
    }
    return at;
  };
}

/** Where the event after the one with a field at `start` begins, or -1 while its empty line is not there. */
function endOfEvent(bytes: Buffer, start: number, end: number): number {
  let at = start;
  for (;;) {
    at = bytes.indexOf(lf, at) + 1;
    if (at === 0 || at >= end) return -1;
    if (bytes[at] === lf) return at + 1;
  }
}

function isDigit(byte: number): boolean {
  return byte >= zero && byte <= zero + 9;
}

function lineScanner({ tally, latencies }: Counters): Scanner {
  return (bytes, start, end, stopAt) => {
    let at = start;
    while (at < end && tally.lastNumber < stopAt) {
      const next = bytes.indexOf(lf, at) + 1;
      if (next === 0 || next > end) return at;
      countLine(tally, bytes, at);
      latencies?.count(bytes, at);
      at = next;
    }
    return at;
  };
}

/** WebSocket frames of a server (RFC 6455, 5.2): unmasked, and of these peers never fragmented. */
function messageScanner(
  { tally, latencies }: Counters,
  lineOffset: (bytes: Buffer, start: number, end: number) => number,
): Scanner {
  // A peer's messages all look the same, so the offset is looked for once, with the first line.
  let offset: number | undefined;
  return (bytes, start, end, stopAt) => {
    let at = start;
    while (at + 2 <= end && tally.lastNumber < stopAt) {
      let data = at + 2;
      let length = (bytes[at + 1] as number) & 0x7f;
      if (length === 126) {
        if (at + 4 > end) return at;
        length = bytes.readUInt16BE(at + 2);
        data = at + 4;
      }
      if (data + length > end) return at;
      if (offset === undefined) {
        const found = lineOffset(bytes, data, data + length);
        if (found >= 0) offset = found;
      }
      if (offset !== undefined && length > offset) {
        countLine(tally, bytes, data + offset);
        latencies?.count(bytes, data + offset);
      }
      at = data + length;
    }
    return at;
  };
}
