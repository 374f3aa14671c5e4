import { expect, it } from 'vitest';
import type { Log } from '../../../../agent/journal/store.ts';
import { eventsFormat } from '../../../../agent/server/resources/formats/events.ts';
import { createSearchWriter } from '../../../../agent/server/resources/search/search-writer.ts';
import type { Outlet } from '../../../../agent/server/socket/outlet.ts';
import { until } from '../../../support/deadline.ts';
import { parseEvents } from '../../../support/event-text.ts';
import { syntheticJournal } from '../../../support/synthetic-journal.ts';

it('progress is said four times a second at most, and what is said last is all of it', async () => {
  let body = '';
  const outlet = { isOpen: true, isBehind: false, write: (bytes: Buffer) => (body += bytes) } as unknown as Outlet;
  const journal = syntheticJournal(1000, () => ({ text: 'x', origin: {} }));
  const log = { info: {}, journal, status: { state: 'running' }, sources: ['a'] } as unknown as Log;
  const writer = createSearchWriter({ log, format: eventsFormat, outlet, firstId: 1 });
  const said = () => parseEvents(body).map(({ data }) => JSON.parse(data).scanned as number);
  const begun = performance.now();
  let scanned = 0;
  const most = () => 4 * Math.ceil((performance.now() - begun) / 1000);
  const goOn = () => writer.count({ scanned: ++scanned, of: 1000, matches: 0, time: 0 });
  for (let step = 0; step < 100; step++) {
    goOn();
    writer.progressUnderWay();
    await new Promise(setImmediate);
  }
  expect(said().length).toBeLessThanOrEqual(most());
  // It has come to the end of the log: that can't wait for a second.
  writer.progress();
  expect(said().at(-1)).toBe(100);
  for (let step = 0; step < 100; step++) {
    goOn();
    writer.progress();
    await new Promise(setImmediate);
  }
  expect(said().length).toBeLessThanOrEqual(most());
  await until('all of it', () => said().at(-1) === 200);
  expect(said().length).toBeLessThanOrEqual(most());
  writer.close();
});
