import type { Block } from '../../frame/block.ts';
import { excerptOf } from '../../frame/excerpt.ts';
import type { StoredBatch } from './cluster/log-subject.ts';
import type { Extent } from './extent.ts';
import { joined } from './message/batch-message.ts';
import type { Epochs } from './message/epochs.ts';

/** Takes in batches that come after what is known, and sends their lines to whoever has caught up. */
export type Announce = (batches: readonly StoredBatch[]) => Promise<void>;

export interface NewsOptions {
  extent: Pick<Extent, 'lastId' | 'add' | 'passOver'>;
  epochs: Epochs;
  /** Readers will want it next. */
  keep(batch: StoredBatch): void;
  send(block: Block): void;
}

/** Lines that were not there before; without bytes where they are damaged, which readers find out. */
interface News {
  firstId: number;
  lastId: number;
  bytes: Buffer | undefined;
}

/** What comes twice, or out of turn, is for readers to find. */
export function createNews({ extent, epochs, keep, send }: NewsOptions): Announce {
  function take(batch: StoredBatch, events: Buffer | undefined): News | undefined {
    epochs.learn(batch.epochs);
    if (!epochs.counts(batch)) {
      extent.passOver(batch.seq);
      return undefined;
    }
    const firstId = Math.max(batch.firstId, extent.lastId + 1);
    const isNews = batch.lastId > extent.lastId;
    if (isNews) keep(batch);
    extent.add(batch);
    if (!isNews) return undefined;
    return { firstId, lastId: batch.lastId, bytes: events && excerptOf({ ...batch, bytes: events }, firstId).bytes };
  }

  return async (batches) => {
    const unpacked = await Promise.all(batches.map((batch) => batch.events().catch(() => undefined)));
    // What is announced and what there is are one step: no await from here on.
    const news = batches.map((batch, at) => take(batch, unpacked[at]));
    for (const block of blocksOf(news.filter((one) => one !== undefined))) send(block);
  };
}

/** Lines that follow each other, in one block. */
export function blocksOf(news: readonly News[]): Block[] {
  const runs: { parts: Buffer[]; firstId: number; lastId: number }[] = [];
  for (const { firstId, lastId, bytes } of news) {
    if (bytes === undefined) continue;
    const run = runs.at(-1);
    if (run !== undefined && firstId === run.lastId + 1) {
      run.parts.push(bytes);
      run.lastId = lastId;
    } else runs.push({ parts: [bytes], firstId, lastId });
  }
  return runs.map(({ parts, firstId, lastId }) => ({ bytes: joined(parts), firstId, lastId }));
}
