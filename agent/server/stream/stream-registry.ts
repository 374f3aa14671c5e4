import type { Log } from '../../journal/store.ts';
import { eventChunk, type SharedChunk } from '../socket/shared-chunk.ts';
import type { Stream } from './stream.ts';

/** The responses with lines that are under way. */
export interface Streams {
  /** How many of them are event streams. */
  readonly subscribers: number;
  /** How many lines the slowest of all of them has not been sent. */
  readonly lag: number;
  /** Returns the way to take it out: when its client is gone or has got the end of the response. */
  add(stream: Stream, log: Log, kind: 'events' | 'raw'): () => void;
  /** Counts a response that is not a stream, an export, among what drains. Returns what to call at its end. */
  hold(): () => void;
  /** To be called when a stream has caught up. */
  caughtUp(): void;
  /** Sends a `ping` to all of them. */
  ping(): void;
  /** Resolves with true once every client has everything there is, with false after `deadlineMs`. */
  drained(deadlineMs: number): Promise<boolean>;
  /** Ends them, each when it has caught up; those that come later as well. */
  stop(): void;
}

export function createStreams(): Streams {
  const open = new Map<Stream, { log: Log; kind: 'events' | 'raw' }>();
  const drains = new Set<() => void>();
  const held = new Set<symbol>();
  let subscribers = 0;
  let isStopping = false;

  const isDrained = () => {
    if (held.size > 0) return false;
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

    get lag() {
      let most = 0;
      for (const [stream, { log }] of open) most = Math.max(most, log.journal.lastId - stream.nextId + 1);
      return most;
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

    hold() {
      const response = Symbol();
      held.add(response);
      return () => {
        if (held.delete(response)) noteChange();
      };
    },

    caughtUp: noteChange,

    ping() {
      const chunks = new Map<Log, SharedChunk>();
      for (const [stream, { log, kind }] of open) {
        if (kind === 'raw') continue;
        let chunk = chunks.get(log);
        if (chunk === undefined) {
          chunk = eventChunk('ping', { time: Date.now(), last: log.journal.lastId });
          chunks.set(log, chunk);
        }
        stream.send(chunk);
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
