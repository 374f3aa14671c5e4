import { trustedScriptUrl } from '../../text/trusted-types.ts';
import type { OpenStream, StreamListener } from '../stream.ts';
import type { SharedNews, SharedOrder } from './shared-worker.ts';
import workerUrl from './shared-worker.ts?worker&url';

/** Streams of a worker that pages of the agent share. */
export function sharedStreams(): OpenStream {
  const worker = new SharedWorker(trustedScriptUrl(sharedUrl(workerUrl)), { type: 'module', name: 'sse-tail' });
  const { port } = worker;
  const listeners = new Map<number, StreamListener>();
  let streams = 0;

  port.onmessage = ({ data }: MessageEvent<SharedNews>) => {
    for (const { stream, news } of data) {
      const listener = listeners.get(stream);
      if (news.news === 'event') {
        listener?.event(news.type, news.data, news.id);
      } else {
        listeners.delete(stream);
        listener?.end(news.reason);
      }
    }
  };
  worker.onerror = loseAll;
  // Locks are there where the page came over HTTPS or from this machine.
  if (navigator.locks) holdLock((name) => send({ order: 'lock', name }));
  else addEventListener('pagehide', leave);

  function loseAll(): void {
    const waiting = [...listeners.values()];
    listeners.clear();
    for (const listener of waiting) listener.end({ kind: 'lost' });
  }

  /** The page may come back: then it connects again. */
  function leave(): void {
    for (const stream of listeners.keys()) send({ order: 'close', stream });
    loseAll();
  }

  function send(order: SharedOrder): void {
    port.postMessage(order);
  }

  return (url, listener) => {
    const stream = ++streams;
    listeners.set(stream, listener);
    send({ order: 'open', stream, url: new URL(url, document.baseURI).href });
    return {
      close() {
        if (listeners.delete(stream)) send({ order: 'close', stream });
      },
    };
  };
}

/** As long as this page lives nobody else gets this lock. */
function holdLock(held: (name: string) => void): void {
  const name = `sse-tail:${crypto.randomUUID?.() ?? Math.random()}`;
  void navigator.locks.request(name, () => {
    held(name);
    return new Promise(() => undefined);
  });
}

/** The page of a log is at `/logs/<log id>/`, with its scripts; a worker is shared only under one URL. */
function sharedUrl(url: string): string {
  return new URL(url, document.baseURI).href.replace(/\/logs\/[^/]+(?=\/assets\/)/, '');
}
