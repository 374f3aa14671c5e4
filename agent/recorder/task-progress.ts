import { createTaskProgressReader } from '../text/escapes/task-progress.ts';
import type { TaskProgress } from '../words/wire.ts';

/** How far the program that writes a log is, as it says itself on any of its streams: who spoke last counts. */
export interface TaskProgressReport {
  stream(): TaskProgressOfStream;
  close(): void;
}

export interface TaskProgressOfStream {
  written(bytes: Buffer): void;
  /** The stream ended: nobody says any more how far it is. */
  ended(): void;
}

/** A program may say it for each file that it handles. */
const intervalMs = 250;

export function createTaskProgressReport(show: (progress: TaskProgress | undefined) => void): TaskProgressReport {
  let speaker: TaskProgressOfStream | undefined;
  let progress: TaskProgress | undefined;
  let shown = '';
  let nextAt = 0;
  let timer: NodeJS.Timeout | undefined;

  function showNow(): void {
    clearTimeout(timer);
    timer = undefined;
    const text = progress === undefined ? '' : JSON.stringify(progress);
    if (text === shown) return;
    shown = text;
    nextAt = performance.now() + intervalMs;
    show(progress);
  }

  function change(next: TaskProgress | undefined): void {
    progress = next;
    const waitMs = nextAt - performance.now();
    // That it is over can't wait.
    if (waitMs <= 0 || next === undefined) showNow();
    else timer ??= setTimeout(showNow, waitMs);
  }

  return {
    stream() {
      const read = createTaskProgressReader();
      const stream: TaskProgressOfStream = {
        written(bytes) {
          const said = read(bytes);
          if (said === undefined) return;
          speaker = stream;
          change(said === 'none' ? undefined : said);
        },
        ended() {
          if (speaker === stream) change(undefined);
        },
      };
      return stream;
    },
    close() {
      clearTimeout(timer);
    },
  };
}
