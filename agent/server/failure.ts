import type { ErrorRequestHandler } from 'express';
import { SseTailError } from '../errors.ts';

/** Answers for everything that went wrong before a response began. @param report gets what nobody expected */
export function createFailureHandler(report: (error: unknown) => void): ErrorRequestHandler {
  return (error, request, response, _next) => {
    const status = statusOf(error);
    if (status >= 500) report(error);
    if (response.headersSent) {
      // Too late for a status: the response must not look complete.
      response.socket?.destroy();
      return;
    }
    response.status(status).setHeader('Cache-Control', 'no-store');
    const body = bodyOf(error, status);
    if (status === 403 && request.accepts(['json', 'html']) === 'html') response.type('html').send(pageOf(body.error));
    else response.json(body);
  };
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
  if (error instanceof SseTailError && status < 500) {
    const { status: _, ...facts } = error.facts;
    return { error: error.message, ...facts };
  }
  if (status === 503 && error instanceof Error) return { error: error.message };
  if (status < 500)
    return { error: status === 404 ? 'There is nothing under this path.' : 'The request is malformed.' };
  return { error: 'Something went wrong in the agent.' };
}

function pageOf(message: string): string {
  const text = message.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return `<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>sse-tail</title><h1>Unexpected host</h1><p>${text}</p></html>\n`;
}
