import { setTimeout as sleep } from 'node:timers/promises';
import type { Batch, Block } from '../../frame/block.ts';
import { excerptOf } from '../../frame/excerpt.ts';
import { createListeners } from '../../system/listeners.ts';
import { SseTailError } from '../../words/errors.ts';
import type { FilePosition } from '../../words/position.ts';
import type { Journal, JournalListener } from '../journal.ts';
import { writeTrouble } from '../trouble.ts';
import { createBatchWriter, isTaken, lastCounting, type StoredEnd, Superseded } from './batch-writer.ts';
import type { FreshBatch, LogSubject, Newest, StoredBatch } from './cluster/log-subject.ts';
import { joined, packed } from './message/batch-message.ts';
import { createEpochs, type Epoch } from './message/epochs.ts';
import { type BatchCache, createBatchCache } from './read/batch-cache.ts';
import { createBatchIndex, locate, type Mark } from './read/batch-index.ts';
import { createFreshBatches } from './read/fresh-batches.ts';
import { blockBytes, createNatsCursor } from './read/nats-cursor.ts';
import type { ReadyBatches } from './read/read-ahead.ts';

/** A log in the cluster. Whoever only reads it calls `refresh` and `follow`, whoever writes it `append`. */
export interface NatsJournal extends Journal {
  /** Takes in what the cluster holds by now. @throws what the cluster says */
  refresh(): Promise<void>;
  /** Hears of what others store, until the returned function is called. */
  follow(): () => void;
  /** What is known from elsewhere: of writers, how many lines there were, and where the log ended in the stream. */
  learn(epochs: readonly Epoch[], lastId: number, end?: StoredEnd): void;
}

export interface NatsJournalOptions {
  /** About so many bytes of lines are kept; without it as much as the stream keeps. */
  retainBytes?: number;
  /** Shared by the logs of a process; without it nothing is cached. */
  cache?: BatchCache;
  /** Lines are missing that the stream had: whoever has them is to send them again. */
  onLoss?: () => void;
}

/** A core message may be lost, and the last one has none after it that shows so. */
const checkMs = 5000;
/** While batches come, only what retention took is not known by them. */
const ticksBetweenChecks = 12;
/** After a loss the agent sends again what it has; lines that don't come within this time are told as gone. */
const refillMs = 60_000;
const retryMs = 500;
/** So many batches that were missed are announced one by one. */
const mostMissed = 32;
/** Small batches are asked for several at once, as each takes a way to the server and back. */
const mostAsked = 32;
const mostAskedBytes = 256 * 1024;
/** Retention takes a little more than it must, so that not every batch asks for one. */
const keptShare = 7 / 8;
/** Where little is kept, what a reader takes at once is little, too: the rest of a segment, on disk. */
const blockShare = 1 / 8;

/** @throws what the cluster says */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: its methods share what is known of the stream.
export async function openNatsJournal(subject: LogSubject, options: NatsJournalOptions = {}): Promise<NatsJournal> {
  const { retainBytes = Number.POSITIVE_INFINITY, cache = createBatchCache(0, blockBytes), onLoss } = options;
  const listeners = createListeners<JournalListener>();
  const epochs = createEpochs(forgetBatches);
  const index = createBatchIndex();
  const positions = new Map<string, FilePosition>();
  const writer = createBatchWriter();
  let hasBegun = false;
  let first: Mark | undefined;
  let last: Mark | undefined;
  /** Of the log's last message, whether its lines count or not. */
  let lastSeq = 0;
  let lastId = 0;
  /** As its writer said. */
  let saidEnd: StoredEnd | undefined;
  /** So many batches are asked for at once. */
  let window = 2;
  /** Lines that the stream has lost, and that are sent again: told as gone only when they don't come. */
  let refill: { firstId: number; until: number } | undefined;
  let lossReportedAt = Number.NEGATIVE_INFINITY;
  let trouble: string | undefined;
  let closed = false;
  const fresh = createFreshBatches(() => {
    void step(() => announceFresh(fresh.takeGathered())).catch(() => undefined);
  });
  /** One step after the other: fresh batches, checks. */
  let steps: Promise<unknown> = Promise.resolve();
  let nextRefresh: Promise<void> | undefined;
  await refresh();

  const scope = {
    get firstId() {
      return firstId();
    },
    get lastId() {
      return lastId;
    },
    get closed() {
      return closed;
    },
    mostBlockBytes: retainBytes * blockShare,
    find,
    after: batchesAfter,
    unpack,
  };

  function firstId(): number {
    if (isRefilling()) return Math.min(refill?.firstId ?? 1, first?.firstId ?? Number.POSITIVE_INFINITY);
    return first?.firstId ?? lastId + 1;
  }

  function isRefilling(): boolean {
    if (refill !== undefined && ((last?.lastId ?? 0) >= lastId || performance.now() > refill.until)) refill = undefined;
    return refill !== undefined;
  }

  function awaitRefill(from: number): void {
    refill = { firstId: from, until: performance.now() + refillMs };
    reportLoss();
  }

  /** More than once: its writer may be away at the moment. */
  function reportLoss(): void {
    if (performance.now() - lossReportedAt < checkMs) return;
    lossReportedAt = performance.now();
    onLoss?.();
  }

  /** What was remembered of an older writer may not be the log's, and that of an older stream is elsewhere. */
  function forgetBatches(): void {
    index.clear();
    cache.drop(subject.name);
  }

  function step<Result>(what: () => Promise<Result>): Promise<Result> {
    const done = steps.then(() => (closed ? Promise.reject(closedError()) : what()));
    steps = done.catch(() => undefined);
    return done;
  }

  async function nextLines(seq: number, by?: 'leader'): Promise<StoredBatch | undefined> {
    for (let at = seq; ; ) {
      const batch = await subject.next(at, by);
      if (batch === undefined) return undefined;
      epochs.learn(batch.epochs);
      if (batch.lastId >= batch.firstId && epochs.counts(batch)) return batch;
      at = batch.seq + 1;
    }
  }

  async function batchesAfter(last: StoredBatch): Promise<StoredBatch[]> {
    const kept = keptAfter(last.lastId);
    if (kept.length > 0) return kept;
    const count = Math.max(1, Math.min(window, Math.floor(mostAskedBytes / last.storedBytes)));
    const found = await Promise.all(Array.from({ length: count }, (_, ahead) => nextLines(last.seq + 1 + ahead)));
    const run: StoredBatch[] = [];
    for (const batch of found) {
      if (batch?.firstId !== (run.at(-1) ?? last).lastId + 1) continue;
      run.push(batch);
      remember(batch);
    }
    // Batches of other logs may stand between them.
    if (run.length < count) window = Math.max(1, run.length);
    else if (count === window) window = Math.min(mostAsked, 2 * window);
    return run;
  }

  /** From memory where it is known which ones they are: the lines of each go on where those before end. */
  function keptAfter(id: number): StoredBatch[] {
    const run: StoredBatch[] = [];
    for (let end = id; run.length < mostAsked; ) {
      const known = index.around(end + 1).before;
      const kept = known?.firstId === end + 1 ? cache.get(subject.name, known) : undefined;
      if (kept === undefined) break;
      run.push(kept);
      end = kept.lastId;
    }
    return run;
  }

  function remember(batch: StoredBatch): void {
    index.add(batch);
    cache.put(subject.name, batch);
  }

  function unpack(batches: readonly StoredBatch[]): ReadyBatches {
    const unpacked = cache.unpack(subject.name, batches);
    // Caught at once: others are waited for first.
    unpacked.catch(() => undefined);
    return { batches, unpacked };
  }

  async function find(id: number): Promise<StoredBatch | { goneUpTo: number } | 'wait'> {
    if (first === undefined || last === undefined || id > last.lastId) {
      if (!isRefilling()) return { goneUpTo: lastId };
      // Whoever only reads is not passed on what comes back.
      await refresh();
      return 'wait';
    }
    if (id < first.firstId) return { goneUpTo: first.firstId - 1 };
    const mark = index.around(id).before;
    const kept = mark !== undefined && mark.lastId >= id ? cache.get(subject.name, mark) : undefined;
    if (kept !== undefined) return kept;
    let found = await locate(id, { first, last, index }, nextLines);
    if (found === 'stale' || 'goneUpTo' in found) {
      index.clear();
      found = await locateAnew(id);
    }
    if (found !== 'stale' && !('goneUpTo' in found)) {
      remember(found);
      return found;
    }
    if (found !== 'stale' && found.goneUpTo < lastId) return found;
    // Retention may have moved on, or the stream has lost its end.
    await refresh();
    return 'wait';
  }

  /** With nothing that is remembered, which may be of another stream, and by the leader: other servers may lag. */
  async function locateAnew(id: number): Promise<StoredBatch | { goneUpTo: number } | 'stale'> {
    const stored = await subject.last();
    epochs.learn(stored?.batch?.epochs ?? []);
    const newest = stored && (await lastCounting(subject, epochs, stored));
    const oldest = await nextLines(1, 'leader');
    if (newest === undefined || oldest === undefined || newest.lastId < id) return 'stale';
    if (oldest.firstId > id) return { goneUpTo: oldest.firstId - 1 };
    const known = { first: oldest, last: newest, index: createBatchIndex() };
    return locate(id, known, (seq) => nextLines(seq, 'leader'));
  }

  /** Many viewers that come in the same moment share one that has not begun. */
  function refresh(): Promise<void> {
    nextRefresh ??= step(async () => {
      nextRefresh = undefined;
      const stored = await subject.last();
      epochs.learn(stored?.batch?.epochs ?? []);
      if (stored === undefined && (await isAllTaken())) return forgetAll();
      if (await isReplaced(stored)) lose();
      else if (isRefilling()) reportLoss();
      const newest = stored === undefined ? undefined : await lastCounting(subject, epochs, stored);
      if (stored === undefined || newest === undefined) return;
      if (first === undefined || first.seq < newest.seq) await findFirst();
      if (listeners.size > 0) await announceRest(newest, stored.seq);
      else if (stored.seq > lastSeq) takeLast(newest, stored.seq);
    });
    return nextRefresh;
  }

  async function findFirst(): Promise<void> {
    const found = (await nextLines(1)) ?? (await nextLines(1, 'leader'));
    if (found === undefined) return;
    first = found;
    index.dropBefore(found.seq);
    index.add(found);
  }

  /** Retention took all of the log. */
  function forgetAll(): void {
    if (lastId === saidEnd?.lastId) refill = undefined;
    first = undefined;
    index.clear();
  }

  /** Whether retention took all of the log: nothing of it is to come back. */
  async function isAllTaken(): Promise<boolean> {
    if (lastSeq === 0 && saidEnd === undefined) return false;
    const stream = await subject.stream();
    if (lastSeq > 0) return stream.isLimited && stream.firstSeq > lastSeq;
    return saidEnd !== undefined && isTaken(saidEnd, stream);
  }

  /** Whether a stream that ends with `stored` is not the one that was read: one that was filled again may be longer. */
  async function isReplaced(stored: Newest | undefined): Promise<boolean> {
    if ((stored?.seq ?? 0) < lastSeq) return true;
    const known = last;
    if (known === undefined) return false;
    let there = stored?.seq === known.seq ? stored.batch : await subject.next(known.seq);
    if (there?.seq !== known.seq) there = await subject.next(known.seq, 'leader');
    // Where retention took it, no harm is done: what is known is found again.
    if (there?.seq !== known.seq) return true;
    return there.lastId !== known.lastId || there.offset + there.length !== known.offset + known.length;
  }

  /** The stream is not the one that it was: its sequences mean other batches. */
  function lose(): void {
    awaitRefill(firstId());
    forgetBatches();
    first = undefined;
    last = undefined;
    lastSeq = 0;
  }

  function takeLast(batch: StoredBatch, seq: number): void {
    // A hundred million lines take their time.
    if (refill !== undefined && batch.lastId > (last?.lastId ?? 0)) refill.until = performance.now() + refillMs;
    lastSeq = seq;
    for (const position of batch.positions()) positions.set(position.source, position);
    if (batch.lastId < batch.firstId) {
      // A claim: what it stands behind is known by its ids.
      last ??= batch.lastId > 0 ? { ...batch, firstId: batch.lastId } : undefined;
      if (last !== undefined) last = { ...last, seq: batch.seq, offset: batch.offset, length: 0, lastId: batch.lastId };
    } else {
      last = batch;
      index.add(batch);
    }
    lastId = Math.max(lastId, batch.lastId);
  }

  async function announceRest(newest: StoredBatch, seq: number): Promise<void> {
    // Those that have come need not be asked for.
    await announceFresh(fresh.takeGathered());
    if (lastSeq >= seq) return;
    if (newest.lastId <= lastId) {
      takeLast(newest, seq);
      return;
    }
    // In a stream that was filled again most of it has been announced before.
    if (lastSeq === 0 && lastId > 0 && first !== undefined) {
      const found = await locate(lastId + 1, { first, last: newest, index }, nextLines);
      if (found !== 'stale' && !('goneUpTo' in found)) lastSeq = found.seq - 1;
    }
    await announceUpTo(seq);
  }

  async function announceUpTo(seq: number): Promise<void> {
    for (let missed = 0; lastSeq < seq && !closed; missed++) {
      if (missed === mostMissed) return announceNewest();
      const batch = (await subject.next(lastSeq + 1)) ?? (await subject.next(lastSeq + 1, 'leader'));
      if (batch === undefined) return;
      await announce([batch]);
    }
  }

  /** Those before it are left to readers: they ask for several at once, and new ones come meanwhile. */
  async function announceNewest(): Promise<void> {
    const stored = await subject.last();
    epochs.learn(stored?.batch?.epochs ?? []);
    const newest = stored && (await lastCounting(subject, epochs, stored));
    if (stored === undefined || newest === undefined) return;
    if (newest.lastId > lastId) await announce([newest]);
    lastSeq = Math.max(lastSeq, stored.seq);
  }

  /** Whoever has caught up gets them, in one block; what comes twice, or out of turn, is for readers to find. */
  async function announce(batches: readonly StoredBatch[]): Promise<void> {
    const unpacked = await Promise.all(batches.map((batch) => batch.events().catch(() => undefined)));
    // What is announced and what there is are one step: no await from here on.
    let block: { parts: Buffer[]; firstId: number; lastId: number } | undefined;
    const send = () => {
      if (block !== undefined) sendBlock({ ...block, bytes: joined(block.parts) });
      block = undefined;
    };
    for (const [at, batch] of batches.entries()) {
      const news = takeNews(batch, unpacked[at]);
      if (news === undefined) continue;
      const { firstId, bytes } = news;
      if (bytes === undefined || (block !== undefined && firstId !== block.lastId + 1)) send();
      // Readers find out that it is damaged.
      if (bytes === undefined) continue;
      block ??= { parts: [], firstId, lastId };
      block.parts.push(bytes);
      block.lastId = batch.lastId;
    }
    send();
  }

  /** Takes in a batch. Returns its lines that were not there before, without bytes where they are damaged. */
  function takeNews(
    batch: StoredBatch,
    events: Buffer | undefined,
  ): { firstId: number; bytes: Buffer | undefined } | undefined {
    epochs.learn(batch.epochs);
    if (!epochs.counts(batch)) {
      lastSeq = batch.seq;
      return undefined;
    }
    const firstId = Math.max(batch.firstId, lastId + 1);
    const isNews = batch.lastId > lastId;
    if (isNews) cache.put(subject.name, batch);
    takeLast(batch, batch.seq);
    first ??= batch.lastId < batch.firstId ? undefined : batch;
    if (!isNews) return undefined;
    return { firstId, bytes: events && excerptOf({ ...batch, bytes: events }, firstId).bytes };
  }

  function sendBlock(block: Block): void {
    const startedAt = performance.now();
    for (const listener of listeners) listener.onBlock?.(block);
    fresh.sent(startedAt, performance.now());
  }

  /** What the server has passed on, and what was missed of it. */
  async function announceFresh(batches: readonly FreshBatch[]): Promise<void> {
    let run: FreshBatch[] = [];
    const end = () => run.at(-1)?.seq ?? lastSeq;
    const announceRun = async () => {
      await announce(run);
      run = [];
    };
    for (const batch of batches) {
      if (closed) return;
      if (batch.seq === end()) continue;
      if (batch.seq < end()) {
        await announceRun();
        // It was late, and a check took it in; or the stream is another one.
        if (batch.seq < lastSeq && !(await isReplaced(await subject.last()))) continue;
        if (batch.seq < lastSeq) lose();
      }
      if (batch.previousSeq !== end()) {
        await announceRun();
        await announceUpTo(batch.seq - 1);
      }
      if (batch.seq > end()) run.push(batch);
    }
    await announceRun();
  }

  function follow(): () => void {
    const leave = subject.listen(fresh.take);
    const check = () => void refresh().catch(() => undefined);
    let seen = fresh.count;
    let ticks = 0;
    const timer = setInterval(() => {
      // While batches come, each of them shows whether one before it was missed.
      if (fresh.count === seen || ++ticks % ticksBetweenChecks === 0) check();
      seen = fresh.count;
    }, checkMs).unref();
    check();
    return () => {
      clearInterval(timer);
      leave();
    };
  }

  async function append(batch: Batch): Promise<void> {
    if (closed) throw closedError();
    if (batch.firstId !== lastId + 1) {
      throw new RangeError(`the journal's next line is ${lastId + 1}, the batch begins with ${batch.firstId}`);
    }
    for (const position of batch.positions ?? []) positions.set(position.source, position);
    for (;;) {
      try {
        await store(batch);
        break;
      } catch (error) {
        if (error instanceof Superseded) throw new SseTailError('locked', 'Another agent now writes this log.');
        tell(writeTrouble(error));
        hasBegun = false;
        await sleep(retryMs);
        if (closed) throw closedError();
      }
    }
    batch.release();
    // What can't be removed now goes with one of the next batches.
    if (size() > retainBytes) await retain().catch(() => undefined);
  }

  async function store({ bytes, length, firstId: from, lastId: to }: Batch): Promise<void> {
    const events = bytes.subarray(0, length);
    if (!hasBegun) await writer.begin(subject);
    hasBegun = true;
    // What failed may have been stored all the same.
    if (writer.lastId < to) {
      const lines = { payload: await packed([events]), length, firstId: from, lastId: to };
      await writer.write({ ...lines, positions: positions.values() });
    }
    tell(undefined);
    take({ ...writer.written(length), firstId: from, lastId: to });
    for (const listener of listeners) listener.onBlock?.({ bytes: events, firstId: from, lastId: to });
  }

  function take(mark: Mark): void {
    lastSeq = mark.seq;
    last = mark;
    lastId = mark.lastId;
    first ??= mark;
    index.add(mark);
  }

  function tell(next: string | undefined): void {
    if (trouble === next) return;
    trouble = next;
    for (const listener of listeners) listener.onTrouble?.(next);
  }

  function size(): number {
    return first === undefined || last === undefined ? 0 : last.offset + last.length - first.offset;
  }

  async function retain(): Promise<void> {
    if (last === undefined) return;
    const kept = index.fromOffset(last.offset + last.length - retainBytes * keptShare);
    const oldest = kept === undefined || kept.seq > last.seq ? last : kept;
    await subject.purge(oldest.seq);
    first = oldest;
    index.dropBefore(oldest.seq);
  }

  return {
    get firstId() {
      return firstId();
    },
    get lastId() {
      return lastId;
    },
    get size() {
      return size();
    },
    get trouble() {
      return trouble;
    },
    positions,
    append,
    read: (fromId, toId) => createNatsCursor(scope, fromId, toId),
    subscribe(listener) {
      if (trouble !== undefined) listener.onTrouble?.(trouble);
      return listeners.add(listener);
    },
    refresh,
    follow,
    learn(known, last, end) {
      epochs.learn(known);
      saidEnd = end ?? saidEnd;
      if (last <= lastId) return;
      if (!isRefilling()) awaitRefill(firstId());
      lastId = last;
    },
    async close() {
      closed = true;
      await steps;
    },
  };
}

function closedError(): SseTailError {
  return new SseTailError('journal', 'The journal is closed.');
}
