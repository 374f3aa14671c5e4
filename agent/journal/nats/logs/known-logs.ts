import type { KnownRecord } from './log-record.ts';

/** The records of all logs, by their keys in the bucket. */
export interface KnownLogs {
  get(key: string): KnownRecord | undefined;
  set(key: string, known: KnownRecord): void;
  delete(key: string): void;
  keys(): Iterable<string>;
  /** The newest log first: kept in order, as each viewer of the list asks for it every second. */
  newestFirst(): KnownRecord[];
}

interface Place {
  key: string;
  createdAt: number;
}

export function createKnownLogs(): KnownLogs {
  const known = new Map<string, KnownRecord>();
  let sorted: Place[] = [];
  let added: Place[] = [];
  let isInOrder = true;

  function isThere({ key, createdAt }: Place): boolean {
    return known.get(key)?.record.info.createdAt === createdAt;
  }

  function putInOrder(): void {
    // Two runs, each of them in order: to sort both is to merge them.
    const all = [...sorted, ...added.sort(byAge)].sort(byAge);
    // A log that was removed and is there again has two places, one right after the other.
    sorted = all.filter((place, index) => isThere(place) && !isSame(place, all[index - 1]));
    added = [];
    isInOrder = true;
  }

  return {
    get: (key) => known.get(key),
    set(key, next) {
      const { createdAt } = next.record.info;
      // Most news is of a log that is known, which stays as old as it was.
      if (known.get(key)?.record.info.createdAt !== createdAt) {
        added.push({ key, createdAt });
        isInOrder = false;
      }
      known.set(key, next);
    },
    delete(key) {
      if (known.delete(key)) isInOrder = false;
    },
    keys: () => known.keys(),
    newestFirst() {
      if (!isInOrder) putInOrder();
      return sorted.map(({ key }) => known.get(key) as KnownRecord);
    },
  };
}

function isSame(one: Place, other: Place | undefined): boolean {
  return one.key === other?.key && one.createdAt === other.createdAt;
}

function byAge(one: Place, other: Place): number {
  return other.createdAt - one.createdAt || (one.key < other.key ? -1 : Number(one.key > other.key));
}
