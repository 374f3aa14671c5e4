import type { PartialRows, TaskProgress } from '../../../words/wire.ts';
import type { ProgressNews, WriterAnswer } from '../message/live-message.ts';

/** What an agent sends to whoever listens, and no store keeps. */
export interface Unkept {
  readonly partials: readonly PartialRows[];
  readonly progress: TaskProgress | undefined;
  /** How often news of the progress has come. */
  readonly progressNews: number;
  take(news: PartialRows | ProgressNews): void;
  /**
   * What was unfinished and is no longer: its end was missed.
   *
   * @param askedAt what `progressNews` was when it was asked: what has come since then is newer
   */
  replace(now: Pick<WriterAnswer, 'partials' | 'progress'>, askedAt: number): void;
  /** The log has ended: nothing is unfinished. How far its program is ends with the status. */
  end(): void;
  /** Nobody listens any more; nothing is announced. */
  forget(): void;
}

/** Of different channels; an agent has two for each source. */
const mostPartials = 1024;
/** Between two announcements of progress, as agents have it; whoever may publish can send any number. */
const progressMs = 250;

export function createUnkept(news: { onPartial(partial: PartialRows): void; onProgress(): void }): Unkept {
  const partials = new Map<string, PartialRows>();
  let progress: TaskProgress | undefined;
  let progressNews = 0;
  let announceFrom = 0;
  let timer: NodeJS.Timeout | undefined;

  function takePartial(partial: PartialRows): void {
    const channel = channelOf(partial);
    if (partial.rows.length === 0) {
      if (!partials.delete(channel)) return;
    } else if (partials.has(channel) || partials.size < mostPartials) partials.set(channel, partial);
    else return;
    news.onPartial(partial);
  }

  function replacePartials(now: readonly PartialRows[]): void {
    const channels = new Set(now.map(channelOf));
    for (const [channel, partial] of partials) if (!channels.has(channel)) takePartial({ ...partial, rows: [] });
    now.forEach(takePartial);
  }

  function takeProgress(next: TaskProgress | undefined): void {
    if (JSON.stringify(next) === JSON.stringify(progress)) return;
    progress = next;
    timer ??= setTimeout(announceProgress, Math.max(0, announceFrom - performance.now())).unref();
  }

  function announceProgress(): void {
    timer = undefined;
    announceFrom = performance.now() + progressMs;
    news.onProgress();
  }

  function forgetProgress(): void {
    progress = undefined;
    clearTimeout(timer);
    timer = undefined;
  }

  return {
    get partials() {
      return [...partials.values()];
    },
    get progress() {
      return progress;
    },
    get progressNews() {
      return progressNews;
    },
    take(one) {
      if (!('progress' in one)) return takePartial(one);
      progressNews++;
      takeProgress(one.progress ?? undefined);
    },
    replace(now, askedAt) {
      replacePartials(now.partials);
      if (progressNews === askedAt) takeProgress(now.progress);
    },
    end() {
      replacePartials([]);
      forgetProgress();
    },
    forget() {
      partials.clear();
      forgetProgress();
    },
  };
}

function channelOf({ source, stream }: PartialRows): string {
  return `${stream ?? 'stdout'} ${source ?? ''}`;
}
