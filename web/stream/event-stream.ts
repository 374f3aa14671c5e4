import type { EventStream, OpenStream } from './stream.ts';

/** The browser's EventSource where there is one, else fetch. */
export function streamOpener(types: readonly string[]): OpenStream {
  return typeof EventSource === 'function' ? nativeStream(types) : lazyFetchStream;
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

/** Its script is loaded by the few browsers that need it. */
const lazyFetchStream: OpenStream = (url, listener) => {
  let stream: EventStream | 'closed' | undefined;
  import('./fetch-stream.ts').then(
    ({ fetchStream }) => {
      if (stream !== 'closed') stream = fetchStream(url, listener);
    },
    () => {
      if (stream !== 'closed') listener.end({ kind: 'lost' });
    },
  );
  return {
    close() {
      if (typeof stream === 'object') stream.close();
      stream = 'closed';
    },
  };
};
