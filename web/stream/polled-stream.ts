import type { ReadOnce } from './hub.ts';
import type { OpenStream } from './stream.ts';

const everyMs = 1000;

/** A stream made of answers that end: takes a connection for a moment only. */
export function polledStream(readOnce: ReadOnce): OpenStream {
  return (url, listener) => {
    const controller = new AbortController();
    let next = url;
    let isFinished = false;

    async function poll(): Promise<void> {
      while (!controller.signal.aborted && !isFinished) {
        const isWhole = await readOnce(`${next}&follow=0`, take, controller.signal).catch(() => false);
        if (controller.signal.aborted) return;
        if (!isWhole) break;
        await new Promise((resolve) => setTimeout(resolve, everyMs));
      }
      if (!controller.signal.aborted) listener.end({ kind: 'lost' });
    }

    function take(type: string, data: string, id: string): void {
      if (controller.signal.aborted) return;
      if ((type === 'message' || type === 'progress') && id !== '') next = after(url, id);
      if (type === 'status') isFinished = /"state":"(?:exited|stopped)"/.test(data);
      listener.event(type, data, id);
    }

    void poll();
    return { close: () => controller.abort() };
  };
}

function after(url: string, id: string): string {
  const changed = new URL(url);
  changed.searchParams.delete('tail');
  changed.searchParams.set('lastEventId', id);
  return changed.href;
}
