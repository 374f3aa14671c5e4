import { nativeStream } from '../event-stream.ts';
import { eventTypes } from '../event-types.ts';
import { fetchStatus, polledStream } from '../polled-stream.ts';
import { readEvents } from '../read-events.ts';
import { createHub, type Hub, type ReadOnce, type StreamNews } from './hub.ts';

/** What a page asks for. `lock` is the name of a Web Lock that the page holds as long as it lives. */
export type SharedOrder =
  | { order: 'open'; stream: number; url: string }
  | { order: 'close'; stream: number }
  | { order: 'lock'; name: string };

/** What happened in a page's streams, in order. */
export type SharedNews = { stream: number; news: StreamNews }[];

/**
 * Streams of several logs; those beyond are asked for again and again, so that connections are left for everything
 * else.
 */
const mostLive = 2;

const readOnce: ReadOnce = async (url, event, signal) => {
  const { how } = await readEvents(url, signal, event, () => undefined);
  if (how !== 'nothing') return how === 'done';
  // A page that has every line already waits to hear what log this is.
  const hello = await fetchStatus(new URL('status', url).href, signal);
  if (hello) event('hello', JSON.stringify(hello), '');
  return hello !== undefined;
};
const live = nativeStream(eventTypes);
const polled = polledStream();
const hub: Hub = createHub({
  openLive: (url, listener) => (hub.streams <= mostLive ? live : polled)(url, listener),
  readOnce,
});

addEventListener('connect', (event) => {
  const [port] = (event as MessageEvent).ports;
  if (port) serve(port);
});

function serve(port: MessagePort): void {
  const open = new Map<number, () => void>();
  let gathered: SharedNews = [];

  /** Messages cost more than what is in them. */
  function tell(stream: number, news: StreamNews): void {
    if (gathered.length === 0) setTimeout(flush, gatherMs);
    gathered.push({ stream, news });
  }

  function flush(): void {
    port.postMessage(gathered);
    gathered = [];
  }

  function closeAll(): void {
    for (const close of open.values()) close();
    open.clear();
  }

  port.onmessage = ({ data }: MessageEvent<SharedOrder>) => {
    if (data.order === 'open') {
      open.set(
        data.stream,
        hub.open(data.url, (news) => tell(data.stream, news)),
      );
    } else if (data.order === 'close') {
      open.get(data.stream)?.();
      open.delete(data.stream);
    } else {
      // No event says that a page is gone; its lock, which is free then, does.
      void navigator.locks.request(data.name, closeAll);
    }
  };
}

const gatherMs = 8;
