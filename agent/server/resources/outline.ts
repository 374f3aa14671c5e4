import type { Response } from 'express';
import type { Finder } from '../../finding/thread/finder.ts';
import { outlineText } from '../../frame/events.ts';
import type { Log } from '../../journal/store.ts';
import { defined } from '../../words/defined.ts';
import type { Outline } from '../../words/finding.ts';
import { isFinished } from '../../words/log.ts';
import { negotiateCoding } from '../encoding/negotiate.ts';
import type { Outlet } from '../socket/outlet.ts';
import type { SharedChunk } from '../socket/shared-chunk.ts';
import { openOutlet } from '../socket/socket-outlet.ts';
import type { Stream } from '../stream/stream.ts';
import { retryText, setEventsHeaders, wantsEvents } from './formats/events.ts';
import { sendJson } from './json.ts';
import { parseIds, parseLastEventId } from './query/query.ts';
import type { LinesContext } from './respond.ts';

/** A log of a gigabyte is known by then; of a longer one the newest part. */
const waitMs = 1500;
/** What is looked at anew is what has come since. */
const liveMs = 1000;
/** An answer that took long, as a part of a log with very many problems does, is made anew for a tenth of the time. */
const share = 0.1;
const longestPauseMs = 10_000;

/**
 * Answers `outline`: as it is now, or with an event whenever it has changed.
 *
 * @param search the URL's query
 * @throws SseTailError kind `request`, status 400, that names the parameter
 */
export async function sendOutline(response: Response, log: Log, search: string, context: LinesContext): Promise<void> {
  const { from, to } = parseIds(new URLSearchParams(search));
  const isPart = from !== undefined || to !== undefined;
  const range = isPart ? { from: from ?? 1, to: to ?? Number.POSITIVE_INFINITY } : undefined;
  const { finder } = context;
  const ask = () => outlineNow(log, finder, range);
  response.vary('Accept');
  await (wantsEvents(response.req) ? sendEvents(response, log, ask, context) : sendNow(response, ask, context));
}

type Range = Parameters<Finder['outline']>[1]['range'];
type Ask = () => Promise<Outline>;

async function sendNow(response: Response, ask: Ask, { searches, packer }: LinesContext): Promise<void> {
  response.setHeader('Cache-Control', 'no-cache');
  if (response.req.method === 'HEAD') {
    response.type('json').end();
    return;
  }
  searches.admit(response);
  await sendJson(response, JSON.stringify(await ask()), packer);
}

async function sendEvents(response: Response, log: Log, ask: Ask, context: LinesContext): Promise<void> {
  const { searches, streams, packer, stallMs, retryMs } = context;
  // Without it an EventSource would ask again and again for what cannot change any more.
  if (
    isFinished(log.status) &&
    (parseLastEventId(response.req.get('last-event-id')) ?? 0) >= Math.max(1, log.journal.lastId)
  ) {
    response.writeHead(204, { 'Cache-Control': 'no-store' }).end();
    return;
  }
  setEventsHeaders(response);
  const coding = negotiateCoding(response);
  if (response.req.method === 'HEAD') {
    response.end();
    return;
  }
  const leaveSearch = searches.admit(response);
  let stream: OutlineStream | undefined;
  let remove: (() => void) | undefined;
  const outlet = openOutlet(response, {
    stallMs,
    ...(coding !== undefined && { packing: { coding, packer } }),
    onClose() {
      stream?.stop();
      remove?.();
    },
  });
  if (outlet === undefined) return;
  outlet.write(Buffer.from(retryText(retryMs)));
  stream = new OutlineStream(log, ask, outlet, leaveSearch);
  remove = streams.add(stream, log, 'events');
  await stream.run();
}

class OutlineStream implements Stream {
  readonly #log: Log;
  readonly #ask: Ask;
  readonly #outlet: Outlet;
  readonly #onKnown: () => void;
  /** The last line that was looked at. */
  #knownTo = 0;
  #sent = '';
  /** Of which lines what was sent is all there is to say, and how long it took to find out. */
  #answered: { extent: string; tookMs: number } | undefined;
  #isStopping = false;
  #wake: (() => void) | undefined;

  /** @param onKnown called once all that was there at first is known */
  constructor(log: Log, ask: Ask, outlet: Outlet, onKnown: () => void) {
    this.#log = log;
    this.#ask = ask;
    this.#outlet = outlet;
    this.#onKnown = onKnown;
  }

  get nextId(): number {
    return this.#knownTo + 1;
  }

  isCaughtUp(): boolean {
    return this.#wake !== undefined && this.#knownTo >= this.#log.journal.lastId;
  }

  async run(): Promise<void> {
    // The end of the log is told at once; and one that another agent writes is followed only while somebody listens.
    const unsubscribe = this.#log.subscribe({ onStatus: (status) => isFinished(status) && this.#wake?.() });
    try {
      while (this.#outlet.isOpen && !this.#isStopping) {
        // Asked before the log is looked at: what is known of a finished log then is all.
        const isLast = isFinished(this.#log.status);
        const isComplete = await this.#sendIfChanged();
        if (isComplete) this.#onKnown();
        if (isComplete && isLast) break;
        await this.#outlet.ready();
        await this.#pause();
      }
    } catch (error) {
      // Who has left gets no answer, and where the agent stops nobody looks at logs any more.
      if (this.#outlet.isOpen && !this.#isStopping) throw error;
    } finally {
      unsubscribe();
    }
    this.#outlet.end();
  }

  send(chunk: SharedChunk): void {
    if (this.#outlet.isOpen && !this.#outlet.isBehind) this.#outlet.share(chunk);
  }

  stop(): void {
    this.#isStopping = true;
    this.#wake?.();
  }

  /** Returns whether all of the log is known. */
  async #sendIfChanged(): Promise<boolean> {
    const { journal } = this.#log;
    const extent = this.#extent();
    if (extent === this.#answered?.extent) return true;
    const askedAt = performance.now();
    const outline = await this.#ask();
    const [from, to] = outline.known;
    this.#knownTo = to;
    const text = outlineText(outline);
    if (text !== this.#sent) this.#outlet.write(Buffer.from(text));
    this.#sent = text;
    const isComplete = to >= journal.lastId && (from <= journal.firstId || journal.lastId < journal.firstId);
    this.#answered = isComplete ? { extent, tookMs: performance.now() - askedAt } : undefined;
    return isComplete;
  }

  /** What an answer depends on. */
  #extent(): string {
    const { journal, status } = this.#log;
    return [journal.firstId, journal.lastId, isFinished(status)].join();
  }

  #pause(): Promise<void> {
    if (this.#isStopping) return Promise.resolve();
    const pauseMs = Math.min(longestPauseMs, Math.max(liveMs, (this.#answered?.tookMs ?? 0) / share));
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wake?.(), pauseMs);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
    });
  }
}

function outlineNow({ journal, status }: Log, finder: Finder, range: Range): Promise<Outline> {
  const request = { to: journal.lastId, waitMs, isFinished: isFinished(status), ...defined({ range }) };
  return finder.outline(journal, request);
}
