/** A writer's term: its lines begin at `from`. */
export interface Epoch {
  epoch: number;
  from: number;
}

/** Each message names the last writers, so that any of them tells which lines of older ones count. */
const mostNamed = 16;

/**
 * Who wrote which lines of a log. A writer that was paused and is no longer the newest (a zombie) may still get a batch
 * into the stream, as servers before 2.9.21 don't serialize the expected sequence within a cluster: its lines from the
 * first one of a newer writer on are passed over by every reader alike.
 */
export interface Epochs {
  readonly newest: Epoch | undefined;
  /** The last of them, oldest first. */
  readonly all: readonly Epoch[];
  learn(epochs: readonly Epoch[]): void;
  /** Whether the lines of a batch are the log's. */
  counts(batch: { epoch: number; firstId: number; lastId: number }): boolean;
}

/** @param onNews there is a writer that was not known: what counted before may count no more */
export function createEpochs(onNews = () => {}): Epochs {
  let all: Epoch[] = [];
  return {
    get newest() {
      return all.at(-1);
    },
    get all() {
      return all;
    },
    learn(epochs) {
      const news = epochs.filter((one) => !all.some((known) => known.epoch === one.epoch));
      const last = [...all, ...news].sort((a, b) => a.epoch - b.epoch).slice(-mostNamed);
      // Of older ones a log's first batches tell each time that they are read.
      if (last.every(({ epoch }, at) => epoch === all[at]?.epoch)) return;
      all = last;
      onNews();
    },
    counts({ epoch, firstId, lastId }) {
      return all.every((one) => (one.epoch > epoch ? lastId < one.from : one.epoch < epoch || firstId >= one.from));
    },
  };
}

/** Beside the time, for luck: two writers that begin at the same moment, which no server tells apart, differ. */
const perMs = 100;

/**
 * The epoch of a writer that begins after all that are known to it. It holds the time: where a store was wiped, a
 * writer with another disk does not know the epochs before it any more, but gateways do that have read its log.
 *
 * @param newest 0 where none is known
 */
export function epochAfter(newest: number, now = Date.now()): number {
  return Math.max(newest + 1, now * perMs + Math.floor(Math.random() * perMs));
}

export function epochsText(epochs: readonly Epoch[]): string {
  return epochs.map(({ epoch, from }) => `${epoch}@${from}`).join(' ');
}

export function parseEpochs(text: string): Epoch[] {
  return [...text.matchAll(/\b(\d{1,15})@(\d{1,15})\b/g)].map(([, epoch, from]) => ({
    epoch: Number(epoch),
    from: Number(from),
  }));
}
