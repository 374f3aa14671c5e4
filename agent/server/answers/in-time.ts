import type { ServerResponse } from 'node:http';

/**
 * Does `work` with a signal that is aborted after `ms` milliseconds, and when the response has ended or its client has
 * left: what is still being found out for it can stop. What aborts it is held, as by `AbortSignal.any` it is not: there
 * a time limit could be collected as garbage.
 */
export async function inTime<Result>(
  response: ServerResponse,
  ms: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const end = new AbortController();
  const abort = () => end.abort();
  const timer = setTimeout(abort, ms).unref();
  if (response.closed) abort();
  else response.once('close', abort);
  try {
    return await work(end.signal);
  } finally {
    clearTimeout(timer);
    response.off('close', abort);
  }
}
