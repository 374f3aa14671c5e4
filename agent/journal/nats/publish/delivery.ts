/**
 * Which lines of a log the store has. An ack says that the server has a batch in memory or in its system's cache: a
 * power failure may take it until the server has synced its files. A line counts as delivered when its ack is older
 * than that interval and the stream still had it then.
 */
export interface Delivery {
  /** The last line that the store has acknowledged, or that it turned out to have when the connection was made. */
  readonly acknowledgedId: number;
  /** The last line that a power failure of the server no longer takes. */
  readonly deliveredId: number;
  /** The last line that the store ever had: gateways wait for those that it has lost. */
  readonly highestId: number;
  acknowledge(id: number): void;
  /** A new connection: the stream ends with this line. Those after it are lost, or were never there. */
  found(id: number): void;
  /** Lines up to this one were once in the store, as somebody else knows. */
  had(id: number): void;
  /** The stream has lost nothing so far: what was acknowledged long enough ago counts as delivered. */
  intact(): void;
  /** Milliseconds until `intact` would count something; undefined where nothing waits for it. */
  readonly dueMs: number | undefined;
}

/** So many moments are remembered at most: lines that were acknowledged close to each other share one. */
const mostMoments = 32;

/**
 * @param syncMs how often the server syncs its files; 0 where it does so before each ack
 * @param now milliseconds of a clock that nobody sets
 */
export function createDelivery(syncMs: number, now: () => number = () => performance.now()): Delivery {
  let acknowledgedId = 0;
  let deliveredId = 0;
  let highestId = 0;
  let waiting: { id: number; since: number; at: number }[] = [];

  function acknowledge(id: number): void {
    acknowledgedId = id;
    highestId = Math.max(highestId, id);
    if (syncMs === 0) {
      deliveredId = id;
      return;
    }
    const at = now();
    const last = waiting.at(-1);
    if (last !== undefined && at - last.since < syncMs / mostMoments) Object.assign(last, { id, at });
    else waiting.push({ id, since: at, at });
  }

  return {
    get acknowledgedId() {
      return acknowledgedId;
    },
    get deliveredId() {
      return deliveredId;
    },
    get highestId() {
      return highestId;
    },
    acknowledge,
    found(id) {
      deliveredId = Math.min(deliveredId, id);
      const known = waiting.find((moment) => moment.id >= id);
      waiting = waiting.filter((moment) => moment.id < id);
      if (known !== undefined) waiting.push({ ...known, id });
      // An agent before this one may have had the ack, nobody knows when.
      if (id > acknowledgedId) acknowledge(id);
      acknowledgedId = id;
    },
    had(id) {
      highestId = Math.max(highestId, id);
    },
    intact() {
      const due = waiting.findLast(({ at }) => now() - at >= syncMs);
      if (due === undefined) return;
      deliveredId = Math.max(deliveredId, due.id);
      waiting = waiting.filter(({ id }) => id > due.id);
    },
    get dueMs() {
      const first = waiting[0];
      return first === undefined ? undefined : Math.max(0, first.at + syncMs - now());
    },
  };
}
