import type { Log } from '../../journal/store.ts';
import { eventParcel, type Parcel } from '../socket/parcel.ts';
import type { Stream } from './stream.ts';

/** The responses under way that give lines. */
export interface Streams {
  /** How many of them are event streams. */
  readonly subscribers: number;
  /** Returns the way to take it out: when its client is gone or has got the end of the response. */
  add(stream: Stream, log: Log, kind: 'events' | 'raw'): () => void;
  /** To be called when a stream has caught up. */
  caughtUp(): void;
  /**
   * Asked by a stream before it waits with a block in hand, or lends one to a client that may take it late or never: whether it
   * may. Returns the way to say that it doesn't any more; undefined when enough others do.
   */
  keepBlock(why: 'waits' | 'lends'): (() => void) | undefined;
  /** Sends a `ping` to all of them. */
  ping(): void;
  /** Resolves with true once every client has everything there is, with false after `deadlineMs`. */
  drained(deadlineMs: number): Promise<boolean>;
  /** Ends them, each when it has caught up; those that come later as well. */
  stop(): void;
}

/** 12 MiB of blocks. */
const mostBlocksKept = 16;
/** Of these: a client that stalls has what it was lent until it is disconnected. */
const mostBlocksLent = 8;

export function createStreams(): Streams {
  const open = new Map<Stream, { log: Log; kind: 'events' | 'raw' }>();
  const drains = new Set<() => void>();
  let subscribers = 0;
  let isStopping = false;
  let blocksKept = 0;

  const isDrained = () => {
    for (const stream of open.keys()) if (!stream.isCaughtUp()) return false;
    return true;
  };
  const noteChange = () => {
    if (drains.size > 0 && isDrained()) for (const resolve of drains) resolve();
  };

  return {
    get subscribers() {
      return subscribers;
    },

    add(stream, log, kind) {
      open.set(stream, { log, kind });
      if (kind === 'events') subscribers++;
      if (isStopping) stream.stop();
      return () => {
        if (!open.delete(stream)) return;
        if (kind === 'events') subscribers--;
        noteChange();
      };
    },

    caughtUp: noteChange,

    keepBlock(why) {
      if (blocksKept >= (why === 'lends' ? mostBlocksLent : mostBlocksKept)) return undefined;
      blocksKept++;
      return () => {
        blocksKept--;
      };
    },

    ping() {
      const parcels = new Map<Log, Parcel>();
      for (const [stream, { log, kind }] of open) {
        if (kind === 'raw') continue;
        let parcel = parcels.get(log);
        if (parcel === undefined) {
          parcel = eventParcel('ping', { time: Date.now(), last: log.journal.lastId });
          parcels.set(log, parcel);
        }
        stream.tell(parcel);
      }
    },

    drained(deadlineMs) {
      if (isDrained()) return Promise.resolve(true);
      return new Promise((resolve) => {
        const settle = (isInTime: boolean) => {
          clearTimeout(timer);
          drains.delete(succeed);
          resolve(isInTime);
        };
        const succeed = () => settle(true);
        const timer = setTimeout(() => settle(false), deadlineMs);
        drains.add(succeed);
      });
    },

    stop() {
      isStopping = true;
      for (const stream of open.keys()) stream.stop();
    },
  };
}
