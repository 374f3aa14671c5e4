import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createServer, type Server } from '../../agent/server/server.ts';
import type { LogSummary } from '../../agent/words/log.ts';
import { ask } from '../support/http-client.ts';
import { exited, type ServedLog, serveLog } from '../support/served-log.ts';

let served: ServedLog;
/** Serves the same store and has no log of its own. */
let listing: Server;

beforeAll(async () => {
  served = await serveLog({ lines: 3 });
  const viewerDir = join(served.dir, 'pages');
  mkdirSync(viewerDir);
  writeFileSync(join(viewerDir, 'index.html'), 'one log');
  writeFileSync(join(viewerDir, 'logs.html'), 'all logs');
  const { store } = served;
  listing = await createServer({
    store,
    current: () => undefined,
    viewerDir,
    version: '1',
    host: '127.0.0.1',
    port: 0,
  });
});
afterAll(async () => {
  await listing.close();
  await served[Symbol.asyncDispose]();
});

const browser = { Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };
const get = (path: string, headers: Record<string, string> = {}) => ask(`${listing.url}${path}`, { headers });

describe('a server without a log of its own', () => {
  it('shows the list of logs, to browsers also at /logs', async () => {
    expect(await get('')).toMatchObject({ status: 200, body: 'all logs' });
    const page = await get('logs', browser);
    expect(page).toMatchObject({ status: 200, body: 'all logs' });
    expect(page.headers).toMatchObject({ 'cache-control': 'no-cache', vary: 'Accept, Accept-Encoding' });
  });

  it('gives the list itself to everybody else', async () => {
    for (const headers of [{}, { Accept: '*/*' }, { Accept: 'application/json' }] as Record<string, string>[]) {
      const response = await get('logs', headers);
      expect(response.headers['content-type']).toContain('application/json');
      expect(response.headers.vary).toBe('Accept, Accept-Encoding');
      expect(JSON.parse(response.body)).toMatchObject([{ id: served.log.info.id, first: 1, last: 3 }]);
    }
  });

  it('has the viewer and the resources of each log under its id', async () => {
    const under = `logs/${served.log.info.id}/`;
    expect(await get(under, browser)).toMatchObject({ status: 200, body: 'one log' });
    expect(JSON.parse((await get(`${under}status`)).body)).toMatchObject({ log: served.log.info.id, last: 3 });
    expect(JSON.parse((await get(`${under}status`)).body)).not.toHaveProperty('current');
    expect((await get(`${under}logs`, browser)).headers['content-type']).toContain('application/json');
  });

  it.each(['events', 'raw', 'status'])('answers /%s with the way to the logs', async (path) => {
    const response = await get(path);
    expect(response.status).toBe(404);
    expect(JSON.parse(response.body)).toEqual({ error: 'This agent has no log of its own. See /logs.' });
  });

  it('is healthy', async () => {
    expect(JSON.parse((await get('healthz')).body)).toMatchObject({ status: 'ok' });
  });
});

describe('the list', () => {
  it('is not sent again while nothing has changed', async () => {
    const { etag } = (await get('logs')).headers;
    expect((await get('logs', { 'If-None-Match': etag as string })).status).toBe(304);
    await served.appendNumbered(1);
    expect((await get('logs', { 'If-None-Match': etag as string })).status).toBe(200);
  });

  it('tells of every change, also of logs that were finished', async () => {
    const list = async () => JSON.parse((await get('logs')).body) as LogSummary[];
    const log = await served.store.create({ kind: 'command', name: 'later', cwd: '/' });
    const { id } = log.info;
    expect((await list())[0]).toMatchObject({ id, status: { state: 'running' } });
    log.setStatus(exited);
    await log.close();
    expect((await list())[0]).toMatchObject({ id, status: exited });
    const again = await served.store.resume(id);
    again.setStatus({ state: 'following' });
    expect((await list())[0]).toMatchObject({ id, status: { state: 'following' } });
    await again.close();
    expect((await list())[0]).toMatchObject({ id, status: { state: 'stopped' } });
    await served.store.remove(id);
    expect((await list()).map((summary) => summary.id)).not.toContain(id);
  });
});
