import { isFinished } from '../../agent/words/log.ts';
import type { Hello, Status } from '../../agent/words/wire.ts';
import { type ReadEvents, readEvents } from './read-events.ts';
import type { OpenStream } from './stream.ts';

export interface PolledOptions {
  readEvents: ReadEvents;
  /** What `GET status` says; undefined where it says nothing. */
  readStatus(url: string, signal: AbortSignal): Promise<Hello | undefined>;
  /** Milliseconds between two questions. */
  everyMs: number;
}

/** A stream made of answers that end: takes a connection for a moment only, and nothing holds it back. */
export function polledStream(options: Partial<PolledOptions> = {}): OpenStream {
  const { everyMs = 1000, ...reading } = options;
  const read = reading.readEvents ?? readEvents;
  const readStatus = reading.readStatus ?? fetchStatus;

  return (url, listener) => {
    const controller = new AbortController();
    const { signal } = controller;
    const first = new URL(url, globalThis.document?.baseURI);
    let next = first;
    let isOver = false;

    async function poll(): Promise<void> {
      while (!isOver && (await ask())) await new Promise((resolve) => setTimeout(resolve, everyMs));
      if (!signal.aborted) listener.end({ kind: 'lost' });
    }

    /** Returns whether there was an answer. */
    async function ask(): Promise<boolean> {
      if (signal.aborted) return false;
      const end = await read(`${next}&follow=0`, signal, take, () => undefined).catch(() => undefined);
      if (end?.how === 'nothing') return askStatus();
      return end?.how === 'done' && !signal.aborted;
    }

    /** Where no line is new, the log's state may be. */
    async function askStatus(): Promise<boolean> {
      const hello = await readStatus(new URL('status', first).href, signal).catch(() => undefined);
      if (hello === undefined || signal.aborted) return false;
      take('hello', JSON.stringify(hello), '');
      if (isFinished(hello.status)) take('status', JSON.stringify(hello.status), '');
      return true;
    }

    function take(type: string, data: string, id: string): void {
      if (signal.aborted) return;
      if ((type === 'message' || type === 'progress') && id !== '') next = after(first, id);
      if (type === 'status') isOver = isFinished(JSON.parse(data) as Status);
      listener.event(type, data, id);
    }

    listener.asked();
    void poll();
    return { close: () => controller.abort() };
  };
}

function after(url: URL, id: string): URL {
  const changed = new URL(url);
  changed.searchParams.delete('tail');
  changed.searchParams.set('lastEventId', id);
  return changed;
}

export async function fetchStatus(url: string, signal: AbortSignal): Promise<Hello | undefined> {
  const response = await fetch(url, { cache: 'no-store', signal });
  return response.ok ? ((await response.json()) as Hello) : undefined;
}
