import type { Origin } from '../../agent/words/line.ts';
import { isFinished } from '../../agent/words/log.ts';
import type {
  Gap,
  Hello,
  PartialRows,
  Ping,
  Progress,
  Reset,
  Skip,
  Status,
  WireEvents,
} from '../../agent/words/wire.ts';
import type { EventStream, OpenStream, StreamEnd } from './stream.ts';

/**
 * How the page is connected. Times in milliseconds since the epoch.
 * - `connecting`: an answer is awaited; `attempt` counts the tries since lines last came (0: the page has just opened)
 * - `live`: lines come as they are written
 * - `reconnecting`: the agent can't be reached; the next try is at `retryAt`
 * - `refused`: the agent answers, but won't give this log (`status`); asked again at `retryAt`
 * - `ended`: the log is finished and the page has been told every line of it
 */
export type ConnectionState =
  | { state: 'connecting'; attempt: number }
  | { state: 'live' }
  | { state: 'reconnecting'; retryAt: number }
  | { state: 'refused'; status: number; retryAt: number }
  | { state: 'ended' };

/** What the connection has to tell. Nothing is told twice: a line id comes once per log, in rising order. */
export interface ConnectionListener {
  state(state: ConnectionState): void;
  /** A stream has begun. With `isNewLog` it is another log than before (or the first): what was known is void. */
  hello(hello: Hello, isNewLog: boolean): void;
  /** `after` is the line that was told or passed over before; undefined for the first. */
  line(id: number, text: string, origin: Origin, after: number | undefined): void;
  /** Nothing that was asked for came between line `after` and `progress.to`. */
  progress(progress: Progress, after: number | undefined): void;
  status(status: Status): void;
  partial(partial: PartialRows): void;
  gap(gap: Gap): void;
  skip(skip: Skip): void;
  ping(ping: Ping): void;
  /** The log shown has ended and the agent now serves another one. */
  newerLog(hello: Hello): void;
}

/** What `GET status` says, used where a stream was refused: EventSource doesn't tell why. */
export type Probe = { kind: 'status'; hello: Hello } | { kind: 'refused'; status: number } | { kind: 'unreachable' };

export interface ConnectionOptions {
  openStream: OpenStream;
  probe(): Promise<Probe>;
  /** URL of the live stream after line `lastId`, or of the newest lines where that is undefined. */
  urlAfter(lastId: number | undefined): string;
  listener: ConnectionListener;
  /** Whether somebody may be looking: an ended log is looked after only then. */
  isVisible(): boolean;
  /** 0 to 1; spreads the reconnections of many pages. */
  random?(): number;
}

export interface Connection {
  /** Id of the last line that was told or passed over. */
  readonly lastId: number | undefined;
  /** Tries at once instead of waiting. */
  retry(): void;
  /** Other lines are asked for from now on (`urlAfter` says which): a stream that is open goes on with those. */
  askAnew(): void;
  /** The page was shown again or the network came back: looks at once whether the connection still lives. */
  wake(): void;
  close(): void;
}

const firstDelayMs = 500;
const longestDelayMs = 15_000;
const refusedDelayMs = 10_000;
const recheckMs = 15_000;
const usualPingMs = 15_000;
const shortestPingMs = 250;
/** So many ping intervals without any event mean that the connection is dead. */
const patience = 2.5;
const unknownOrigin: Origin = { time: 0 };

/** Keeps a log's live stream going until `close()`, whatever happens to its connections. */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: one state machine; each timer and event checks it.
export function createConnection(options: ConnectionOptions): Connection {
  const { listener, random = Math.random } = options;
  let state: ConnectionState = { state: 'connecting', attempt: 0 };
  let stream: EventStream | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let watchdog: ReturnType<typeof setTimeout> | undefined;
  /** Counts streams and waits, so that the answer to an old probe is recognized as such. */
  let era = 0;
  let attempt = 0;

  let logId: string | undefined;
  let lastId: number | undefined;
  let origin = unknownOrigin;
  /** Whether this very stream has said that its log is finished: after that no line comes, so its end is the end. */
  let saidFinished = false;
  let knownFinished = false;

  let lastEventAt = 0;
  let lastPingAt: number | undefined;
  let pingMs = usualPingMs;

  function enter(next: ConnectionState): void {
    state = next;
    listener.state(next);
  }

  function open(): void {
    stop();
    enter({ state: 'connecting', attempt });
    openStream();
  }

  function openStream(): void {
    origin = unknownOrigin;
    saidFinished = false;
    lastPingAt = undefined;
    lastEventAt = Date.now();
    stream = options.openStream(options.urlAfter(lastId), { open: () => undefined, event: takeEvent, end: takeEnd });
    watch();
  }

  function stop(): void {
    era++;
    stream?.close();
    stream = undefined;
    clearTimeout(timer);
    clearTimeout(watchdog);
  }

  function takeEvent(type: string, data: string, id: string): void {
    lastEventAt = Date.now();
    if (type === 'message') takeLine(Number(id), data);
    else takeNamed(type, data);
  }

  function takeLine(id: number, text: string): void {
    if (!Number.isSafeInteger(id) || (lastId !== undefined && id <= lastId)) return;
    const after = lastId;
    lastId = id;
    listener.line(id, text, origin, after);
  }

  const named: { [Name in Exclude<keyof WireEvents, 'end'>]: (data: WireEvents[Name]) => void } = {
    hello: takeHello,
    origin: (next) => {
      origin = next;
    },
    partial: listener.partial,
    status: takeStatus,
    gap: takeGap,
    skip: takeSkip,
    reset: takeReset,
    ping: takePing,
    progress: takeProgress,
  };

  function takeNamed(type: string, data: string): void {
    if (Object.hasOwn(named, type)) named[type as 'hello'](JSON.parse(data));
  }

  function takeHello(hello: Hello): void {
    const isNewLog = hello.log !== logId;
    if (isNewLog && lastId !== undefined) {
      // The agent was restarted with another log: it resumed at an id that means nothing there.
      forget();
      open();
      return;
    }
    logId = hello.log;
    attempt = 0;
    knownFinished = isFinished(hello.status);
    listener.hello(hello, isNewLog);
    enter({ state: 'live' });
  }

  function takeReset(_reset: Reset): void {
    // What follows is the whole log from its first line; the page wants its end and fetches the rest when it is shown.
    forget();
    open();
  }

  function forget(): void {
    logId = undefined;
    lastId = undefined;
    knownFinished = false;
  }

  function takeStatus(status: Status): void {
    saidFinished = knownFinished = isFinished(status);
    listener.status(status);
  }

  function takeGap(gap: Gap): void {
    passOver(gap.to);
    listener.gap(gap);
  }

  function takeSkip(skip: Skip): void {
    passOver(skip.to);
    listener.skip(skip);
  }

  function takeProgress(progress: Progress): void {
    const after = lastId;
    passOver(progress.to);
    listener.progress(progress, after);
  }

  function passOver(id: number): void {
    if (lastId === undefined || id > lastId) lastId = id;
  }

  function takePing(ping: Ping): void {
    const now = Date.now();
    if (lastPingAt !== undefined) pingMs = Math.max(shortestPingMs, now - lastPingAt);
    lastPingAt = now;
    listener.ping(ping);
  }

  /** Timers of hidden pages come late and a sleeping machine has none, so the clock decides and not the timer. */
  function watch(): void {
    clearTimeout(watchdog);
    const limitMs = patience * Math.min(pingMs, usualPingMs * 4);
    const leftMs = lastEventAt + limitMs - Date.now();
    if (leftMs > 0) {
      watchdog = setTimeout(watch, leftMs);
    } else {
      stop();
      retryLater();
    }
  }

  function takeEnd(reason: StreamEnd): void {
    stop();
    if (saidFinished || (reason.kind === 'refused' && reason.status === 204)) finish();
    else if (reason.kind === 'refused') void findOutWhy(reason.status);
    else retryLater();
  }

  function retryLater(): void {
    const delayMs = Math.min(longestDelayMs, firstDelayMs * 2 ** attempt) * (0.5 + random() / 2);
    attempt++;
    enter({ state: 'reconnecting', retryAt: Date.now() + delayMs });
    timer = setTimeout(open, delayMs);
  }

  async function findOutWhy(status: number | undefined): Promise<void> {
    const asked = era;
    const answer = await options.probe();
    if (asked !== era) return;
    if (answer.kind === 'status' && hasEverythingOf(answer.hello)) finish();
    else if (answer.kind === 'refused' && isFinal(answer.status)) refuse(answer.status);
    else if (answer.kind === 'status' && status !== undefined && isFinal(status)) refuse(status);
    else retryLater();
  }

  function hasEverythingOf(hello: Hello): boolean {
    return knownFinished && isFinished(hello.status) && hello.log === logId && hello.last <= (lastId ?? 0);
  }

  /** The agent means it: asking again soon won't help. 5xx and 429 pass by themselves. */
  function isFinal(status: number): boolean {
    return status >= 400 && status < 500 && status !== 429 && status !== 408;
  }

  function refuse(status: number): void {
    attempt++;
    const delayMs = refusedDelayMs * (0.5 + random());
    enter({ state: 'refused', status, retryAt: Date.now() + delayMs });
    timer = setTimeout(open, delayMs);
  }

  function finish(): void {
    attempt = 0;
    enter({ state: 'ended' });
    timer = setTimeout(recheck, recheckMs);
  }

  /** A log given a lasting name goes on with the next run, and the agent's address may serve another run by now. */
  async function recheck(): Promise<void> {
    clearTimeout(timer);
    const asked = era;
    const answer: Probe = options.isVisible() ? await options.probe() : { kind: 'unreachable' };
    if (asked !== era || state.state !== 'ended') return;
    if (answer.kind === 'status' && (answer.hello.log !== logId || answer.hello.current !== undefined)) {
      listener.newerLog(answer.hello);
    } else if (answer.kind === 'status' && !hasEverythingOf(answer.hello)) {
      open();
      return;
    }
    clearTimeout(timer);
    timer = setTimeout(recheck, recheckMs);
  }

  open();

  return {
    get lastId() {
      return lastId;
    },
    retry: open,
    askAnew() {
      if (!stream) return;
      stop();
      openStream();
    },
    wake() {
      if (state.state === 'reconnecting' || state.state === 'refused') open();
      else if (state.state === 'ended') void recheck();
      else if (stream) watch();
    },
    close: stop,
  };
}
