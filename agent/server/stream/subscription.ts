import type { Log } from '../../journal/store.ts';
import type { Feed, Feeds, Subscriber } from './feed.ts';

/** How a response gets the news of its log: it joins the feed whenever it has caught up, and leaves it to read. */
export class Subscription {
  readonly #subscriber: Subscriber;
  readonly #feeds: Feeds;
  readonly #log: Log;
  #feed: Feed | undefined;
  /** Set while it has joined: ends the wait of `join`. */
  #wake: (() => void) | undefined;

  constructor(subscriber: Subscriber, feeds: Feeds, log: Log) {
    this.#subscriber = subscriber;
    this.#feeds = feeds;
    this.#log = log;
  }

  /** Taken when it is asked for first: most responses give a part of the log, and never catch up. */
  get feed(): Feed {
    this.#feed ??= this.#feeds.take(this.#log);
    return this.#feed;
  }

  get hasJoined(): boolean {
    return this.#wake !== undefined;
  }

  /** Resolves when it has left. To be called in the turn in which there was nothing more to read. */
  join(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.feed.join(this.#subscriber);
    });
  }

  /** Returns whether it had joined. */
  leave(): boolean {
    const wake = this.#wake;
    if (wake === undefined) return false;
    this.#wake = undefined;
    this.feed.leave(this.#subscriber);
    wake();
    return true;
  }

  /** Leaves for good. */
  end(): void {
    this.leave();
    if (this.#feed !== undefined) this.#feeds.release(this.#feed);
    this.#feed = undefined;
  }
}
