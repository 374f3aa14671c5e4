import { trustedScriptUrl } from '../../text/trusted-types.ts';
import type { OpenStream, StreamListener } from '../stream.ts';
import type { SharedNews, SharedOrder } from './orders.ts';

/**
 * Reaches the worker that holds the streams.
 * @param url of the worker's script
 * @param lost called when all that was asked for is over, as the worker is gone; another one may take its place
 * @returns sends an order to the worker
 */
export type ReachWorker = (
  url: string,
  take: (news: SharedNews) => void,
  lost: () => void,
) => (order: SharedOrder) => void;

/** Streams of a worker that pages of the agent share. */
export function sharedStreams(reach: ReachWorker, workerUrl: string): OpenStream {
  const listeners = new Map<number, StreamListener>();
  let streams = 0;
  const send = reach(sharedUrl(workerUrl), take, loseAll);
  // Locks are there where the page came over HTTPS or from this machine.
  if (navigator.locks) holdLock((name) => send({ order: 'lock', name }));
  else addEventListener('pagehide', leave);

  function take(all: SharedNews): void {
    if (all.length === 0) for (const listener of listeners.values()) listener.asked();
    for (const { stream, news } of all) {
      const listener = listeners.get(stream);
      if (news.news === 'event') {
        listener?.event(news.type, news.data, news.id);
      } else {
        listeners.delete(stream);
        listener?.end(news.reason);
      }
    }
  }

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

export const reachSharedWorker: ReachWorker = (url, take, lost) => {
  const worker = new SharedWorker(trustedScriptUrl(url), { type: 'module', name: 'streams' });
  worker.port.onmessage = ({ data }: MessageEvent<SharedNews>) => take(data);
  worker.onerror = lost;
  return (order) => worker.port.postMessage(order);
};

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
