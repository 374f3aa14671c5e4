import type { ErrorRequestHandler, Response } from 'express';
import { SseTailError } from '../../words/errors.ts';
import { sendNotice, wantsPage } from './notice-page.ts';

/** Answers for everything that went wrong before a response began. @param report gets what nobody expected */
export function createFailureHandler(report: (error: unknown) => void): ErrorRequestHandler {
  return (error, request, response, _next) => {
    const status = statusOf(error);
    if (status >= 500 && !isRefusal(error)) report(error);
    if (response.headersSent) {
      // Too late for a status: the response must not look complete.
      response.socket?.destroy();
      return;
    }
    const body = bodyOf(error, status);
    forgetBody(response);
    if (typeof body.retryAfter === 'number') response.setHeader('Retry-After', body.retryAfter);
    if (wantsPage(request)) sendNotice(response, status, { title: titleOf(status), sentences: [body.error] });
    else response.status(status).setHeader('Cache-Control', 'no-store').json(body);
  };
}

/** It was to be another answer: what was said of its body is not true of the error. */
function forgetBody(response: Response): void {
  for (const name of response.getHeaderNames()) if (aboutBody.test(name)) response.removeHeader(name);
}

const aboutBody = /^(?:content-(?!security-policy)|etag$|last-modified$)/;

/** The server's own decision, not something that failed. */
export function isRefusal(error: unknown): boolean {
  return error instanceof SseTailError && error.kind === 'request';
}

function titleOf(status: number): string {
  switch (status) {
    case 403:
      return 'Not allowed';
    case 404:
      return 'Not found';
    case 429:
    case 503:
      return 'Try again later';
    default:
      return status < 500 ? 'Bad request' : 'Something went wrong';
  }
}

function statusOf(error: unknown): number {
  if (error instanceof SseTailError) {
    if (error.kind === 'request') return typeof error.facts.status === 'number' ? error.facts.status : 400;
    return error.kind === 'journal' || error.kind === 'locked' ? 503 : 500;
  }
  // Express and its parts: a path that is no valid percent-encoding, a file with a forbidden name.
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}

function bodyOf(error: unknown, status: number): { error: string } & Record<string, unknown> {
  if (error instanceof SseTailError && (status < 500 || isRefusal(error))) {
    const { status: _, ...facts } = error.facts;
    return { error: error.message, ...facts };
  }
  // Its own sentence is for the terminal: it names paths of this machine.
  if (status === 503)
    return { error: "The log can't be read right now. See the terminal in which sse-tail runs for the reason." };
  if (status < 500) return { error: status === 404 ? 'There is nothing at this path.' : 'The request is malformed.' };
  return { error: 'The agent failed to answer. See its terminal for the reason.' };
}
