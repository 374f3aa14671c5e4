import { afterEach, beforeEach, expect, it } from 'vitest';
import { chunkLines } from '../../../../agent/finding/chunks/chunk.ts';
import { createFinder, type Finder } from '../../../../agent/finding/thread/finder.ts';
import type { Log } from '../../../../agent/journal/store.ts';
import { eventsFormat } from '../../../../agent/server/resources/formats/events.ts';
import { createSearchStream } from '../../../../agent/server/resources/search/search-stream.ts';
import type { Outlet } from '../../../../agent/server/socket/outlet.ts';
import { createFeeds } from '../../../../agent/server/stream/feed.ts';
import { until, within } from '../../../support/deadline.ts';
import { type HeldJournal, holdBack } from '../../../support/held-journal.ts';
import { syntheticJournal } from '../../../support/synthetic-journal.ts';

const known = 3 * chunkLines + 10;
let held: HeldJournal;
let stamps: number;
let body: string;
let state: 'open' | 'left' | 'cut';
const outlet: Outlet = {
  get isOpen() {
    return state === 'open';
  },
  isBehind: false,
  write: (bytes) => {
    body += bytes.toString();
  },
  lend: (bytes) => outlet.write(bytes),
  share: ({ bytes }) => outlet.write(bytes),
  ready: async () => true,
  pause: async () => undefined,
  end: () => {},
  cut: () => {
    state = 'cut';
  },
};

/** Of a log whose newest line comes once the others were looked through: of somebody who has said nothing for long. */
function searched(searchMs: number): Promise<void> {
  const journal = syntheticJournal(known, (id) => ({
    text: id > known ? 'a part' : '2026-11-28T09:00:00.000Z up',
    origin: id > known ? { source: 'late' } : {},
  }));
  held = holdBack(journal, (id) => id <= 2 * chunkLines - 200);
  const log = { info: {}, journal: held.journal, status: { state: 'running' }, sources: ['a', 'late'], partials: [] };
  const { search, stamps: earlier } = createFinder();
  const finder = {
    async search(journalOf, request, { send }) {
      // However long it takes.
      const end = await search(journalOf, request, { send, isCancelled: false });
      journal.lastId = known + 1;
      return end;
    },
    stamps(...asked) {
      stamps++;
      return earlier(...asked);
    },
  } as Finder;
  const stream = createSearchStream({
    ...{ log: log as unknown as Log, feeds: createFeeds(), finder, outlet, format: eventsFormat, searchMs },
    query: { not: [], before: 0, after: 0, since: Date.UTC(2026, 10, 28) },
    range: { nextId: known - 5, endId: known + 1, lineLimit: Number.POSITIVE_INFINITY, isReset: false },
    isClosed: false,
    ...{ isResumed: true, stays: true, onCaughtUp() {} },
  });
  return stream.run();
}

beforeEach(() => {
  stamps = 0;
  body = '';
  state = 'open';
});
afterEach(() => held.letGo());

const longMs = 600_000;

it('ends what it asks for about earlier lines when its client leaves', async () => {
  const running = searched(longMs);
  await until('the question', () => stamps === 1 && held.asked > 0);
  state = 'left';
  await within('the end', running);
});

it('says meanwhile that it is at work', async () => {
  const running = searched(longMs);
  await until('the question', () => stamps === 1 && held.asked > 0);
  const before = body.length;
  const said = () => body.slice(before).split('event: progress').length - 1;
  await until('progress', () => said() >= 2);
  held.letGo();
  await until('what was asked for', () => body.includes('data: a part'));
  await within('the end', running);
});

it('is cut off where that takes too long, so that it does not look complete', async () => {
  const running = searched(300);
  await within('the end', running);
  expect({ stamps, state }).toEqual({ stamps: 1, state: 'cut' });
  expect(body).not.toContain('data: a part');
});
