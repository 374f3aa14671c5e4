import { nativeStream } from '../event-stream.ts';
import type { polledStream } from '../polled-stream.ts';
import type { EventStream, OpenStream } from '../stream.ts';

/**
 * Pages that have a stream of their own: of the six connections that a browser has to a server, some must be left for
 * the rest.
 */
const ownStreams = 3;

/**
 * How a page gets its stream: by EventSource, as long as few pages of this agent are open; those after share theirs in
 * a worker. Where there is no EventSource, by requests that end.
 * @param workerUrl of the script of that worker, which pages load too: see `WorkerExports`
 */
export function streamOpener(types: readonly string[], workerUrl: string): OpenStream {
  if (typeof EventSource !== 'function') return laterPolled(workerUrl);
  const hasSharedWorker = typeof SharedWorker === 'function';
  if (!hasSharedWorker && !navigator.locks) return late(ownOrPolled(types, workerUrl));
  return late(
    takeSlot().then(async (isTaken) => {
      if (isTaken) return nativeStream(types);
      const { reachSharedWorker, sharedStreams } = await import('./shared-stream.ts');
      return sharedStreams(hasSharedWorker ? reachSharedWorker : (await import('./leader.ts')).reachLeader, workerUrl);
    }),
  );
}

/** A stream made of answers that end, by the script of the workers, which has what that takes. */
export const laterPolled =
  (workerUrl: string): OpenStream =>
  (url, listener) =>
    late((import(/* @vite-ignore */ workerUrl) as Promise<WorkerExports>).then(({ polledStream }) => polledStream()))(
      url,
      listener,
    );

/** What the script of the workers has for pages. */
export interface WorkerExports {
  readonly polledStream: typeof polledStream;
}

/** A stream whose way of coming is not known yet. */
function late(opening: Promise<OpenStream>): OpenStream {
  return (url, listener) => {
    let stream: EventStream | 'closed' | undefined;
    opening.then(
      (open) => {
        if (stream !== 'closed') stream = open(url, listener);
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
}

/**
 * On phones, where the page came over HTTP from another machine. Without locks no page knows when one that leads is
 * gone, so there is none.
 */
async function ownOrPolled(types: readonly string[], workerUrl: string): Promise<OpenStream> {
  const { claimSlot } = await import('./claim-slot.ts');
  return (await claimSlot(ownStreams)) ? nativeStream(types) : laterPolled(workerUrl);
}

/** Takes one of the slots for pages with a stream of their own, for as long as this page lives. */
async function takeSlot(): Promise<boolean> {
  // Locks are there where the page came over HTTPS or from this machine. Without them nobody knows of other pages.
  if (!navigator.locks) return false;
  for (let slot = 0; slot < ownStreams; slot++) {
    const isTaken = await new Promise<boolean>((resolve) => {
      void navigator.locks.request(`sse-tail stream ${slot}`, { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock === null ? undefined : new Promise(() => undefined);
      });
    });
    if (isTaken) return true;
  }
  return false;
}
