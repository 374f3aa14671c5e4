import { expect, test } from 'vitest';
import { createHub, type ReadOnce, type StreamNews } from '../../../../../web/stream/sharing/hub.ts';
import type { OpenStream, StreamListener } from '../../../../../web/stream/stream.ts';

const events = 'http://127.0.0.1:7730/events';

/** A log whose lines are told to its streams, and read by who joins. */
function stage() {
  const lines: string[] = [];
  const opened: { url: string; listener: StreamListener; isOpen: boolean }[] = [];
  const openLive: OpenStream = (url, listener) => {
    const stream = { url, listener, isOpen: true };
    opened.push(stream);
    return {
      close() {
        stream.isOpen = false;
      },
    };
  };
  const readings: (() => void)[] = [];
  /** Gives what there is when it is asked to go on. */
  const readOnce: ReadOnce = (url, event, signal) =>
    new Promise((resolve) => {
      const from = Number(new URL(url).searchParams.get('lastEventId') ?? 0);
      const last = lines.length;
      event('hello', '{}', '');
      event('origin', '{"time":1}', '');
      for (let id = from + 1; id <= last; id++) event('message', lines[id - 1] ?? '', String(id));
      signal.addEventListener('abort', () => resolve(false));
      readings.push(() => resolve(true));
    });
  const hub = createHub({ openLive, readOnce });
  return {
    hub,
    opened,
    async goOn() {
      for (const resolve of readings.splice(0)) resolve();
      await Promise.resolve();
      await Promise.resolve();
    },
    write(text: string, time = 1) {
      lines.push(text);
      for (const { listener, isOpen } of opened) {
        if (!isOpen) continue;
        listener.event('origin', `{"time":${time}}`, '');
        listener.event('message', text, String(lines.length));
      }
    },
  };
}

function page(hub: ReturnType<typeof stage>['hub'], query: string) {
  const news: StreamNews[] = [];
  const close = hub.open(`${events}?${query}`, (one) => news.push(one));
  const told = (type: string) => news.flatMap((one) => (one.news === 'event' && one.type === type ? [one.data] : []));
  return { news, close, told };
}

test('pages of one log share a stream, and each is told every line once', async () => {
  const { hub, opened, write, goOn } = stage();
  const first = page(hub, 'tail=60&skim=2000');
  write('one');
  const second = page(hub, 'tail=60&skim=2000');
  // It comes while the second one still reads what was before.
  write('two');
  await goOn();
  write('three');
  expect(opened).toHaveLength(1);
  expect(first.told('message')).toEqual(['one', 'two', 'three']);
  expect(second.told('message')).toEqual(['one', 'two', 'three']);
});

test('what a page has read already is not told again', async () => {
  const { hub, write, goOn } = stage();
  page(hub, 'tail=60');
  write('one');
  write('two');
  const late = page(hub, 'lastEventId=1');
  await goOn();
  expect(late.told('message')).toEqual(['two']);
});

test('a page that joined knows the origin of each line', async () => {
  const { hub, write, goOn } = stage();
  page(hub, 'tail=60');
  write('one', 5);
  const late = page(hub, 'tail=60');
  await goOn();
  write('two', 5);
  write('three', 9);
  expect(late.told('origin')).toEqual(['{"time":1}', '{"time":5}', '{"time":9}']);
});

test('other lines are another stream', () => {
  const { hub, opened } = stage();
  page(hub, 'tail=60');
  page(hub, 'tail=60&q=error');
  page(hub, 'tail=60&source=a.log');
  expect(opened).toHaveLength(3);
  expect(hub.streams).toBe(3);
});

test('the stream stays when the page goes that opened it, and ends with the last one', async () => {
  const { hub, opened, write, goOn } = stage();
  const first = page(hub, 'tail=60');
  const second = page(hub, 'tail=60');
  await goOn();
  first.close();
  write('one');
  expect(second.told('message')).toEqual(['one']);
  expect(first.told('message')).toEqual([]);
  second.close();
  expect(opened[0]?.isOpen).toBe(false);
  expect(hub.streams).toBe(0);
});

test('when it breaks off all pages hear of it, and the first that asks again opens the next', async () => {
  const { hub, opened, goOn } = stage();
  const pages = [page(hub, 'tail=60'), page(hub, 'tail=60')];
  await goOn();
  opened[0]?.listener.end({ kind: 'lost' });
  for (const { news } of pages) expect(news.at(-1)).toEqual({ news: 'end', reason: { kind: 'lost' } });
  page(hub, 'lastEventId=7');
  page(hub, 'lastEventId=7');
  expect(opened).toHaveLength(2);
});

test('an unfinished line is told to who joins', async () => {
  const { hub, opened, goOn } = stage();
  page(hub, 'tail=60');
  opened[0]?.listener.event('partial', '{"rows":["50 %"]}', '');
  const late = page(hub, 'tail=60');
  await goOn();
  expect(late.told('partial')).toEqual(['{"rows":["50 %"]}']);
});
