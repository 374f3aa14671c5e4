import type { PartialRows } from '../../words/wire.ts';
import { eventChunk, type SharedChunk } from '../socket/shared-chunk.ts';

/** What is not a line yet in one log, as its clients know it: at most ten times a second for each source. */
export interface Partials {
  /** Counts what was sent: a client that was away gets `since(version)` of the moment it left. */
  readonly version: number;
  /** A source's unfinished rows are these now. */
  changed(partial: PartialRows): void;
  /** What was sent since a version, each source's newest only; for version 0 only what there is. */
  since(version: number): PartialNews[];
  close(): void;
}

/** What goes out of a partial: as bytes, and what these say. */
export interface PartialNews {
  partial: PartialRows;
  chunk: SharedChunk;
}

interface Entry {
  /** As it was sent last. */
  sent: PartialRows;
  version: number;
  /** When the next may be sent. */
  nextAt: number;
  /** The newest, waiting for that moment. */
  waiting?: PartialRows;
  timer?: NodeJS.Timeout;
}

const intervalMs = 100;

/** @param initial what there is already; @param send sends an event to every client that has caught up */
export function createPartials(initial: readonly PartialRows[], send: (news: PartialNews) => void): Partials {
  const entries = new Map<string, Entry>();
  let version = 1;
  for (const partial of initial) entries.set(keyOf(partial), { sent: partial, version, nextAt: 0 });

  function sendNow(entry: Entry, partial: PartialRows, now: number): void {
    clearTimeout(entry.timer);
    delete entry.timer;
    delete entry.waiting;
    entry.sent = partial;
    entry.version = ++version;
    entry.nextAt = Math.max(now, entry.nextAt) + intervalMs;
    send(newsOf(partial));
  }

  return {
    get version() {
      return version;
    },

    changed(partial) {
      const key = keyOf(partial);
      let entry = entries.get(key);
      if (entry === undefined) {
        entry = { sent: { ...partial, rows: [] }, version: 0, nextAt: 0 };
        entries.set(key, entry);
      }
      const now = performance.now();
      const isGone = partial.rows.length === 0;
      if (isGone && entry.sent.rows.length === 0) {
        clearTimeout(entry.timer);
        delete entry.timer;
        delete entry.waiting;
        return;
      }
      // Rows that became lines must not stand beside them. The next rows wait the longer for it.
      if (isGone || now >= entry.nextAt) {
        sendNow(entry, partial, now);
        return;
      }
      entry.waiting = partial;
      const waiting = entry;
      entry.timer ??= setTimeout(() => {
        if (waiting.waiting !== undefined) sendNow(waiting, waiting.waiting, performance.now());
      }, entry.nextAt - now);
    },

    since(seen) {
      const news: PartialNews[] = [];
      for (const { sent, version: sentAs } of entries.values()) {
        const isNews = seen === 0 ? sent.rows.length > 0 : sentAs > seen;
        if (isNews) news.push(newsOf(sent));
      }
      return news;
    },

    close() {
      for (const { timer } of entries.values()) clearTimeout(timer);
    },
  };
}

function newsOf(partial: PartialRows): PartialNews {
  return { partial, chunk: eventChunk('partial', partial) };
}

function keyOf({ source, stream }: PartialRows): string {
  return `${stream ?? ''}:${source ?? ''}`;
}
