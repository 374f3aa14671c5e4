import { trustedScriptUrl } from '../../text/trusted-types.ts';
import { newLeader, type SharedNews, type SharedOrder } from './orders.ts';
import type { ReachWorker } from './shared-stream.ts';

/**
 * A page that is frozen keeps its lock and answers nobody. With jitter, as one page is enough to take its place; longer
 * than the worker's script takes to load, and shorter than it takes until a stream counts as held back.
 */
const patienceMs = () => 1500 + Math.random() * 1000;

/**
 * Where there is no SharedWorker one page leads: the one that has the lock runs the worker, and a page meets it on a
 * channel that they have for themselves. Once the leading page is gone the next in the lock's queue leads.
 */
export const reachLeader: ReachWorker = (url, take, lost) => {
  const lobby = new BroadcastChannel(url);
  let channel: BroadcastChannel | undefined;
  let state: 'meeting' | 'met' = 'meeting';
  /** For a worker that is not met yet. */
  let waiting: SharedOrder[] = [];
  let lock: SharedOrder | undefined;
  let deadline: ReturnType<typeof setTimeout> | undefined;
  let attempt = new AbortController();

  lobby.onmessage = ({ data }: MessageEvent<string>) => {
    if (data === newLeader) meetNew();
  };
  meet();
  lead('in turn');

  /** Each time on another channel: a leader that wakes up after another took over is heard by nobody. */
  function meet(): void {
    clearTimeout(deadline);
    deadline = undefined;
    channel?.close();
    const name = `${url}#${crypto.randomUUID()}`;
    channel = new BroadcastChannel(name);
    channel.onmessage = ({ data }: MessageEvent<SharedNews>) => hear(data);
    lobby.postMessage(name);
    expectAnswer();
  }

  function meetNew(): void {
    const wasMet = state === 'met';
    state = 'meeting';
    if (wasMet) waiting = lock ? [lock] : [];
    meet();
    if (wasMet) lost();
  }

  function hear(news: SharedNews): void {
    clearTimeout(deadline);
    deadline = undefined;
    state = 'met';
    for (const order of waiting.splice(0)) channel?.postMessage(order);
    take(news);
  }

  function expectAnswer(): void {
    deadline ??= setTimeout(() => {
      deadline = undefined;
      if (document.visibilityState === 'visible') takeOver();
      else expectAnswer();
    }, patienceMs());
  }

  /** Pages that are about to do the same are told first: they wait for this one's worker. */
  function takeOver(): void {
    lobby.postMessage(newLeader);
    lead('at once');
    meetNew();
  }

  function lead(how: 'in turn' | 'at once'): void {
    attempt.abort();
    const mine = new AbortController();
    attempt = mine;
    let worker: Worker | undefined;
    navigator.locks
      .request(url, how === 'at once' ? { steal: true } : { signal: mine.signal }, () => {
        worker = new Worker(trustedScriptUrl(url), { type: 'module', name: 'streams' });
        return new Promise(() => undefined);
      })
      .catch(() => {
        worker?.terminate();
        // Another page took over.
        if (attempt === mine) lead('in turn');
      });
  }

  return (order) => {
    if (order.order === 'lock') lock = order;
    if (order.order === 'open') expectAnswer();
    if (state === 'met') channel?.postMessage(order);
    else waiting.push(order);
  };
};
