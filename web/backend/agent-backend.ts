import { eventTypes } from '../stream/event-types.ts';
import type { Probe } from '../stream/probe.ts';
import { laterPolled, streamOpener } from '../stream/sharing/open-stream.ts';
import type { Backend } from './backend.ts';

/** The agent that the page came from. */
export function agentBackend(): Backend {
  return {
    openStream: streamOpener(eventTypes),
    openPolled: laterPolled,
    probe,
    isOutdated: async () => (await import('../stream/outdated.ts')).isOutdated(),
    async later() {
      const { agentRequests } = await import('./agent-requests.ts');
      // The agent may be gone when they are wanted.
      await Promise.all([import('../stream/probe.ts'), import('../stream/outdated.ts')]);
      return agentRequests;
    },
  };
}

async function probe(): Promise<Probe> {
  try {
    return await (await import('../stream/probe.ts')).probe();
  } catch {
    return { kind: 'unreachable' };
  }
}
