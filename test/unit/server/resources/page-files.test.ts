import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import express from 'express';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createPageFiles } from '../../../../agent/server/resources/page-files.ts';
import type { FirstEvents } from '../../../../agent/words/wire.ts';
import { ask } from '../../../support/http-client.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

const eventsElement = '<script type="application/json" id="first"></script>';
const logElement = '<main id="log" translate="no"></main>';

interface Served {
  url: string;
  /** How often events were asked for. */
  asked(): number;
}

/** Serves the document of a log with these events. */
async function serveDocument(events: FirstEvents): Promise<Served> {
  const dir = await tempFolder();
  writeFileSync(join(dir, 'index.html'), `<!doctype html><html><body>${logElement}${eventsElement}</body></html>`);
  let asked = 0;
  const files = createPageFiles(dir, {
    attributes: () => ({}),
    async firstEvents() {
      asked++;
      return events;
    },
  });
  const app = express();
  app.use((_request, response, next) => {
    response.locals.log = {};
    next();
  });
  app.use(files.serve);
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, asked: () => asked };
}

const hello = '{"log":"a-1","name":"a","first":1,"last":1,"sources":["a"],"time":0,"status":{"state":"following"}}';

describe('the document of a log', () => {
  it('has its lines drawn', async () => {
    const { url } = await serveDocument([
      ['hello', hello],
      [1, 'one'],
    ]);
    const { status, body } = await ask(url);
    expect(status).toBe(200);
    expect(body).toContain('data-id="1"');
  });

  it.each<[string, FirstEvents]>([
    [
      'no JSON',
      [
        ['hello', '{'],
        [1, 'one'],
      ],
    ],
    [
      'a greeting without what is in it',
      [
        ['hello', '{}'],
        [1, 'one'],
      ],
    ],
    [
      'no JSON of an origin',
      [
        ['hello', hello],
        ['origin', 'null,'],
        [1, 'one'],
      ],
    ],
  ])('comes as it was built where nothing can be drawn of its events: %s', async (_name, events) => {
    const { url } = await serveDocument(events);
    const { status, body } = await ask(url);
    expect(status).toBe(200);
    expect(body).toContain(logElement);
    expect(body).toContain(JSON.stringify(events));
  });

  it('is neither read nor drawn for its headers alone', async () => {
    const { url, asked } = await serveDocument([
      ['hello', hello],
      [1, 'one'],
    ]);
    const far = { 'x-forwarded-for': '203.0.113.7', 'accept-encoding': 'br' };
    const head = await ask(url, { method: 'HEAD', headers: far });
    expect([head.status, asked()]).toEqual([200, 0]);
    const whole = await ask(url, { headers: far });
    expect(asked()).toBe(1);
    const headersOf = ({ headers }: typeof head) =>
      ['cache-control', 'content-encoding', 'content-security-policy', 'content-type', 'vary'].map(
        (name) => headers[name],
      );
    expect(headersOf(head)).toEqual(headersOf(whole));
    expect(head.headers['content-length']).toBeUndefined();
  });
});
