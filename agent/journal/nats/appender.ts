import { setTimeout as sleep } from 'node:timers/promises';
import type { Batch, Block } from '../../frame/block.ts';
import { SseTailError } from '../../words/errors.ts';
import { writeTrouble } from '../trouble.ts';
import { createBatchWriter, Superseded } from './batch-writer.ts';
import type { LogSubject } from './cluster/log-subject.ts';
import type { Extent } from './extent.ts';
import { packed } from './message/batch-message.ts';

/** Stores the batches of a log that this process writes, and removes its oldest ones. */
export interface Appender {
  /** Why it can't be written right now, in one sentence. */
  readonly trouble: string | undefined;
  /** Resolves once the batch is stored and announced; tries again until it is. */
  append(batch: Batch): Promise<void>;
}

export interface AppenderOptions {
  subject: LogSubject;
  extent: Extent;
  /** About so many bytes of lines are kept. */
  retainBytes: number;
  onBlock(block: Block): void;
  onTrouble(trouble: string | undefined): void;
  /** @throws where the journal is closed */
  checkOpen(): void;
}

const retryMs = 500;
/** Retention takes a little more than it must, so that not every batch asks for one. */
const keptShare = 7 / 8;

export function createAppender(options: AppenderOptions): Appender {
  const { subject, extent, retainBytes, checkOpen } = options;
  const writer = createBatchWriter();
  let hasBegun = false;
  let trouble: string | undefined;

  function say(next: string | undefined): void {
    if (trouble === next) return;
    trouble = next;
    options.onTrouble(next);
  }

  async function store({ bytes, length, firstId, lastId }: Batch): Promise<void> {
    const events = bytes.subarray(0, length);
    if (!hasBegun) await writer.begin(subject);
    hasBegun = true;
    // What failed may have been stored all the same.
    if (writer.lastId < lastId) {
      const lines = { payload: await packed([events]), length, firstId, lastId };
      await writer.write({ ...lines, positions: extent.positions.values() });
    }
    say(undefined);
    extent.add({ ...writer.written(length), firstId, lastId });
    options.onBlock({ bytes: events, firstId, lastId });
  }

  async function retain(): Promise<void> {
    const { last, index } = extent;
    if (last === undefined) return;
    const kept = index.fromOffset(last.offset + last.length - retainBytes * keptShare);
    const oldest = kept === undefined || kept.seq > last.seq ? last : kept;
    await subject.purge(oldest.seq);
    extent.beginWith(oldest);
  }

  return {
    get trouble() {
      return trouble;
    },
    async append(batch) {
      checkOpen();
      const expected = extent.lastId + 1;
      if (batch.firstId !== expected) {
        throw new RangeError(`the journal's next line is ${expected}, the batch begins with ${batch.firstId}`);
      }
      extent.move(batch.positions ?? []);
      for (;;) {
        try {
          await store(batch);
          break;
        } catch (error) {
          if (error instanceof Superseded) throw new SseTailError('locked', 'Another agent now writes this log.');
          say(writeTrouble(error));
          hasBegun = false;
          await sleep(retryMs);
          checkOpen();
        }
      }
      batch.release();
      // What can't be removed now goes with one of the next batches.
      if (extent.size > retainBytes) await retain().catch(() => undefined);
    },
  };
}
