import { eventTypes } from '../stream/event-types.ts';
import { isOutdated } from '../stream/outdated.ts';
import { probe, whyRefused } from '../stream/probe.ts';
import { laterPolled, streamOpener } from '../stream/sharing/open-stream.ts';
import type { Backend } from './backend.ts';
import workerUrl from './worker.ts?worker&url';

/** The agent that the page came from, and how what else is asked of it is loaded. */
export function agentBackend(later: Backend['later']): Backend {
  const first = document.getElementById('first');
  first?.remove();
  return {
    firstEvents: JSON.parse(first?.textContent || '[]'),
    openStream: streamOpener(eventTypes, workerUrl),
    openPolled: laterPolled(workerUrl),
    isOutdated,
    probe,
    whyRefused,
    later,
  };
}
