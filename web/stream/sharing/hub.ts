import type { EventStream, OpenStream, StreamEnd } from '../stream.ts';

/** What a page is told of its stream, in order. */
export type StreamNews = { news: 'event'; type: string; data: string; id: string } | { news: 'end'; reason: StreamEnd };

/** Reads a response that ends by itself. Resolves to false where it broke off or was none. */
export type ReadOnce = (
  url: string,
  event: (type: string, data: string, id: string) => void,
  signal: AbortSignal,
) => Promise<boolean>;

export interface HubOptions {
  /** Opens a stream that stays. */
  openLive: OpenStream;
  readOnce: ReadOnce;
}

/**
 * Holds one stream for all pages that want the same: a browser has six connections to a server, and each page would
 * take one for as long as it is open.
 */
export interface Hub {
  /** The function returned ends it for this page. */
  open(url: string, tell: (news: StreamNews) => void): () => void;
  /** How many streams are open. */
  readonly streams: number;
}

interface Page {
  tell(news: StreamNews): void;
  /** `joining`: what comes is kept until it has read what came before. */
  state: 'joining' | 'live';
  kept: LiveEvent[];
  /** The origin that it was told last. */
  origin: string | undefined;
  reading: AbortController;
}

interface LiveEvent {
  type: string;
  data: string;
  id: string;
  /** The origin in force. */
  origin: string | undefined;
}

interface Group {
  stream: EventStream | undefined;
  pages: Set<Page>;
  origin: string | undefined;
  /** Unfinished lines as they look now, by their source. */
  unfinished: Map<string, string>;
}

export function createHub({ openLive, readOnce }: HubOptions): Hub {
  const groups = new Map<string, Group>();

  function begin(key: string, url: string): Group {
    const group: Group = { stream: undefined, pages: new Set(), origin: undefined, unfinished: new Map() };
    groups.set(key, group);
    group.stream = openLive(url, {
      asked: () => undefined,
      event: (type, data, id) => take(group, { type, data, id, origin: undefined }),
      end(reason) {
        if (groups.get(key) === group) groups.delete(key);
        for (const { tell, reading } of group.pages) {
          reading.abort();
          tell({ news: 'end', reason });
        }
        group.pages.clear();
      },
    });
    return group;
  }

  function take(group: Group, event: LiveEvent): void {
    if (event.type === 'origin') {
      group.origin = event.data;
      return;
    }
    if (event.type === 'partial') keepUnfinished(group, event.data);
    const whole = { ...event, origin: group.origin };
    for (const page of group.pages) {
      if (page.state === 'live') pass(page, whole);
      else page.kept.push(whole);
    }
  }

  /** What comes is of the stream, so a page that joined later may not know its origin yet. */
  function pass(page: Page, { type, data, id, origin }: LiveEvent): void {
    if (type === 'message' && origin !== undefined && origin !== page.origin) {
      page.origin = origin;
      page.tell({ news: 'event', type: 'origin', data: origin, id: '' });
    }
    page.tell({ news: 'event', type, data, id });
  }

  /** A stream that is there says nothing of the past: the page reads that itself, and then what came meanwhile. */
  async function join(group: Group, page: Page, url: string): Promise<void> {
    let last = 0;
    const isWhole = await readOnce(
      `${url}&follow=0`,
      (type, data, id) => {
        if (type === 'origin') page.origin = data;
        if (type === 'message' || type === 'progress') last = Math.max(last, Number(id) || 0);
        else last = Math.max(last, passedOver(type, data));
        page.tell({ news: 'event', type, data, id });
      },
      page.reading.signal,
    ).catch(() => false);
    if (!group.pages.has(page)) return;
    if (!isWhole) {
      group.pages.delete(page);
      page.tell({ news: 'end', reason: { kind: 'lost' } });
      return;
    }
    page.state = 'live';
    for (const event of page.kept) if (isNews(event, last)) pass(page, event);
    page.kept = [];
    for (const data of group.unfinished.values()) page.tell({ news: 'event', type: 'partial', data, id: '' });
  }

  return {
    open(url, tell) {
      const key = keyOf(url);
      const known = groups.get(key);
      const group = known ?? begin(key, url);
      const page: Page = {
        tell,
        state: known ? 'joining' : 'live',
        kept: [],
        origin: undefined,
        reading: new AbortController(),
      };
      group.pages.add(page);
      if (known) void join(group, page, url);
      return () => {
        page.reading.abort();
        if (!group.pages.delete(page) || group.pages.size > 0) return;
        group.stream?.close();
        if (groups.get(key) === group) groups.delete(key);
      };
    },
    get streams() {
      return groups.size;
    },
  };
}

/** What a stream is about, apart from where it begins. */
function keyOf(url: string): string {
  const { origin, pathname, searchParams } = new URL(url);
  for (const name of ['tail', 'lastEventId', 'skim']) searchParams.delete(name);
  return `${origin}${pathname}?${searchParams}`;
}

function keepUnfinished(group: Group, data: string): void {
  const { source = '', stream = '', rows } = JSON.parse(data) as { source?: string; stream?: string; rows: string[] };
  const key = `${stream} ${source}`;
  if (rows.length === 0) group.unfinished.delete(key);
  else group.unfinished.set(key, data);
}

/** The last line that an event says was passed over. */
function passedOver(type: string, data: string): number {
  return type === 'gap' || type === 'skip' ? (JSON.parse(data) as { to: number }).to : 0;
}

/** Whether an event that was kept says anything that was not read. */
function isNews({ type, data, id }: LiveEvent, last: number): boolean {
  if (type === 'hello' || type === 'reset') return false;
  if (type === 'message' || type === 'progress') return Number(id) > last;
  return type === 'gap' || type === 'skip' ? passedOver(type, data) > last : true;
}
