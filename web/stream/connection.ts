import type { Origin } from '../../agent/words/line.ts';
import { isFinished } from '../../agent/words/log.ts';
import type {
  FirstEvents,
  Gap,
  Hello,
  PartialRows,
  Ping,
  Skip,
  Status,
  StreamProgress,
  WireEvents,
} from '../../agent/words/wire.ts';
import { createClumps } from './clumps.ts';
import type { Probe } from './probe.ts';
import { createSilence } from './silence.ts';
import type { EventStream, OpenStream, StreamEnd } from './stream.ts';

/**
 * How the page is connected. Times in milliseconds since the epoch.
 * - `connecting`: an answer is awaited; `attempt` counts the tries since lines last came (0: the page has just opened)
 * - `live`: lines come as they are written
 * - `polling`: something on the way holds the stream back; lines are asked for again and again
 * - `reconnecting`: the agent can't be reached; the next try is at `retryAt`. `gateway` is what a proxy answers, if
 *   any, `silentMs` how long nothing had come before that was found out
 * - `stranger`: something else answers, such as a login page; asked again at `retryAt`
 * - `refused`: the agent answers, but won't give this log (`status`); asked again at `retryAt`
 * - `badFilter`: the agent answers, but can't use the filter; `why` says it in its words
 * - `ended`: the log is finished and the page has been sent every line of it
 */
export type ConnectionState =
  | { state: 'connecting'; attempt: number }
  | { state: 'live' }
  | { state: 'polling' }
  | { state: 'reconnecting'; retryAt: number; gateway?: number; silentMs?: number }
  | { state: 'stranger'; retryAt: number }
  | { state: 'refused'; status: number; retryAt: number }
  | { state: 'badFilter'; why: string }
  | { state: 'ended' };

/** What the connection reports. Nothing is reported twice: a line id comes once per log, in rising order. */
export interface ConnectionListener {
  state(state: ConnectionState): void;
  /** A stream has begun. With `isNewLog` it is another log than before (or the first): what was known is void. */
  hello(hello: Hello, isNewLog: boolean): void;
  /** `after` is the line that was reported or passed over before; undefined for the first. */
  line(id: number, text: string, origin: Origin, after: number | undefined): void;
  /** Nothing that was asked for came between line `after` and `progress.to`. */
  progress(progress: StreamProgress, after: number | undefined): void;
  status(status: Status): void;
  partial(partial: PartialRows): void;
  gap(gap: Gap): void;
  skip(skip: Skip): void;
  ping(ping: Ping): void;
  /** The log shown has ended and the agent now serves another one. */
  newerLog(hello: Hello): void;
}

export interface ConnectionOptions {
  /** What is known already, as a stream would say it. */
  firstEvents?: FirstEvents;
  openStream: OpenStream;
  /** Opens a stream that nothing can hold back. */
  openPolled: OpenStream;
  probe(): Promise<Probe>;
  /** What the agent has against a stream's URL; undefined where it has nothing. */
  whyRefused(url: string): Promise<string | undefined>;
  /** URL of the live stream after line `lastId`, or of the newest lines where that is undefined. */
  urlAfter(lastId: number | undefined): string;
  listener: ConnectionListener;
  /** Whether every line is asked for: then one that the agent speaks of has to come. */
  wantsAll(): boolean;
  /** Whether somebody may be looking: an ended log is looked after only then. */
  isVisible(): boolean;
  /** 0 to 1; spreads the reconnections of many pages. */
  random?(): number;
}

export interface Connection {
  /** Id of the last line that was reported or passed over. */
  readonly lastId: number | undefined;
  /** Tries at once instead of waiting, and with a stream that stays open. */
  retry(): void;
  /** Other lines are asked for from now on (`urlAfter` says which): a stream that is open continues with those. */
  askAnew(): void;
  /** Lines could not be read although the agent answers. */
  doubtFilter(): void;
  /** The page was shown again or the network came back: looks at once whether the connection still lives. */
  wake(): void;
  close(): void;
}

const firstDelayMs = 500;
const longestDelayMs = 15_000;
const refusedDelayMs = 10_000;
const recheckMs = 15_000;
const unknownOrigin: Origin = { time: 0 };

/** Keeps a log's live stream going until `close()`, whatever happens to its connections. */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: one state machine; each timer and event checks it.
export function createConnection(options: ConnectionOptions): Connection {
  const { listener, random = Math.random } = options;
  let state: ConnectionState = { state: 'connecting', attempt: 0 };
  let stream: EventStream | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Counts streams and waits, so that the answer to an old probe is recognized as such. */
  let era = 0;
  let attempt = 0;

  let logId: string | undefined;
  let lastId: number | undefined;
  let origin = unknownOrigin;
  /** Whether this very stream has said that its log is finished: after that no line comes, so its end is the end. */
  let saidFinished = false;
  let knownFinished = false;

  /** `requests`: this page's streams are held back. */
  let way: 'stream' | 'requests' = 'stream';
  let hasHello = false;
  /** The newest line that the agent has spoken of. */
  let newestId = 0;
  /** A stream before this one fell silent while the agent had more to say. */
  let hasFallenSilent = false;
  let clumps = createClumps();
  const silence = createSilence({ isOwed, lookInto, suspicious, dead });

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
    hasHello = false;
    clumps = createClumps();
    const opener = way === 'stream' ? options.openStream : options.openPolled;
    silence.begin(way === 'stream');
    stream = opener(options.urlAfter(lastId), { asked: silence.asked, event: takeEvent, end: takeEnd });
  }

  function stop(): void {
    era++;
    stream?.close();
    stream = undefined;
    clearTimeout(timer);
    silence.end();
  }

  function takeEvent(type: string, data: string, id: string): void {
    silence.heard();
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
      noteTime(next.time);
    },
    partial: listener.partial,
    status: takeStatus,
    gap: takeGap,
    skip: takeSkip,
    // What follows is the whole log from its first line; the page wants its end and fetches the rest when it is shown.
    reset: startOver,
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
      startOver();
      return;
    }
    logId = hello.log;
    attempt = 0;
    hasHello = true;
    newestId = Math.max(newestId, hello.last);
    knownFinished = isFinished(hello.status);
    listener.hello(hello, isNewLog);
    const next = way === 'stream' ? 'live' : 'polling';
    if (state.state !== next) enter({ state: next });
  }

  function startOver(): void {
    logId = undefined;
    lastId = undefined;
    newestId = 0;
    knownFinished = false;
    open();
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

  function takeProgress(progress: StreamProgress): void {
    const after = lastId;
    passOver(progress.to);
    listener.progress(progress, after);
  }

  function passOver(id: number): void {
    if (lastId === undefined || id > lastId) lastId = id;
  }

  function takePing(ping: Ping): void {
    silence.heardPing();
    newestId = Math.max(newestId, ping.last);
    // What holds a stream back holds pings back, unless lines push them on.
    hasFallenSilent = false;
    noteTime(ping.time);
    listener.ping(ping);
  }

  /** Of what is written from now on: the past comes as fast as it can. */
  function noteTime(saidAt: number): void {
    if (way === 'requests' || (lastId ?? 0) < newestId || !options.isVisible()) return;
    if (clumps.take(saidAt, performance.now())) holdOff();
  }

  function holdOff(): void {
    way = 'requests';
    stop();
    openStream();
  }

  function dead(silentMs: number): void {
    stop();
    retryLater({ silentMs });
  }

  /** Whether there is something that the agent has sent already. */
  function isOwed(): boolean {
    return !hasHello || (options.wantsAll() && (lastId ?? 0) < newestId);
  }

  async function lookInto(): Promise<boolean> {
    const answer = await options.probe();
    if (answer.kind === 'status' && answer.hello.log === logId) newestId = Math.max(newestId, answer.hello.last);
    return answer.kind === 'status';
  }

  /** A stream that says nothing at all is held back. One that falls silent may have died: that shows in the next. */
  function suspicious(): void {
    if (!hasHello || (isOwed() && hasFallenSilent)) {
      holdOff();
      return;
    }
    hasFallenSilent ||= isOwed();
    stop();
    openStream();
  }

  function takeEnd(reason: StreamEnd): void {
    stop();
    if (saidFinished) finish();
    else if (reason.kind === 'refused') void findOutWhy(reason.status);
    else {
      retryLater();
      if (!hasHello) void findOutWho();
    }
  }

  function retryLater(facts: { gateway?: number; silentMs?: number } = {}): void {
    const delayMs = Math.min(longestDelayMs, firstDelayMs * 2 ** attempt) * (0.5 + random() / 2);
    attempt++;
    enter({ state: 'reconnecting', retryAt: Date.now() + delayMs, ...facts });
    timer = setTimeout(open, delayMs);
  }

  /** An EventSource may take an answer that leads elsewhere for none. */
  async function findOutWho(): Promise<void> {
    const asked = era;
    const answer = await options.probe();
    if (asked !== era || state.state !== 'reconnecting') return;
    if (answer.kind === 'gateway') enter({ ...state, gateway: answer.status });
    else if (answer.kind === 'status') await checkFilter();
    else if (answer.kind === 'stranger') meetStranger();
    else if (answer.kind === 'refused' && isFinal(answer.status)) refuse(answer.status);
  }

  async function findOutWhy(status: number | undefined): Promise<void> {
    const asked = era;
    const answer = await options.probe();
    if (asked !== era) return;
    if (answer.kind === 'status' && (await checkFilter())) return;
    if (answer.kind === 'status' && hasEverythingOf(answer.hello)) {
      // The log may have ended while no stream was open, and the agent has no more to say of it than 204.
      if (!knownFinished) takeStatus(answer.hello.status);
      finish();
    } else if (answer.kind === 'refused' && isFinal(answer.status)) refuse(answer.status);
    else if (answer.kind === 'status' && status !== undefined && isFinal(status)) refuse(status);
    else if (answer.kind === 'stranger') meetStranger();
    else retryLater(answer.kind === 'gateway' ? { gateway: answer.status } : {});
  }

  /** An EventSource does not report what an answer says. Returns whether there is nothing more to find out. */
  async function checkFilter(): Promise<boolean> {
    if (options.wantsAll()) return false;
    const asked = era;
    const why = await options.whyRefused(options.urlAfter(lastId));
    if (asked !== era) return true;
    if (why === undefined) return false;
    stop();
    enter({ state: 'badFilter', why });
    return true;
  }

  function hasEverythingOf(hello: Hello): boolean {
    return isFinished(hello.status) && hello.log === logId && hello.last <= (lastId ?? 0);
  }

  /** The agent means it: asking again soon won't help. 5xx and 429 pass by themselves. */
  function isFinal(status: number): boolean {
    return status >= 400 && status < 500 && status !== 429 && status !== 408;
  }

  function refuse(status: number): void {
    enter({ state: 'refused', status, retryAt: retryMuchLater() });
  }

  /** Who logs in in another tab is known here, too. */
  function meetStranger(): void {
    enter({ state: 'stranger', retryAt: retryMuchLater() });
  }

  function retryMuchLater(): number {
    attempt++;
    const delayMs = refusedDelayMs * (0.5 + random());
    clearTimeout(timer);
    timer = setTimeout(open, delayMs);
    return Date.now() + delayMs;
  }

  function finish(): void {
    attempt = 0;
    enter({ state: 'ended' });
    timer = setTimeout(recheck, recheckMs);
  }

  /** A persistent log continues with the next run, and the agent's address may serve another run by now. */
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

  /** Of a finished log there may be nothing to wait for. */
  function begin(): void {
    for (const [type, data] of options.firstEvents ?? []) {
      if (typeof type === 'string') takeNamed(type, data);
      else takeLine(type, data);
    }
    if (knownFinished && (lastId ?? 0) >= newestId) finish();
    else open();
  }

  begin();

  return {
    get lastId() {
      return lastId;
    },
    retry() {
      way = 'stream';
      open();
    },
    askAnew() {
      if (stream) {
        stop();
        openStream();
      } else if (state.state === 'badFilter') open();
    },
    doubtFilter: () => void checkFilter(),
    wake() {
      if (state.state === 'reconnecting' || state.state === 'refused' || state.state === 'stranger') open();
      else if (state.state === 'ended') void recheck();
      else if (stream) silence.check();
    },
    close: stop,
  };
}
