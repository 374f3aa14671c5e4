import type { Origin } from './line.ts';
import type { LogKind, LogStatus } from './log.ts';

/** Data of the `status` event: how the log stands, and what keeps its lines from coming. */
export type Status = LogStatus & {
  /** The journal can't be written, one sentence: reading waits until it can, and nothing is lost. */
  trouble?: string;
  /** How far the program is, as long as it says so. */
  progress?: TaskProgress;
  /** What is not in the store of many machines yet, and why, one sentence: it is kept here and nothing is lost. */
  store?: string;
};

/**
 * How far a program says that it is, to a terminal that shows it beside the text (`OSC 9 ; 4`). `error` and `paused`
 * are how its task stands now; it may go on.
 */
export interface TaskProgress {
  state: 'normal' | 'error' | 'indeterminate' | 'paused';
  /** 0 to 100; left out where it isn't known. */
  percent?: number;
}

/** Data of the `hello` event, with which every response begins, and of `GET /status`. */
export interface Hello {
  /** The log's id. */
  log: string;
  /**
   * The URL to read it by, relative to where this was said: a client that comes back to it is told by `reset` when
   * another log is served there meanwhile. A client adds its other parameters. Left out
   * in a page that was exported.
   */
  url?: string;
  /** What people call it; the page's title. */
  name: string;
  /** What feeds it: standard input that has ended ended with no exit code of its own. */
  kind?: LogKind;
  /** Ids of the first and the last kept line; `last` is `first - 1` when none is kept. */
  first: number;
  last: number;
  /** Names of the sources seen so far; the first is the one that origins leave out. */
  sources: string[];
  status: Status;
  /** When this was said, by the agent's clock, in milliseconds since the epoch. */
  time: number;
  /** The agent's time zone, `Europe/Berlin`: what a line means that says a time without one. */
  zone?: string;
  /** The id of the agent's current log where this one is an older one, so that the page can offer it. */
  current?: string;
}

/** Data of the `partial` event: what is not a line yet, as it looks now. `rows` is empty once they became lines. */
export interface PartialRows {
  source?: string;
  stream?: 'stderr';
  rows: string[];
}

/** Data of `gap`: lines that were asked for and are no longer there. Both ids included. */
export interface Gap {
  from: number;
  to: number;
  reason: 'retention' | 'damage';
}

/** Data of `skip`: lines passed over because of `skim`; they stay available by id. Both ids included. */
export interface Skip {
  from: number;
  to: number;
}

/** Data of `reset`: the Last-Event-ID given is past the end of this log. */
export interface Reset {
  first: number;
  last: number;
}

/** Data of `ping`. */
export interface Ping {
  /** Milliseconds since the epoch. */
  time: number;
  last: number;
}

/**
 * Data of `progress`: how far a stream that leaves out lines has come. Its id is `to`, so that a client resumes there.
 */
export interface StreamProgress {
  /** All that is asked for up to this line has been sent. */
  to: number;
  /** Of a search: lines looked at so far, and how many there are to look at. */
  scanned?: number;
  of?: number;
  /** Lines found so far, without their context. */
  matches?: number;
  /** When the agent read the line that the search has come to, in milliseconds since the epoch. */
  time?: number;
  /** Names of sources that are new. */
  sources?: string[];
}

/** Data of `end`, which closes an answer that is complete: one without it was cut off. */
export interface End {
  /** All that was asked for up to this line is in the answer. */
  last: number;
  /** How many lines are. */
  lines: number;
}

/** Events that a document carries: the name of one and its data, or a line's id and its text. */
export type FirstEvents = [type: string | number, data: string][];

/** Every named event and what its data holds. Lines themselves are unnamed (`message`) events with an id. */
export interface WireEvents {
  hello: Hello;
  origin: Origin;
  partial: PartialRows;
  status: Status;
  gap: Gap;
  skip: Skip;
  reset: Reset;
  ping: Ping;
  progress: StreamProgress;
  end: End;
}
