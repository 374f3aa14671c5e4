import type { LogInfo, LogStatus, LogSummary } from '../words/log.ts';
import type { FilePosition } from '../words/position.ts';
import type { PartialRows, TaskProgress } from '../words/wire.ts';
import type { Journal } from './journal.ts';

/** News of a log beside its lines. */
export interface LogListener {
  /** The status is a new one, or the progress. */
  onStatus?(status: LogStatus): void;
  onPartial?(partial: PartialRows): void;
}

/** A log as the server sees it: a journal with a name, a status and what is not a line yet. */
export interface Log {
  readonly info: LogInfo;
  readonly journal: Journal;
  readonly status: LogStatus;
  /** Names of the sources seen so far. */
  readonly sources: readonly string[];
  /** What is not a line yet, now; empty for a log that another agent writes. */
  readonly partials: readonly PartialRows[];
  /** How far the program says that it is. Not kept, and unknown of a log that another agent here writes. */
  readonly progress?: TaskProgress | undefined;
  /**
   * Why lines have not come to the store of many machines yet, or not from there, one sentence; undefined where nothing
   * waits for it.
   */
  readonly delivery?: string | undefined;
  /**
   * Why `info`, `status` and `sources` are what they were before, or made up from its id, one sentence without a path;
   * undefined where they are known. The lines are all there.
   */
  readonly unrecorded?: string | undefined;
  subscribe(listener: LogListener): () => void;
  /**
   * Somebody has seen a line that is past `journal.lastId`: what shows the log may be behind its writer, or have lost
   * lines that the writer still has. Resolves, after some seconds at most, once `lastId` reaches the line or it is no
   * line of this log. A log without it has all its lines.
   */
  reach?(id: number): Promise<void>;
}

/** A log that this agent writes. */
export interface WritableLog extends Log {
  /** Kept in `log.json` and announced. */
  setStatus(status: LogStatus): void;
  setPartial(partial: PartialRows): void;
  /** Announced as news of the status. A status that ends the log ends the progress, too. */
  setProgress(progress: TaskProgress | undefined): void;
  /** Announced as news of the status. */
  setDelivery(delivery: string | undefined): void;
  addSource(name: string): void;
  /**
   * Where followed files stood when they were begun, by source name, as long as the journal has no position of them: a
   * file without a line yet is read on from there after a restart, too.
   */
  readonly beginnings: ReadonlyMap<string, FilePosition>;
  setBeginning(position: FilePosition): void;
  /** The journal has a position of these files. */
  dropBeginnings(sources: Iterable<string>): void;
  /** The largest number that a writer of this log had in a store of many machines; undefined where there was none. */
  readonly epoch: number | undefined;
  /** Resolves once it is kept in `log.json`, or can't be for now: then it follows. Never rejects. */
  keepEpoch(epoch: number): Promise<void>;
  /** Flushes what is kept about it and gives up the lock. The last status stays, or becomes `stopped`. */
  close(): Promise<void>;
}

/** The logs kept in one place. */
export interface LogStore {
  /** A new log; its id is made from `info.name`. */
  create(info: Omit<LogInfo, 'id' | 'createdAt'>): Promise<WritableLog>;
  /** Takes an existing log to go on writing it. Rejects with kind `locked` while another agent does. */
  resume(id: string): Promise<WritableLog>;
  /** A kept log for reading (the one being written here, if it is that), or undefined where there is none. */
  get(id: string): Promise<Log | undefined>;
  /** Newest first. */
  list(): Promise<LogSummary[]>;
  /** Id of the newest log that follows exactly these paths and is not persistent. */
  findByPaths(paths: readonly string[]): Promise<string | undefined>;
  /** Id of the persistent log of this name. */
  findByName(name: string): Promise<string | undefined>;
  /** Rejects with kind `locked` while an agent (this one, too) writes the log. */
  remove(id: string): Promise<void>;
  /** Where this agent serves: told to whoever finds its logs locked. */
  setUrl(url: string): Promise<void>;
  /** Closes the logs being written, too. */
  close(): Promise<void>;
}
