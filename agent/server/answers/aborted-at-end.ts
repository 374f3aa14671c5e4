import type { ServerResponse } from 'node:http';

/** Aborted when the response has ended or its client has left: what is still being found out for it can stop. */
export function abortedAtEnd(response: ServerResponse): AbortSignal {
  const end = new AbortController();
  if (response.closed) end.abort();
  else response.once('close', () => end.abort());
  return end.signal;
}
