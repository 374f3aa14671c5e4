/**
 * Why a stream is over.
 * - `lost`: it couldn't be reached, or it broke off or ended
 * - `refused`: there was an answer, but not a stream; `status` is its HTTP status where it can be known
 */
export type StreamEnd = { kind: 'lost' } | { kind: 'refused'; status?: number };

export interface StreamListener {
  /** The request is under way: what opens the stream may have to be loaded first. */
  asked(): void;
  /** `type` is `message` for lines. */
  event(type: string, data: string, lastEventId: string): void;
  /** Called once, and nothing after it; never after `close()`. */
  end(reason: StreamEnd): void;
}

/** One connection to an events resource. It does not reconnect: whoever opened it decides when and from which id. */
export interface EventStream {
  close(): void;
}

export type OpenStream = (url: string, listener: StreamListener) => EventStream;
