import type { WritableLog } from '../journal/store.ts';
import type { Sink } from '../sources/source.ts';
import type { Redactor } from '../text/redact/redact.ts';
import { createChannel, type RecordingChannel } from './channel.ts';
import { createEncodingHint } from './encoding-hint.ts';
import { createGather } from './gather.ts';
import type { LastLines } from './last-lines.ts';
import { createOrigins } from './origins.ts';
import { createTaskProgressReport } from './task-progress.ts';

/**
 * Writes what sources send into a log: splits it into lines, gathers the lines into batches, shows what is no line yet.
 */
export interface Recorder extends Sink {
  /** Writes what is left and ends; what comes later is dropped. */
  close(): Promise<void>;
}

export interface RecorderOptions {
  log: WritableLog;
  /** The log's one source, whose name origins leave out; undefined where there are or may be several. */
  onlySource?: string;
  /** Where the texts that the log already has end. */
  lastLines?: LastLines;
  /** What comes follows on these (files): a color in force at their ends is in force for it. Else it is a new text. */
  goesOn?: boolean;
  /** Takes secrets out of lines, notices and names before anything is written or shown. */
  redactor?: Redactor;
  /** What sources write in, where it isn't UTF-8 (`encodingNamed`). */
  encoding?: string;
  /** Called once when much of an input is no UTF-8, as it should be. */
  onOtherEncoding?: () => void;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

export function createRecorder(options: RecorderOptions): Recorder {
  const { log, onlySource, lastLines, goesOn = false, redactor, encoding, onOtherEncoding, now = Date.now } = options;
  const encodingHint = onOtherEncoding && createEncodingHint(onOtherEncoding);
  const channels = new Set<RecordingChannel>();
  const gather = createGather(log, () => {
    for (const channel of channels) channel.written();
  });
  const progress = createTaskProgressReport((next) => log.setProgress(next));
  const origins = createOrigins({ onlySource, redactor, now });
  let statuses: Promise<void> = Promise.resolve();
  let isClosed = false;

  async function flush(): Promise<void> {
    await gather.flush();
    await statuses;
  }

  /** Files come and go for months. What is shown of an unfinished line goes with the lines that it has become. */
  function letGo(channel: RecordingChannel): void {
    void gather
      .flush()
      .catch(() => undefined)
      .then(() => {
        channel.stop();
        channels.delete(channel);
      });
  }

  return {
    channel(source, stream = 'stdout', terminal) {
      log.addSource(origins.withoutSecrets(source));
      const channel: RecordingChannel = createChannel({
        source,
        stream,
        terminal,
        log,
        gather,
        origins,
        progress: progress.stream(),
        redactor,
        encoding,
        encodingHint,
        lastLines,
        goesOn,
        onClose: () => letGo(channel),
      });
      channels.add(channel);
      return channel;
    },

    notice(text, source) {
      if (isClosed) return undefined;
      const bytes = Buffer.from(origins.withoutSecrets(text.replace(/[\r\n]+/g, ' ')));
      gather.builder.origin(origins.at(source, { kind: 'notice' }));
      gather.builder.line(bytes, 0, bytes.length);
      return gather.wait();
    },

    status(status) {
      statuses = statuses.then(gather.flush).then(() => log.setStatus(status));
    },

    flush,

    async close() {
      await flush();
      isClosed = true;
      progress.close();
      for (const channel of channels) channel.stop();
    },
  };
}
