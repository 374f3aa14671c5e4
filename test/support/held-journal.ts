import type { Journal } from '../../agent/journal/journal.ts';
import { createDeferred } from '../../agent/system/deferred.ts';

/** A journal on a disk that gives some of its lines only once it is let go. */
export interface HeldJournal {
  /** Gives what the other one does. */
  readonly journal: Journal;
  /** How often lines were asked for that are held, and given. */
  readonly asked: number;
  readonly given: number;
  letGo(): void;
}

/** @param isHeld whether the line with which a read begins is */
export function holdBack(journal: Journal, isHeld: (id: number) => boolean): HeldJournal {
  const free = createDeferred<void>();
  let asked = 0;
  let given = 0;
  const held: Journal = Object.create(journal, {
    read: {
      value: (...range: Parameters<Journal['read']>) => {
        const cursor = journal.read(...range);
        const { next } = cursor;
        cursor.next = async () => {
          if (!isHeld(cursor.nextId)) return next.call(cursor);
          asked++;
          await free.promise;
          given++;
          return next.call(cursor);
        };
        return cursor;
      },
    },
  });
  return {
    journal: held,
    get asked() {
      return asked;
    },
    get given() {
      return given;
    },
    letGo: () => free.resolve(),
  };
}
