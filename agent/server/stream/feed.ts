import type { Block } from '../../frame/block.ts';
import { slicesOf } from '../../frame/slices.ts';
import type { Log } from '../../journal/store.ts';
import { isFinished } from '../../words/log.ts';
import { statusOf } from '../resources/events.ts';
import { createParcel, eventParcel, type Parcel } from '../socket/parcel.ts';
import { createScratch } from '../socket/scratch.ts';
import { createPartials, type PartialNews, type Partials } from './partials.ts';

/** A response that has caught up with its log. Called while a batch is announced: it must not wait. */
export interface Follower {
  /** A batch that is in the journal now, or a slice of it; `parcel` holds its bytes. */
  block(block: Block, parcel: Parcel): void;
  /** The log's status has changed, or whether its journal can be written. */
  status(parcel: Parcel): void;
  /** What is not a line yet has changed. */
  partial(news: PartialNews): void;
  /** The log has got its last line. */
  finished(): void;
}

/** The news of one log, for every response that has caught up. */
export interface Feed {
  readonly log: Log;
  readonly partials: Partials;
  /** To be called in the same turn in which `log.journal.lastId` was found to be known to the follower. */
  join(follower: Follower): void;
  leave(follower: Follower): void;
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

const scratch = createScratch();

function openFeed(log: Log): { feed: Feed; close(): void } {
  const followers = new Set<Follower>();
  const partials = createPartials(log.partials, (news) => {
    for (const follower of followers) follower.partial(news);
  });

  const leaveJournal = log.journal.subscribe({
    onBlock(block) {
      if (followers.size === 0) return;
      for (const slice of slicesOf(block)) {
        const parcel = createParcel(slice.bytes, scratch);
        for (const follower of followers) follower.block(slice, parcel);
      }
    },
    onTrouble: tellStatus,
  });
  const leaveLog = log.subscribe({
    onStatus(status) {
      if (!isFinished(status)) tellStatus();
      else for (const follower of followers) follower.finished();
    },
    onPartial: partials.changed,
  });

  function tellStatus(): void {
    if (followers.size === 0) return;
    const parcel = eventParcel('status', statusOf(log));
    for (const follower of followers) follower.status(parcel);
  }

  return {
    feed: {
      log,
      partials,
      join: (follower) => followers.add(follower),
      leave: (follower) => followers.delete(follower),
    },
    close() {
      leaveJournal();
      leaveLog();
      partials.close();
    },
  };
}
