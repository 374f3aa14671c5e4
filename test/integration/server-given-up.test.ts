import { describe, expect, it } from 'vitest';
import type { Outline } from '../../agent/words/finding.ts';
import { until } from '../support/deadline.ts';
import { parseEvents } from '../support/event-text.ts';
import { ask, connectBare, open } from '../support/http-client.ts';
import { exited, type ServedLog, serveLog } from '../support/served-log.ts';

const asEvents = { headers: { Accept: 'text/event-stream' } };

async function searches(served: ServedLog): Promise<{ running: number; total: number }> {
  const { body } = await ask(served.url('metrics'));
  const value = (name: string) => Number(new RegExp(`^sse_tail_searches_${name} (\\d+)$`, 'm').exec(body)?.[1]);
  return { running: value('running'), total: value('total') };
}

describe('a client that leaves', () => {
  // What it asks for behind a stream is not begun before that has ended, which is never.
  it.each(['events?q=zzz', 'raw?q=zzz', 'histogram?q=zzz', 'logs?q=zzz', 'export', 'outline'])(
    'takes no place from others with what it has asked for behind a stream: %s',
    async (path) => {
      await using served = await serveLog({ lines: 3 });
      const get = (target: string, more = '') => `GET /${target} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;
      const requests = get('events') + get(path) + get(path, 'Accept: text/event-stream\r\n');
      // More than one client has places for.
      const clients = await Promise.all(Array.from({ length: 130 }, () => connectBare(served.server.port, requests)));
      await until('the streams', () => clients.every(({ received }) => received.includes('line 3')));
      for (const { socket } of clients) socket.destroy();
      expect((await ask(served.url('events?q=line&regex=1&follow=0'))).status).toBe(200);
      expect(await searches(served)).toEqual({ running: 0, total: 1 });
    },
  );

  it('takes none with what fails', async () => {
    const name = `${'n'.repeat(99)}😀.x`;
    await using served = await serveLog({ lines: 3, info: { name } });
    for (const path of ['raw?download=1&q=line', 'events?format=csv&download=1&follow=0&q=line']) {
      const { status, headers } = await ask(served.url(path));
      expect({ path, status }).toEqual({ path, status: 200 });
      expect(headers['content-disposition']).toContain(encodeURIComponent('😀'));
    }
  });

  it.each(['events', 'raw', 'logs'])('leaves no search to be finished for nobody: %s', async (path) => {
    await using served = await serveLog();
    const text = `${'x'.repeat(200)} y`;
    for (let batch = 0; batch < 20; batch++) await served.append(Array.from({ length: 2000 }, () => text));
    const target = (i: number) => `${path}?regex=1&follow=0&q=(x%2Bx%2B)%2B[z${i}]$`;
    const processorMs = async (work: () => Promise<unknown>) => {
      const before = process.cpuUsage();
      await work();
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    };
    const whole = () => processorMs(() => ask(served.url(target(0))));
    const left = async () => {
      const { total } = await searches(served);
      const requests = Array.from({ length: 64 }, (_, i) => `GET /${target(i)} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      const clients = await Promise.all(requests.map((request) => connectBare(served.server.port, request)));
      await until('the searches', async () => (await searches(served)).total === total + clients.length);
      for (const { socket } of clients) socket.destroy();
      return processorMs(() => until('their end', async () => (await searches(served)).running === 0));
    };
    await whole();
    // A neighbor slows each of them for as long as it likes: the least of several tries counts.
    let [one, many] = [await whole(), await left()];
    for (let tries = 0; tries < 6 && many >= one; tries++) {
      one = Math.min(one, await whole());
      many = Math.min(many, await left());
    }
    expect(many).toBeLessThan(one);
  });

  it('leaves no histogram to be finished for nobody', async () => {
    await using served = await serveLog();
    await served.append(Array.from({ length: 200_000 }, (_, i) => `line ${i} of some text that goes on`));
    const clients = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        connectBare(served.server.port, `GET /histogram?regex=1&q=x.*${i}$ HTTP/1.1\r\nHost: localhost\r\n\r\n`),
      ),
    );
    await until('the histograms', async () => (await searches(served)).running > 0);
    for (const { socket } of clients) socket.destroy();
    await until('their end', async () => (await searches(served)).running === 0);
  });
});

describe('the outline as events', () => {
  it('has headers only where they are asked for', async () => {
    await using served = await serveLog({ lines: 3 });
    const { status, headers, body } = await ask(served.url('outline'), { ...asEvents, method: 'HEAD' });
    expect({ status, type: headers['content-type'], body }).toEqual({
      status: 200,
      type: 'text/event-stream',
      body: '',
    });
    for (const path of ['outline', 'histogram', 'logs?q=line']) {
      const head = await ask(served.url(path), { method: 'HEAD' });
      expect({ path, type: head.headers['content-type'] }).toEqual({
        path,
        type: 'application/json; charset=utf-8',
      });
    }
    expect((await searches(served)).total).toBe(0);
  });

  it('is what nobody gets who refuses them', async () => {
    await using served = await serveLog({ lines: 3 });
    const headers = { Accept: 'application/json, text/event-stream;q=0' };
    expect((await ask(served.url('outline'), { headers })).headers['content-type']).toMatch('application/json');
  });

  it('of a finished log comes once', async () => {
    await using served = await serveLog({ lines: 3 });
    served.log.setStatus(exited);
    const first = await ask(served.url('outline'), asEvents);
    const event = parseEvents(first.body).find(({ type }) => type === 'outline');
    expect((JSON.parse(event?.data ?? '') as Outline).known).toEqual([1, 3]);
    expect(event?.id).toBe('3');
    const again = await ask(served.url('outline'), { headers: { ...asEvents.headers, 'Last-Event-ID': '3' } });
    expect(again.status).toBe(204);
    const old = await ask(served.url('outline'), { headers: { ...asEvents.headers, 'Last-Event-ID': '2' } });
    expect(old.body).toContain('event: outline');
  });

  it('does not keep the server from ending', async () => {
    const served = await serveLog({ lines: 3 });
    using live = await open(served.url('outline'), asEvents);
    await live.until('the outline', () => live.body.includes('event: outline'));
    await served[Symbol.asyncDispose]();
    // What does not end by itself is broken off.
    await live.whole();
  });

  it('leaves nothing behind on a connection, however often it changes', async () => {
    await using served = await serveLog();
    using live = await open(served.url('outline'), asEvents);
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on('warning', note);
    for (let change = 1; change <= 3; change++) {
      await served.append(Array.from({ length: 100 }, (_, i) => `ERROR ${'long '.repeat(40)} ${change} ${i}`));
      await live.until('the change', () => live.body.includes(`${change} 99`));
    }
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });
});
