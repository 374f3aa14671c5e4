import type { Origin } from '../../agent/words/line.ts';

/** A client that reads a log's events from one agent after the other, each time from the line after the last it has. */
export interface ResumingClient {
  /** All lines in their order, without what sse-tail says itself. */
  readonly lines: readonly string[];
  /** What sse-tail says itself, and behind which line. */
  readonly notices: readonly string[];
  readonly lastId: number;
  /** Ids that did not follow each other, and whatever else was wrong with what came. */
  readonly faults: readonly string[];
  /** Connects to another agent; what was connected before is left. Resolves when the connection has ended. */
  connect(url: string): Promise<void>;
  close(): void;
}

/** @param headers sent with each request */
export function createResumingClient(headers: Record<string, string> = {}): ResumingClient {
  const lines: string[] = [];
  const notices: string[] = [];
  const faults: string[] = [];
  let lastId = 0;
  let connection: AbortController | undefined;

  function take(event: string, state: { origin: Origin | undefined }): void {
    const fields = new Map(event.split('\n').map((field) => field.split(/: (.*)/s) as [string, string]));
    const data = fields.get('data') ?? '';
    const type = fields.get('event');
    if (type === 'origin') state.origin = JSON.parse(data);
    if (type === 'gap' || type === 'reset') faults.push(event);
    const id = Number(fields.get('id'));
    if (!fields.has('id')) return;
    if (id !== lastId + 1) faults.push(`line ${id} came after line ${lastId}`);
    lastId = id;
    if (state.origin?.kind === 'notice') notices.push(`${lines.length}: ${data}`);
    else lines.push(data);
  }

  async function read(url: string, { signal }: AbortController): Promise<void> {
    const response = await fetch(`${url}events`, { headers: { ...headers, 'last-event-id': String(lastId) }, signal });
    const state = { origin: undefined };
    let rest = '';
    const decoder = new TextDecoder();
    for await (const bytes of response.body ?? []) {
      const events = (rest + decoder.decode(bytes, { stream: true })).split('\n\n');
      rest = events.pop() as string;
      for (const event of events) take(event, state);
    }
  }

  return {
    lines,
    notices,
    faults,
    get lastId() {
      return lastId;
    },
    connect(url) {
      connection?.abort();
      const current = new AbortController();
      connection = current;
      // The agent is killed while we read.
      return read(url, current).catch(() => {});
    },
    close() {
      connection?.abort();
    },
  };
}
