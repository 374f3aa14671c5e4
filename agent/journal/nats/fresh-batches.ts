import { createGatheringPause } from '../gathering-pause.ts';
import type { FreshBatch } from './log-subject.ts';

/** Batches that the server passes on: those that come while clients are sent others are announced together. */
export interface FreshBatches {
  take(batch: FreshBatch): void;
  /** Clients were sent what was announced, between these moments (`performance.now`). */
  sent(startedAt: number, endedAt: number): void;
}

/** Gathering for longer would save no writes that count. */
const fullBlockBytes = 64 * 1024;

/** @param announce takes what has gathered, in the order in which it came; its errors are its own */
export function createFreshBatches(announce: (batches: FreshBatch[]) => void): FreshBatches {
  const pause = createGatheringPause();
  let gathered: FreshBatch[] = [];
  let bytes = 0;

  async function announceSoon(): Promise<void> {
    await pause.wait(bytes >= fullBlockBytes);
    const batches = gathered;
    gathered = [];
    bytes = 0;
    announce(batches);
  }

  return {
    take(batch) {
      gathered.push(batch);
      bytes += batch.length;
      if (gathered.length === 1) void announceSoon();
      else if (bytes >= fullBlockBytes) pause.end();
    },
    sent: pause.follow,
  };
}
