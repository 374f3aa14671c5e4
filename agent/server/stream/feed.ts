import type { Block } from '../../frame/block.ts';
import { slicesOf } from '../../frame/slices.ts';
import type { Log } from '../../journal/store.ts';
import { isFinished } from '../../words/log.ts';
import { createChunkBuffer } from '../socket/chunk-buffer.ts';
import { createSharedChunk, eventChunk, type SharedChunk } from '../socket/shared-chunk.ts';
import { createPartials, type PartialNews, type Partials } from './partials.ts';
import { statusOf } from './status.ts';

/** A response that has caught up with its log. Called while a batch is announced: it must not wait. */
export interface Subscriber {
  /** A batch that is in the journal now, or a slice of it; `chunk` holds its bytes. */
  block(block: Block, chunk: SharedChunk): void;
  /** There is a large batch that it may read from the journal for itself, which then does not come as blocks. */
  burst?(): void;
  /** The log's status has changed, or whether its journal can be written. */
  status(chunk: SharedChunk): void;
  /** What is not a line yet has changed. */
  partial(news: PartialNews): void;
  /** The log has got its last line. */
  finished(): void;
}

/** The news of one log, for every response that has caught up. */
export interface Feed {
  readonly log: Log;
  readonly partials: Partials;
  /** To be called in the same turn in which `log.journal.lastId` was found to be known to the subscriber. */
  join(subscriber: Subscriber): void;
  leave(subscriber: Subscriber): void;
}

/** The feeds in use: one a log, from the first response that has caught up to the last. */
export interface Feeds {
  /** The log's feed; to be given back with `release`. */
  take(log: Log): Feed;
  release(feed: Feed): void;
}

export function createFeeds(): Feeds {
  const open = new Map<Log, { feed: Feed; users: number; close(): void }>();
  return {
    take(log) {
      let entry = open.get(log);
      if (entry === undefined) {
        entry = { ...openFeed(log), users: 0 };
        open.set(log, entry);
      }
      entry.users++;
      return entry.feed;
    },
    release(feed) {
      const entry = open.get(feed.log);
      if (entry === undefined || --entry.users > 0) return;
      open.delete(feed.log);
      entry.close();
    },
  };
}

const chunkBuffer = createChunkBuffer();

/**
 * A batch this large a few subscribers take from the journal's memory as a whole: slices that all of them share have to
 * be copied, and each one costs a write.
 */
const burstBytes = 256 * 1024;
const mostReaders = 4;

function openFeed(log: Log): { feed: Feed; close(): void } {
  const subscribers = new Set<Subscriber>();
  const partials = createPartials(log.partials, (news) => {
    for (const subscriber of subscribers) subscriber.partial(news);
  });

  const leaveJournal = log.journal.subscribe({
    onBlock(block) {
      if (log.journal.keepsBursts && block.bytes.length >= burstBytes && subscribers.size <= mostReaders) {
        for (const subscriber of subscribers) subscriber.burst?.();
      }
      if (subscribers.size === 0) return;
      for (const slice of slicesOf(block)) {
        const chunk = createSharedChunk(slice.bytes, chunkBuffer);
        for (const subscriber of subscribers) subscriber.block(slice, chunk);
      }
    },
    onTrouble: sendStatus,
  });
  const leaveLog = log.subscribe({
    onStatus(status) {
      if (!isFinished(status)) sendStatus();
      else for (const subscriber of subscribers) subscriber.finished();
    },
    onPartial: partials.changed,
  });

  function sendStatus(): void {
    if (subscribers.size === 0) return;
    const chunk = eventChunk('status', statusOf(log));
    for (const subscriber of subscribers) subscriber.status(chunk);
  }

  return {
    feed: {
      log,
      partials,
      join: (subscriber) => subscribers.add(subscriber),
      leave: (subscriber) => subscribers.delete(subscriber),
    },
    close() {
      leaveJournal();
      leaveLog();
      partials.close();
    },
  };
}
