import { connect, type Socket } from 'node:net';
import { EventSource } from 'eventsource';
import type { Page } from 'playwright-core';

/** A client that keeps to the protocol and checks every line that it is given, whatever becomes of its connections. */
export interface LineWatcher extends Disposable {
  readonly kind: string;
  /** Id of the newest line that it has seen. */
  readonly lastId: number;
  /** What must not be: a line twice, out of order, missing, or with another text. */
  readonly faults: readonly string[];
  /** It was told that nothing more will come. */
  readonly isOver: boolean;
}

export interface WatchOptions {
  /** The text that a line must have; not looked at where it gives undefined. */
  textOf(id: number): string | undefined;
  /** Called for each line. */
  onLine?(id: number, text: string): void;
  /** The client has everything up to this line (default 0). */
  lastId?: number;
  /** How long to wait before coming back, instead of what the server says. */
  retryMs?: number;
}

export interface SocketWatchOptions extends WatchOptions {
  /**
   * Of its first connection it gets the lines up to this one; what else is on the way when that breaks is lost to it.
   */
  firstTo?: number;
}

/** Each id must be one more than the one before, and its text the right one. */
function createCheck({ textOf, onLine, lastId: since = 0 }: WatchOptions) {
  const faults: string[] = [];
  let lastId = since;
  return {
    faults,
    get lastId() {
      return lastId;
    },
    line(id: number, text: string): void {
      const expected = textOf(id);
      if (id !== lastId + 1) faults.push(`line ${id} after ${lastId}`);
      else if (expected !== undefined && text !== expected) faults.push(`line ${id} is ${JSON.stringify(text)}`);
      lastId = id;
      onLine?.(id, text);
    },
  };
}

/** Many of them, ended together. */
export function crowdOf<Watcher extends LineWatcher>(count: number, one: (index: number) => Watcher) {
  const all = Array.from({ length: count }, (_, index) => one(index));
  return {
    all,
    [Symbol.dispose]() {
      for (const watcher of all) watcher[Symbol.dispose]();
    },
  };
}

/** The `eventsource` package from npm, as a program would use it. */
export function watchByEventSource(url: string, options: WatchOptions): LineWatcher {
  const check = createCheck(options);
  const source = new EventSource(url);
  source.onmessage = ({ lastEventId, data }) => check.line(Number(lastEventId), data);
  return {
    kind: 'eventsource',
    get lastId() {
      return check.lastId;
    },
    faults: check.faults,
    get isOver() {
      return source.readyState === EventSource.CLOSED;
    },
    [Symbol.dispose]: () => source.close(),
  };
}

export interface SocketWatcher extends LineWatcher {
  /** How long it waits before it comes back. */
  readonly retryMs: number;
  /** Connections that it tried to make so far. */
  readonly connections: number;
  /** Stops reading, without a word to the other end. */
  pause(): void;
  resume(): void;
}

/** A bare socket that speaks just enough HTTP and SSE, and waits before it comes back for as long as `retry` says. */
export function watchBySocket(
  address: () => { port: number; path: string },
  options: SocketWatchOptions,
): SocketWatcher {
  const check = createCheck(options);
  let socket: Socket | undefined;
  let timer: NodeJS.Timeout | undefined;
  let retryMs = options.retryMs ?? 100;
  let isOver = false;
  let isClosed = false;
  let connections = 0;
  let lastToTake = options.firstTo ?? Number.POSITIVE_INFINITY;

  function open(): void {
    const { port, path } = address();
    connections++;
    let rest = '';
    let body: ((text: string) => void) | undefined;
    socket = connect(port, '127.0.0.1');
    socket.setEncoding('latin1');
    const resume = check.lastId > 0 ? `Last-Event-ID: ${check.lastId}\r\n` : '';
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n${resume}\r\n`);
    socket.on('data', (text: string) => {
      if (body !== undefined) return body(text);
      rest += text;
      const headEnd = rest.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      if (rest.startsWith('HTTP/1.1 204')) isOver = true;
      else if (!rest.startsWith('HTTP/1.1 200')) check.faults.push(rest.slice(0, 200));
      body = dechunked(eventReader());
      body(rest.slice(headEnd + 4));
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      lastToTake = Number.POSITIVE_INFINITY;
      if (!isClosed && !isOver) timer = setTimeout(open, retryMs);
    });
  }

  /**
   * Takes text as it comes and lines out of it; what is no complete event yet when the connection breaks is dropped
   * with it.
   */
  function eventReader(): (text: string) => void {
    let rest = '';
    let id: number | undefined;
    let data: string | undefined;
    return (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() as string;
      for (const line of lines) {
        if (check.lastId >= lastToTake) return;
        if (line.startsWith('id: ')) id = Number(line.slice(4));
        else if (line.startsWith('data: ')) data = line.slice(6);
        else if (line.startsWith('retry: ')) retryMs = options.retryMs ?? Number(line.slice(7));
        else if (line === '') {
          if (id !== undefined && data !== undefined) check.line(id, data);
          id = undefined;
          data = undefined;
        }
      }
    };
  }

  open();
  return {
    kind: 'bare socket',
    get lastId() {
      return check.lastId;
    },
    faults: check.faults,
    get isOver() {
      return isOver;
    },
    get retryMs() {
      return retryMs;
    },
    get connections() {
      return connections;
    },
    pause: () => socket?.pause(),
    resume: () => socket?.resume(),
    [Symbol.dispose]() {
      isClosed = true;
      clearTimeout(timer);
      socket?.destroy();
    },
  };
}

/** Undoes the chunks of a body (RFC 9112, 7.1) for text in which each character is a byte. */
function dechunked(take: (text: string) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    rest += text;
    let at = 0;
    for (;;) {
      const lineEnd = rest.indexOf('\r\n', at);
      if (lineEnd < 0) break;
      const length = Number.parseInt(rest.slice(at, lineEnd), 16);
      if (Number.isNaN(length)) throw new Error(`expected the length of a chunk: ${rest.slice(at, at + 40)}`);
      const start = lineEnd + 2;
      if (rest.length < start + length + 2) break;
      take(rest.slice(start, start + length));
      at = start + length + 2;
    }
    rest = rest.slice(at);
  };
}

/** What a page in a real Chromium was given live: ids of lines, and of lines passed over as more than can be read. */
export interface SeenByPage {
  lines: number;
  skipped: number;
  lastId: number | undefined;
  faults: string[];
}

/**
 * Notes every line that the page is given, before the page itself sees it. To be called before the page is opened.
 * @param text in the page's own words: a function of the id
 */
export async function watchPage(page: Page, text: (id: number) => string): Promise<void> {
  await page.addInitScript({
    content: `{
      const textOf = ${text};
      const seen = { lines: 0, skipped: 0, lastId: undefined, faults: [] };
      globalThis.seen = seen;
      const note = (from, to, what) => {
        if (seen.lastId !== undefined && from !== seen.lastId + 1) seen.faults.push(what + ' ' + from + ' after ' + seen.lastId);
        seen.lastId = to;
      };
      globalThis.EventSource = class extends EventSource {
        constructor(...given) {
          super(...given);
          this.addEventListener('message', ({ lastEventId, data }) => {
            const id = Number(lastEventId);
            note(id, id, 'line');
            seen.lines++;
            if (data !== textOf(id)) seen.faults.push('line ' + id + ' is ' + data);
          });
          this.addEventListener('skip', ({ data }) => {
            const { from, to } = JSON.parse(data);
            note(from, to, 'skip');
            seen.skipped += to - from + 1;
          });
          for (const type of ['gap', 'reset']) {
            this.addEventListener(type, ({ data }) => seen.faults.push(type + ' ' + data));
          }
        }
      };
    }`,
  });
}

/**
 * Follows the log as a page of somebody else's would: by Chromium's own EventSource, every line. The page is of the
 * agent's origin and not the viewer; `seenByPage` tells what came.
 */
export async function followInPage(page: Page, text: (id: number) => string): Promise<void> {
  await page.evaluate(`{
    const textOf = ${text};
    const seen = { lines: 0, skipped: 0, lastId: 0, faults: [] };
    globalThis.seen = seen;
    const open = () => {
      const source = new EventSource(seen.lastId === 0 ? 'events' : 'events?lastEventId=' + seen.lastId);
      source.onmessage = ({ lastEventId, data }) => {
        const id = Number(lastEventId);
        if (id !== seen.lastId + 1) seen.faults.push('line ' + id + ' after ' + seen.lastId);
        if (data !== textOf(id)) seen.faults.push('line ' + id + ' is ' + data);
        seen.lastId = id;
        seen.lines++;
      };
      source.onerror = () => {
        // It gives up on a response whose head was cut.
        if (source.readyState === EventSource.CLOSED) setTimeout(open, 50);
      };
      for (const type of ['gap', 'reset', 'skip']) {
        source.addEventListener(type, ({ data }) => seen.faults.push(type + ' ' + data));
      }
    };
    open();
  }`);
}

export function seenByPage(page: Page): Promise<SeenByPage> {
  return page.evaluate('globalThis.seen');
}

/** Everything that the page can fetch of the log, read and checked in the page. Returns how many lines there are. */
export function fetchInPage(page: Page, text: (id: number) => string, last: number): Promise<number | string> {
  return page.evaluate(`(async () => {
    const textOf = ${text};
    let next = 1;
    while (next <= ${last}) {
      const body = await (await fetch('events?follow=0&from=' + next + '&limit=50000')).text();
      for (const [, id, data] of body.matchAll(/^id: (\\d+)\\ndata: (.*)$/gm)) {
        if (Number(id) !== next || data !== textOf(next)) return 'expected line ' + next + ', fetched ' + id + ': ' + data;
        next++;
      }
    }
    return next - 1;
  })()`);
}
