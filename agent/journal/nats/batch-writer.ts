import type { FilePosition } from '../../words/position.ts';
import { lastCounting } from './cluster/counting.ts';
import { type LogSubject, type StoredBatch, WrongSequence } from './cluster/log-subject.ts';
import { isTaken, type StoredEnd } from './cluster/stored-end.ts';
import type { Payload } from './message/batch-message.ts';
import { createEpochs, type Epoch, epochAfter } from './message/epochs.ts';

/** Lines to store: whole events, beginning with an origin. */
export interface Lines {
  payload: Payload;
  /** Of the events, uncompressed. */
  length: number;
  firstId: number;
  lastId: number;
  positions?: Iterable<FilePosition> | undefined;
}

/** Another writer has begun: nothing of this one counts any more. */
export class Superseded extends Error {}

/** Stores the batches of one log, one after the other. */
export interface BatchWriter {
  /** The last line that the stream has, 0 for none. */
  readonly lastId: number;
  /** The writers of the log, as far as they are known. */
  readonly epochs: readonly Epoch[];
  /** Where the log ends in its stream, as far as this writer knows. */
  readonly end: StoredEnd | undefined;
  /** @param end as a writer before this one knew it: what it had stored may be gone */
  learn(epochs: readonly Epoch[], end?: StoredEnd): void;
  /** Where the last batch stands, which has so many bytes. */
  written(length: number): StoredPlace;
  /**
   * Finds out what the stream has, and begins a term. Call it again after `write` has failed.
   *
   * @param subject the log, by a connection that may be a new one
   * @param keepUpTo lines after this one in the stream are not the log's: its writer does not know them
   * @throws Superseded, or what the cluster says
   */
  begin(subject: LogSubject, keepUpTo?: number): Promise<void>;
  /** @throws Superseded, or what the cluster says: then it is not known whether the batch was stored */
  write(lines: Lines): Promise<void>;
  /** @throws WrongSequence where the stream no longer ends with what was written last, or what the cluster says */
  verify(): Promise<void>;
}

export interface StoredPlace {
  seq: number;
  epoch: number;
  offset: number;
  length: number;
}

/** The largest number that a writer of the log had, in whatever store: the one that is used may have been wiped. */
export interface KeptEpoch {
  readonly epoch: number | undefined;
  /** Before it is used. */
  keepEpoch(epoch: number): Promise<void>;
}

/** @param kept outlives the process; without it, what the store knows and the clock have to do */
export function createBatchWriter(kept?: KeptEpoch): BatchWriter {
  const epochs = createEpochs();
  let subject: LogSubject | undefined;
  let mine: Epoch | undefined;
  let expectedSeq = 0;
  /** When the stream was made. */
  let created = '';
  /** Also of what retention took since. */
  let end: StoredEnd | undefined;
  let lastId = 0;
  let offset = 0;

  async function look(subject: LogSubject, keepUpTo: number): Promise<void> {
    const stored = await subject.last();
    const stream = await subject.stream();
    // Retention took all that was stored of this log, and is not to get it again.
    const taken = stored === undefined && end !== undefined && isTaken(end, stream) ? end : undefined;
    epochs.learn(stored?.batch?.epochs ?? []);
    if (mine !== undefined && (epochs.newest?.epoch ?? 0) > mine.epoch) throw new Superseded();
    const last = stored === undefined ? undefined : await lastCounting(subject, epochs, stored);
    created = stream.created;
    expectedSeq = stored?.seq ?? 0;
    lastId = Math.min(taken?.lastId ?? last?.lastId ?? 0, keepUpTo);
    offset = taken?.offset ?? (last === undefined ? 0 : last.offset + last.length);
    end = taken ?? (stored && { created, seq: stored.seq, lastId, offset });
    const isMine = mine !== undefined && last?.epoch === mine.epoch && last.lastId <= keepUpTo;
    // Lines before its term are nobody's who writes them in it: where these were lost as well it begins another one.
    const isWithinMine = mine !== undefined && stored === undefined && lastId + 1 >= mine.from;
    if (isMine || isWithinMine) return;
    await claim(subject, last);
  }

  /** Tells every writer before it, and every reader, from which line on only this one counts. */
  async function claim(subject: LogSubject, last: StoredBatch | undefined): Promise<void> {
    const newest = Math.max(epochs.newest?.epoch ?? 0, kept?.epoch ?? 0);
    const claimed: Epoch = { epoch: epochAfter(newest), from: lastId + 1 };
    await kept?.keepEpoch(claimed.epoch);
    const head = { firstId: lastId + 1, lastId, epochs: [...epochs.all, claimed], offset, length: 0 };
    const nothing = { bytes: Buffer.alloc(0), isCompressed: false };
    expectedSeq = await subject.store(head, nothing, { expectedSeq, positions: last?.positions() });
    epochs.learn([claimed]);
    mine = claimed;
    end = { created, seq: expectedSeq, lastId, offset };
  }

  return {
    get lastId() {
      return lastId;
    },
    written: (length) => ({ seq: expectedSeq, epoch: mine?.epoch ?? 0, offset: offset - length, length }),
    get epochs() {
      return epochs.all;
    },
    get end() {
      return end;
    },
    learn(known, said) {
      epochs.learn(known);
      // What it knows itself is newer.
      end ??= said;
    },
    async begin(by, keepUpTo = Number.POSITIVE_INFINITY) {
      subject = by;
      try {
        await look(by, keepUpTo);
      } catch (error) {
        // Of two that begin at the same moment one has to look again.
        if (!(error instanceof WrongSequence)) throw error;
        await look(by, keepUpTo);
      }
    },
    async write({ payload, length, firstId, lastId: last, positions }) {
      if (subject === undefined) throw new Error('the writer has not begun');
      const head = { firstId, lastId: last, epochs: epochs.all, offset, length };
      expectedSeq = await subject.store(head, payload, { expectedSeq, positions });
      lastId = last;
      offset += length;
      end = { created, seq: expectedSeq, lastId, offset };
    },
    async verify() {
      const stored = await subject?.last();
      if ((stored?.seq ?? 0) !== expectedSeq) throw new WrongSequence('the stream has lost the last batches');
    },
  };
}
