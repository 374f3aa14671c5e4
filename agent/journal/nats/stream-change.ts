import type { LogSubject, Newest } from './cluster/log-subject.ts';
import { isTaken } from './cluster/stored-end.ts';
import type { Extent } from './extent.ts';

/** Of a log without a message: whether retention took all that it had, so that nothing of it is to come back. */
export async function isAllTaken(
  subject: LogSubject,
  { lastSeq, saidEnd }: Pick<Extent, 'lastSeq' | 'saidEnd'>,
): Promise<boolean> {
  if (lastSeq === 0 && saidEnd === undefined) return false;
  const stream = await subject.stream();
  if (lastSeq > 0) return stream.isLimited && stream.firstSeq > lastSeq;
  return saidEnd !== undefined && isTaken(saidEnd, stream);
}

/** Whether a stream that ends with `stored` is not the one that was read: one that was filled again may be longer. */
export async function isReplaced(
  subject: LogSubject,
  { lastSeq, last: known }: Pick<Extent, 'lastSeq' | 'last'>,
  stored: Newest | undefined,
): Promise<boolean> {
  if ((stored?.seq ?? 0) < lastSeq) return true;
  if (known === undefined) return false;
  let there = stored?.seq === known.seq ? stored.batch : await subject.next(known.seq);
  if (there?.seq !== known.seq) there = await subject.next(known.seq, 'leader');
  // Where retention took it, no harm is done: what is known is found again.
  if (there?.seq !== known.seq) return true;
  return there.lastId !== known.lastId || there.offset + there.length !== known.offset + known.length;
}
