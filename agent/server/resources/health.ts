import type { Request, Response } from 'express';
import type { Log } from '../../journal/store.ts';

export interface HealthOptions {
  current: () => Log | undefined;
  /** Whether a request may know more than whether all is well. */
  admits(request: Request, response: Response): Promise<boolean>;
  facts(): Record<string, unknown>;
}

/**
 * Answers whether the agent can do its work: 200, or 503 while the current log's journal can't be written. Load
 * balancers and kubelets ask by an address and have no token: they get one word.
 */
export async function sendHealth(
  request: Request,
  response: Response,
  { current, admits, facts }: HealthOptions,
): Promise<void> {
  const isAdmitted = await admits(request, response);
  const trouble = current()?.journal.trouble;
  const status = trouble === undefined ? 'ok' : 'trouble';
  response.setHeader('Cache-Control', 'no-store');
  response.status(trouble === undefined ? 200 : 503);
  if (!isAdmitted) response.json({ status });
  else response.json(trouble === undefined ? { status, ...facts() } : { status, trouble, ...facts() });
}
