import { IncomingMessage, ServerResponse } from 'node:http';
import type { Express } from 'express';

/** The classes that a server makes its requests and responses of. */
export interface Messages {
  IncomingMessage: typeof IncomingMessage;
  ServerResponse: typeof ServerResponse;
  /** Before the app gets the first of them: its requests and responses are of these classes, and Express's. */
  belongTo(app: Express): void;
}

/**
 * Requests and responses that are what Express would make of them. Left to itself it changes the prototype of each
 * one, after which V8 keeps a shape of its own for each, 2 KB of it, and knows nothing of one from the others: of a
 * thousand streams every write is looked up anew. Express itself comes with the app, which is loaded after the server
 * listens.
 */
export function createMessages(): Messages {
  class Request extends IncomingMessage {}
  class Response<Asked extends IncomingMessage> extends ServerResponse<Asked> {}
  return {
    IncomingMessage: Request,
    ServerResponse: Response,
    belongTo(app) {
      // What an app holds for them has Express's own as its prototype.
      Object.setPrototypeOf(Request.prototype, Object.getPrototypeOf(app.request));
      Object.setPrototypeOf(Response.prototype, Object.getPrototypeOf(app.response));
      for (const { prototype } of [Request, Response]) Object.assign(prototype, { app });
      Object.assign(app, { request: Request.prototype, response: Response.prototype });
    },
  };
}
