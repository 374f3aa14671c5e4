import { nativeStream } from '../event-stream.ts';
import { eventTypes } from '../event-types.ts';
import { fetchStatus, polledStream } from '../polled-stream.ts';
import { readEvents } from '../read-events.ts';
import { createHub, type Hub, type ReadOnce, type StreamNews } from './hub.ts';
import { newLeader, type SharedNews, type SharedOrder } from './orders.ts';

/**
 * Streams of several logs; those beyond are asked for again and again, so that connections are left for everything
 * else.
 */
const mostLive = 2;
const gatherMs = 8;

const readOnce: ReadOnce = async (url, event, signal) => {
  const { how } = await readEvents(url, signal, event, () => undefined);
  if (how !== 'nothing') return how === 'done';
  // A page that has every line already waits to hear what log this is.
  const hello = await fetchStatus(new URL('status', url).href, signal);
  if (hello) event('hello', JSON.stringify(hello), '');
  return hello !== undefined;
};

/** What the worker does that holds the streams of an agent's pages: a SharedWorker, or that of the page that leads. */
export function servePages(): void {
  const live = nativeStream(eventTypes);
  const polled = polledStream();
  const hub: Hub = createHub({
    openLive: (url, listener) => (hub.streams <= mostLive ? live : polled)(url, listener),
    readOnce,
  });

  if ('onconnect' in self) {
    addEventListener('connect', (event) => {
      const [port] = (event as MessageEvent).ports;
      if (port) serve(hub, port);
    });
    return;
  }
  const lobby = new BroadcastChannel(location.href);
  lobby.onmessage = ({ data }: MessageEvent<string>) => {
    if (data !== newLeader) serve(hub, new BroadcastChannel(data));
  };
  lobby.postMessage(newLeader);
}

function serve(hub: Hub, port: MessagePort | BroadcastChannel): void {
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

  function leave(): void {
    for (const close of open.values()) close();
    open.clear();
    port.close();
  }

  port.onmessage = ({ data }: MessageEvent<SharedOrder>) => {
    if (data.order === 'open') {
      flush();
      open.set(
        data.stream,
        hub.open(data.url, (news) => tell(data.stream, news)),
      );
    } else if (data.order === 'close') {
      open.get(data.stream)?.();
      open.delete(data.stream);
    } else {
      // No event says that a page is gone; its lock, which is free then, does.
      void navigator.locks.request(data.name, leave);
    }
  };
  flush();
}
