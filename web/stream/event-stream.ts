import type { OpenStream } from './stream.ts';

/** A stream through EventSource, which dispatches named events only to listeners of that name: hence `types`. */
export function nativeStream(types: readonly string[]): OpenStream {
  return (url, listener) => {
    const source = new EventSource(url);
    const onEvent = (event: MessageEvent<string>) => listener.event(event.type, event.data, event.lastEventId);
    for (const type of ['message', ...types]) source.addEventListener(type, onEvent);
    source.onerror = () => {
      // CLOSED: the answer was no stream, and EventSource has given up for good. Otherwise it would reconnect by
      // itself; closing it keeps one reconnection logic, one countdown and one place that knows the last id.
      const refused = source.readyState === EventSource.CLOSED;
      source.close();
      listener.end({ kind: refused ? 'refused' : 'lost' });
    };
    listener.asked();
    return { close: () => source.close() };
  };
}
