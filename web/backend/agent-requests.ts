import type { Histogram, Outline } from '../../agent/words/finding.ts';
import { createHitReader } from '../finding/hit-reader.ts';
import { createRangeReader } from '../history/range-reader.ts';
import { trustedScriptUrl } from '../text/trusted-types.ts';
import type { LaterBackend } from './backend.ts';
import workerUrl from './worker.ts?worker&url';

/** What is asked of the agent once the first lines show. */
export const agentRequests: LaterBackend = {
  createRangeReader: () => createRangeReader(startWorker('history')),
  createHitReader: (logId) => createHitReader(startWorker('search'), logId),
  outline: (signal, part) =>
    json<Outline>(part ? `outline?from=${part.from}&to=${part.to}` : 'outline', { cache: 'no-store', signal }),
  histogram: (query, signal) => json<Histogram>(`histogram?${query}`, { signal }),
};

function startWorker(name: 'history' | 'search'): Worker {
  return new Worker(trustedScriptUrl(workerUrl), { type: 'module', name });
}

async function json<Answer>(url: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`status ${response.status}`);
  return (await response.json()) as Answer;
}
