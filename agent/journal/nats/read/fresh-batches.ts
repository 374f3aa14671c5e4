import { createGatheringPause } from '../../gathering-pause.ts';
import type { FreshBatch } from '../cluster/log-subject.ts';

/** Batches that the server passes on: those that come while clients are sent others are announced together. */
export interface FreshBatches {
  take(batch: FreshBatch): void;
  /** What has gathered so far, in the order in which it came. */
  takeGathered(): FreshBatch[];
  /** How many have come. */
  readonly count: number;
  /** Clients were sent what was announced, between these moments (`performance.now`). */
  sent(startedAt: number, endedAt: number): void;
}

/**
 * A gateway has a part of the log's viewers, and an agent that had all of them would take longer to send. An agent with
 * a thousand viewers sends for some 10 ms and gathers for 10 ms; each of two gateways, which sends for 5 ms, is to send
 * as often: each time costs CPU for each viewer.
 */
const gatherShare = 4;
const longestGatherMs = 15;
/** Gathering for longer would save no writes that count. */
const fullBlockBytes = 64 * 1024;
/** More than these are missed instead, and read from the stream: whoever announces them waits for the server. */
const mostGathered = 1024;

/**
 * @param announce is called when enough has gathered, and takes it when its turn comes, with what came until then: a
 * batch that waited elsewhere would be overtaken by what comes after it. Its errors are its own
 */
export function createFreshBatches(announce: () => void): FreshBatches {
  const pause = createGatheringPause(gatherShare, longestGatherMs);
  let gathered: FreshBatch[] = [];
  let bytes = 0;
  let count = 0;
  let isWaiting = false;

  function announceGathered(): void {
    isWaiting = false;
    if (gathered.length > 0) announce();
  }

  function takeGathered(): FreshBatch[] {
    const batches = gathered;
    gathered = [];
    bytes = 0;
    return batches;
  }

  return {
    take(batch) {
      count++;
      if (gathered.length >= mostGathered) takeGathered();
      gathered.push(batch);
      bytes += batch.length;
      if (isWaiting) {
        if (bytes >= fullBlockBytes) pause.end();
        return;
      }
      isWaiting = true;
      pause.begin(bytes >= fullBlockBytes, announceGathered);
    },
    takeGathered,
    get count() {
      return count;
    },
    sent: pause.follow,
  };
}
