import { createEventParser } from './event-parser.ts';
import type { OpenStream, StreamEnd, StreamListener } from './stream.ts';

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
