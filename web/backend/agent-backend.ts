import type { Hello } from '../../agent/words/wire.ts';
import type { Probe } from '../stream/connection.ts';
import { eventTypes } from '../stream/event-types.ts';
import { streamOpener } from '../stream/open-stream.ts';
import type { Backend } from './backend.ts';

const probeMs = 10_000;

/** The agent that the page came from. */
export function agentBackend(): Backend {
  return {
    openStream: streamOpener(eventTypes),
    probe,
    later: async () => (await import('./agent-requests.ts')).agentRequests,
  };
}

async function probe(): Promise<Probe> {
  try {
    const response = await fetch('status', { cache: 'no-store', signal: AbortSignal.timeout(probeMs) });
    if (!response.ok) return { kind: 'refused', status: response.status };
    return { kind: 'status', hello: (await response.json()) as Hello };
  } catch {
    return { kind: 'unreachable' };
  }
}
