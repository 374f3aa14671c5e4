import type { Log } from '../../journal/store.ts';
import { timeZone } from '../../system/time-zone.ts';
import { defined } from '../../words/defined.ts';
import type { Hello, Status } from '../../words/wire.ts';

/** How a log stands, how far its program is, and what keeps its lines from coming. */
export function statusOf({ status, progress, delivery: store, journal, unrecorded }: Log): Status {
  const trouble = journal.trouble ?? journal.unread ?? unrecorded;
  return { ...status, ...defined({ progress, trouble, store }) };
}

/** What a log is and how it stands: data of `hello` and of `GET status`. `current` is the agent's own log. */
export function helloOf(log: Log, current: Log | undefined): Hello {
  const { info, journal, sources } = log;
  const { firstId, lastId } = journal;
  const older = current !== undefined && current.info.id !== info.id ? { current: current.info.id } : {};
  return {
    log: info.id,
    url: `events?log=${info.id}`,
    name: info.title ?? info.name,
    kind: info.kind,
    first: firstId,
    last: lastId,
    sources: [...sources],
    status: statusOf(log),
    time: Date.now(),
    zone: timeZone(),
    ...older,
  };
}
