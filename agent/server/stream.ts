import type { Block, Cursor, LentBlock } from '../journal/journal.ts';
import type { Log } from '../journal/store.ts';
import { isFinished } from '../log.ts';
import type { Gap } from '../wire.ts';
import { statusOf } from './events.ts';
import type { Feed, Feeds, Follower } from './feed.ts';
import type { Form } from './form.ts';
import type { Outlet } from './outlet.ts';
import { eventParcel, type Parcel } from './parcel.ts';
import type { Range } from './range.ts';
import type { Skim } from './skim.ts';
import { slicesOf } from './slices.ts';

/** A response that gives lines: a position in the journal that moves towards its end. */
export interface Stream {
  /** Whether the client has everything there is and waits for more. */
  isCaughtUp(): boolean;
  /** Gives what is asked for; resolves when that has been done or the client is gone, rejects when the journal can't be read. */
  run(): Promise<void>;
  /** Gives an event between two blocks of lines, unless the client is behind. */
  tell(parcel: Parcel): void;
  /** Ends it when it has caught up; it goes on with what it has to give until then. */
  stop(): void;
}

export interface StreamOptions {
  log: Log;
  feeds: Feeds;
  range: Range;
  form: Form;
  outlet: Outlet;
  skim?: Skim;
  /** Goes on after the end of the log until the client leaves or `stop` is called. */
  stays?: boolean;
  /** Asked before it waits with a block in hand. Returns the way to say that it does no more; undefined: give it back. */
  keepBlock(): (() => void) | undefined;
  /** Called whenever it has caught up. */
  onCaughtUp?(): void;
}

/** A client that takes longer is stalled, or so slow that reading a block anew doesn't matter. */
const longestKeepMs = 250;

export function createStream(options: StreamOptions): Stream {
  const { log, feeds, range, form, outlet, skim, stays = false, keepBlock, onCaughtUp } = options;
  const { journal } = log;
  const statusNow = () => JSON.stringify(statusOf(log));
  let nextId = range.nextId;
  let linesLeft = range.lineLimit;
  let toldStatus = statusNow();
  let seenPartials = 0;
  /** Lines that can't be given: told once it is known where they end, as a range may be found out bit by bit. */
  let untoldGap: Gap | undefined;
  /** Taken when it has caught up for the first time: most responses give a part of the log and never do. */
  let feed: Feed | undefined;
  let isStopping = false;
  /** Set while it follows: ends that. */
  let leaveFeed: (() => void) | undefined;

  const lastWanted = () => Math.min(range.endId, nextId + linesLeft - 1);
  const lastReady = () => Math.min(journal.lastId, lastWanted());

  async function run(): Promise<void> {
    try {
      while (outlet.isOpen) {
        if (outlet.isBehind) await outlet.ready();
        else if (nextId <= lastReady()) await catchUp();
        else if (nextId > lastWanted() || (isFinished(log.status) && !stays) || isStopping) return finish();
        // Between finding that there is nothing more to read and joining the feed nothing can be appended: no await.
        else await follow();
      }
    } finally {
      leaveFeed?.();
      if (feed !== undefined) feeds.release(feed);
    }
  }

  /** Reads the journal from `nextId` at the client's own pace. */
  async function catchUp(): Promise<void> {
    if (nextId < journal.firstId) {
      giveGap({ from: nextId, to: Math.min(journal.firstId - 1, range.endId), reason: 'retention' });
      return;
    }
    if (skim !== undefined) await skimAhead(skim);
    const untilId = skim === undefined ? lastWanted() : Math.min(lastReady(), nextId + skim.allowance() - 1);
    if (!outlet.isOpen || untilId < nextId) return;

    const startId = nextId;
    const cursor = journal.read(nextId, Number.isFinite(untilId) ? untilId : undefined);
    try {
      while (outlet.isOpen && nextId <= Math.min(untilId, lastReady())) {
        if (outlet.isBehind) await outlet.ready();
        else if (!(await giveNext(cursor))) break;
      }
      // The journal holds these lines and doesn't give them: it was closed.
      if (nextId === startId) outlet.cut();
    } finally {
      cursor.close();
    }
  }

  /** Passes over what is more than the client can read, once it is clear that it is. */
  async function skimAhead(skim: Skim): Promise<void> {
    const excess = () => Math.min(journal.lastId, range.endId) - nextId + 1 - skim.allowance();
    if (excess() <= 0) return;
    await outlet.pause(skim.waitMs());
    const lines = excess();
    if (lines <= 0 || skim.allowance() < 1) return;
    tellGap();
    outlet.write(form.skip({ from: nextId, to: nextId + lines - 1 }));
    nextId += lines;
  }

  /** In a function of its own: one that waits for a stalled client would hold on to the block that it gave last. */
  async function giveNext(cursor: Cursor): Promise<boolean> {
    const reading = await cursor.next();
    if (reading === undefined) return false;
    if (reading.type === 'gap') giveGap(reading);
    else await giveBlock(reading, cursor);
    return true;
  }

  /** Piece by piece, as far as the client takes it. The rest is read again later: there may be a thousand clients that take nothing. */
  async function giveBlock(block: LentBlock, cursor: Cursor): Promise<void> {
    tellGap();
    for (const slice of slicesOf(block)) {
      outlet.write(form.block(slice));
      taken(slice);
      const isWhole = nextId > block.lastId;
      if (isWhole || !outlet.isOpen || (outlet.isBehind && !(await isSoonReady()))) break;
    }
    block.release();
    cursor.seek(nextId);
  }

  /** Waits with a block in hand. */
  async function isSoonReady(): Promise<boolean> {
    const done = keepBlock();
    if (done === undefined) return false;
    const isReady = await outlet.ready(longestKeepMs);
    done();
    return isReady;
  }

  function giveGap({ from, to, reason }: Gap): void {
    if (untoldGap?.reason !== reason) tellGap();
    untoldGap = { from: untoldGap?.from ?? from, to, reason };
    nextId = to + 1;
  }

  function tellGap(): void {
    if (untoldGap !== undefined) outlet.write(form.gap(untoldGap));
    untoldGap = undefined;
  }

  function taken({ firstId, lastId }: Block): void {
    const lines = lastId - firstId + 1;
    nextId = lastId + 1;
    linesLeft -= lines;
    skim?.spend(lines);
  }

  /** Gets what is announced from now on; resolves when it has to read for itself again, or is done. */
  function follow(): Promise<void> {
    tellGap();
    const joined = feed ?? feeds.take(log);
    feed = joined;
    tellNews(joined);
    if (outlet.isBehind || !outlet.isOpen) return Promise.resolve();
    return new Promise((resolve) => {
      leaveFeed = () => {
        leaveFeed = undefined;
        joined.leave(follower);
        seenPartials = joined.partials.version;
        resolve();
      };
      joined.join(follower);
      onCaughtUp?.();
    });
  }

  /** What happened beside the lines while it read them. */
  function tellNews({ partials }: Feed): void {
    if (!form.hasEvents) return;
    if (toldStatus !== statusNow()) {
      toldStatus = statusNow();
      outlet.share(eventParcel('status', statusOf(log)));
    }
    for (const partial of partials.since(seenPartials)) outlet.share(partial);
    seenPartials = partials.version;
  }

  const follower: Follower = {
    block(block, parcel) {
      if (block.lastId < nextId) return;
      const isWanted = block.firstId === nextId && block.lastId <= lastWanted();
      if (!isWanted || (skim !== undefined && skim.allowance() <= block.lastId - block.firstId)) {
        leaveFeed?.();
        return;
      }
      outlet.share(form.shared(block, parcel));
      taken(block);
      if (outlet.isBehind || !outlet.isOpen || nextId > lastWanted()) leaveFeed?.();
    },
    status(parcel) {
      toldStatus = statusNow();
      follower.tell(parcel);
    },
    tell(parcel) {
      if (!form.hasEvents) return;
      outlet.share(parcel);
      if (outlet.isBehind || !outlet.isOpen) leaveFeed?.();
    },
    finished: () => leaveFeed?.(),
  };

  function finish(): void {
    tellGap();
    const isWholeLog = nextId > journal.lastId && isFinished(log.status);
    if (form.hasEvents && isWholeLog) outlet.share(eventParcel('status', statusOf(log)));
    outlet.write(form.end());
    outlet.end();
  }

  return {
    isCaughtUp: () => leaveFeed !== undefined,
    run,
    tell(parcel) {
      if (form.hasEvents && outlet.isOpen && !outlet.isBehind) outlet.share(parcel);
    },
    stop() {
      isStopping = true;
      leaveFeed?.();
    },
  };
}
