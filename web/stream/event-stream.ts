import { createEventParser } from './event-parser.ts';

/**
 * Why a stream is over.
 * - `lost`: it couldn't be reached, or it broke off or ended
 * - `refused`: there was an answer, but not a stream; `status` is its HTTP status where it can be known
 */
export type StreamEnd = { kind: 'lost' } | { kind: 'refused'; status?: number };

export interface StreamListener {
  /** The answer has begun. */
  open(): void;
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

/** The browser's EventSource where there is one, else fetch. */
export function streamOpener(types: readonly string[]): OpenStream {
  return typeof EventSource === 'function' ? nativeStream(types) : fetchStream;
}

/** A stream through EventSource, which dispatches named events only to listeners of that name: hence `types`. */
function nativeStream(types: readonly string[]): OpenStream {
  return (url, listener) => {
    const source = new EventSource(url);
    const onEvent = (event: MessageEvent<string>) => listener.event(event.type, event.data, event.lastEventId);
    for (const type of ['message', ...types]) source.addEventListener(type, onEvent);
    source.onopen = () => listener.open();
    source.onerror = () => {
      // CLOSED: the answer was no stream, and EventSource has given up for good. Otherwise it would reconnect by
      // itself; closing it keeps one reconnection logic, one countdown and one place that knows the last id.
      const refused = source.readyState === EventSource.CLOSED;
      source.close();
      listener.end({ kind: refused ? 'refused' : 'lost' });
    };
    return { close: () => source.close() };
  };
}

/** A stream through fetch: takes the place of EventSource where there is none. */
export const fetchStream: OpenStream = (url, listener) => {
  const controller = new AbortController();
  readStream(url, listener, controller.signal).then(
    (reason) => {
      if (!controller.signal.aborted) listener.end(reason);
    },
    () => {
      if (!controller.signal.aborted) listener.end({ kind: 'lost' });
    },
  );
  return { close: () => controller.abort() };
};

async function readStream(url: string, listener: StreamListener, signal: AbortSignal): Promise<StreamEnd> {
  const response = await fetch(url, { signal, cache: 'no-store', headers: { accept: 'text/event-stream' } });
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
  if (response.status !== 200 || !isStream || !response.body) {
    await response.body?.cancel();
    return { kind: 'refused', status: response.status };
  }
  listener.open();
  const parser = createEventParser((type, data, id) => {
    if (!signal.aborted) listener.event(type, data, id);
  });
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    parser.push(decoder.decode(piece.value, { stream: true }));
  }
  return { kind: 'lost' };
}
