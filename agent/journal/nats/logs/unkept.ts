import type { PartialRows, TaskProgress } from '../../../words/wire.ts';
import type { ProgressNews, WriterAnswer } from '../message/live-message.ts';

/** What an agent sends to whoever listens, and no store keeps. */
export interface Unkept {
  readonly partials: readonly PartialRows[];
  readonly progress: TaskProgress | undefined;
  take(news: PartialRows | ProgressNews): void;
  /** What was unfinished and is no longer: its end was missed. */
  replace(now: Pick<WriterAnswer, 'partials' | 'progress'>): void;
  /** The log has ended: nothing is unfinished. How far its program is ends with the status. */
  end(): void;
  /** Nobody listens any more; nothing is announced. */
  forget(): void;
}

/** Of different channels; an agent has two for each source. */
const mostPartials = 1024;

export function createUnkept(news: { onPartial(partial: PartialRows): void; onProgress(): void }): Unkept {
  const partials = new Map<string, PartialRows>();
  let progress: TaskProgress | undefined;

  function takePartial(partial: PartialRows): void {
    const channel = channelOf(partial);
    if (partial.rows.length === 0) partials.delete(channel);
    else if (partials.has(channel) || partials.size < mostPartials) partials.set(channel, partial);
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
    news.onProgress();
  }

  return {
    get partials() {
      return [...partials.values()];
    },
    get progress() {
      return progress;
    },
    take(one) {
      if ('progress' in one) takeProgress(one.progress ?? undefined);
      else takePartial(one);
    },
    replace(now) {
      replacePartials(now.partials);
      takeProgress(now.progress);
    },
    end() {
      replacePartials([]);
      progress = undefined;
    },
    forget() {
      partials.clear();
      progress = undefined;
    },
  };
}

function channelOf({ source, stream }: PartialRows): string {
  return `${stream ?? 'stdout'} ${source ?? ''}`;
}
