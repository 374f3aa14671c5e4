import { parentPort } from 'node:worker_threads';
import { type FollowedJournal, openFollowedJournal } from '../../journal/disk/read/followed-journal.ts';
import { BoundedMap } from '../../system/bounded-map.ts';
import { createDeferred, type Deferred } from '../../system/deferred.ts';
import { SseTailError } from '../../words/errors.ts';
import { type SearchNews, search } from '../search.ts';
import type { FromThread, ToThread } from './messages.ts';

/*
 * The search thread: reads journals from disk like any other process that follows them, so that a search costs the agent's own
 * thread nothing but what is found.
 */

/** News on its way that was not taken yet: a slow client holds up its own search and no memory. */
const mostUntaken = 2;
const mostJournals = 8;

interface Running {
  isCancelled: boolean;
  untaken: number;
  /** Waits until some news is taken. */
  room?: Deferred<void>;
}

const running = new Map<number, Running>();
const journals = new BoundedMap<string, Promise<FollowedJournal>>(mostJournals);

parentPort?.on('message', (message: ToThread) => {
  if (message.type === 'search') void run(message);
  else settle(message);
});

function settle({ type, id }: Exclude<ToThread, { type: 'search' }>): void {
  const one = running.get(id);
  if (one === undefined) return;
  if (type === 'cancel') one.isCancelled = true;
  else one.untaken--;
  one.room?.resolve();
}

async function run({ id, dir, request }: Extract<ToThread, { type: 'search' }>): Promise<void> {
  const one: Running = { isCancelled: false, untaken: 0 };
  running.set(id, one);
  try {
    const journal = await journalIn(dir, request.to);
    const send = (news: SearchNews) => pass(id, one, news);
    const end = await search(journal, request, {
      send,
      get isCancelled() {
        return one.isCancelled;
      },
    });
    post({ type: 'end', id, end });
  } catch (error) {
    post({ type: 'failed', id, error: plain(error) });
  } finally {
    running.delete(id);
  }
}

async function pass(id: number, one: Running, news: SearchNews): Promise<void> {
  one.untaken++;
  if (news.type === 'lines') {
    // A copy of its own, unless it is one already: what is transferred is gone here.
    const bytes =
      news.bytes.length === news.bytes.buffer.byteLength ? news.bytes : Buffer.from(new Uint8Array(news.bytes));
    post({ type: 'news', id, news: { ...news, bytes } }, [bytes.buffer as ArrayBuffer]);
  } else post({ type: 'news', id, news });
  while (one.untaken >= mostUntaken && !one.isCancelled) {
    one.room = createDeferred();
    await one.room.promise;
  }
}

/** The journal in a directory, with everything up to line `to`. */
async function journalIn(dir: string, to: number): Promise<FollowedJournal> {
  const known = journals.get(dir);
  const opening = known ?? openFollowedJournal(dir);
  journals.set(dir, opening);
  opening.catch(() => journals.delete(dir));
  const journal = await opening;
  if (journal.lastId < to) await journal.refresh();
  return journal;
}

function plain(error: unknown): Extract<FromThread, { type: 'failed' }>['error'] {
  if (error instanceof SseTailError) return { kind: error.kind, message: error.message, facts: { ...error.facts } };
  return {
    kind: 'journal',
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    facts: {},
  };
}

function post(message: FromThread, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}
