import type { Stream } from '../words/line.ts';
import type { LogStatus } from '../words/log.ts';
import type { FilePosition } from '../words/position.ts';

/**
 * One stream of bytes with a text state of its own (an unfinished line, half a character, the color in force).
 * A command has two, every followed file one.
 */
export interface Channel {
  /**
   * Takes bytes as they come. They are copied before it returns, so the caller may reuse the buffer. `position.offset`
   * is the file offset right after these bytes; the channel itself takes off what is not a line yet. `encoding` is what
   * these bytes are in where the source knows it (a byte order mark); else it is what the log was told. It may only
   * change where a line begins. Returns a promise when the source has to wait before it sends more (the journal is
   * behind), else undefined.
   */
  write(bytes: Buffer, position?: FilePosition, encoding?: 'utf-8'): Promise<void> | undefined;
  /**
   * The text ends here: an unfinished last line becomes a line and the text state is cleared. More may follow (the
   * file that replaced a rotated one).
   */
  end(position?: FilePosition): Promise<void> | undefined;
  /**
   * Drops an unfinished line and the text state without making a line of it: the bytes will be read again (or are
   * known to be void).
   */
  discard(): void;
  /**
   * The unfinished line should not become a line as long as its rest may come: half of what has to be seen as a whole
   * (a secret) may stand at its end.
   */
  readonly awaitsRest: boolean;
  /**
   * What a text that has ended left for its rest, should that come late: the beginning of a secret at its end, which no
   * line shows. To be asked for right after `end`, and passed to `writeLate`.
   */
  readonly cutOff: string;
  /**
   * Takes whole lines of a text that has ended and left `cutOff`, in between two lines of the one that is written now;
   * a last line without its end becomes a line.
   */
  writeLate(bytes: Buffer, cutOff: string, position?: FilePosition, encoding?: 'utf-8'): Promise<void> | undefined;
  /** Nothing more comes, and what it holds in memory can go. */
  close(): void;
}

/** How large a terminal is. */
export interface WindowSize {
  columns: number;
  rows: number;
}

/** What a source gives its bytes and its news to. */
export interface Sink {
  /**
   * With `terminal` the bytes are meant for a terminal that is now as large as that says: rows may change until they
   * scroll off.
   */
  channel(source: string, stream?: Stream, terminal?: () => WindowSize): Channel;
  /** A line said by sse-tail itself, in order with what the channels were given before. */
  notice(text: string, source?: string): Promise<void> | undefined;
  /** How the source stands now. */
  status(status: LogStatus): void;
  /** Resolves when every line given so far is in the journal and every status is told. */
  flush(): Promise<void>;
}

/** How a source ended. */
export interface Outcome {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** What produces output. Started once; everything it opens is closed once `ended` or `stop()` has resolved. */
export interface Source {
  /** Begins to read into the sink; resolves when it reads (a command was spawned, files are watched). */
  start(sink: Sink): Promise<void>;
  /**
   * Resolves once the source has come to its own end and its last byte was given to the sink; never for followed files.
   */
  readonly ended: Promise<Outcome>;
  /** Ends it: watching stops, unread output that is already there is still read where that takes no waiting. */
  stop(): Promise<void>;
}
