import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { expect, onTestFinished, test } from 'vitest';
import { createMessages } from '../../../../agent/server/net/express-messages.ts';

test('requests and responses are what the app wants from the start, and know their own app', async () => {
  const bodies: unknown[] = [];
  for (const name of ['one', 'two']) {
    const { belongTo, ...classes } = createMessages();
    const prototypes: unknown[] = [];
    const note = (...made: (IncomingMessage | ServerResponse)[]) => {
      prototypes.push(...made.map((each) => Object.getPrototypeOf(each)));
    };
    const app = express();
    belongTo(app);
    app.set('name', name);
    app.get('/', (request, response) => {
      note(request, response);
      response.json([request.app.get('name'), response.app.get('name'), request.path]);
    });
    const server = createServer(classes, (request, response) => {
      note(request, response);
      app(request, response);
    });
    onTestFinished(() => void server.close());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    bodies.push(await (await fetch(`http://127.0.0.1:${port}/?x`)).json());
    expect(prototypes.slice(0, 2)).toEqual([classes.IncomingMessage.prototype, classes.ServerResponse.prototype]);
    expect(prototypes[2]).toBe(prototypes[0]);
    expect(prototypes[3]).toBe(prototypes[1]);
  }
  expect(bodies).toEqual([
    ['one', 'one', '/'],
    ['two', 'two', '/'],
  ]);
});
