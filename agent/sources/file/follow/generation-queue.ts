import type { Generation } from '../open/generation.ts';

/**
 * The files that had one path, oldest first, as far as they are still read: those in the queue one after the other, and
 * those that were left for their successors for a while longer, since writers find out late that a file was rotated.
 */
export interface GenerationQueue {
  /** What is read now. */
  readonly front: Generation | undefined;
  /** What has the path now, or had it last. */
  readonly newest: Generation | undefined;
  /** What is read after the front. */
  readonly next: Generation | undefined;
  /** The front, where nothing comes after it. */
  readonly only: Generation | undefined;
  readonly length: number;
  /** So many more may be opened now; the rest as these are done with. */
  readonly room: number;
  has(id: string): boolean;
  append(...generations: Generation[]): void;
  /** Has `earlier` read before `generation`. */
  insertBefore(generation: Generation, earlier: readonly Generation[]): void;
  remove(generation: Generation): void;
  /** The front is left for the next one; returns a file that need not be watched any longer. */
  retireFront(): Generation | undefined;
  /** A file that was left has the path again. False if none of them has this id. */
  recall(id: string): boolean;
  /** Left, and still watched. */
  readonly retired: readonly Generation[];
  dismiss(retired: Generation): void;
  /** Empties it. */
  takeAll(): Generation[];
}

const queueLimit = 16;
const retiredLimit = 8;

export function createGenerationQueue(): GenerationQueue {
  const queue: Generation[] = [];
  const retired: Generation[] = [];

  return {
    get front() {
      return queue[0];
    },
    get newest() {
      return queue.at(-1);
    },
    get next() {
      return queue[1];
    },
    get only() {
      return queue.length === 1 ? queue[0] : undefined;
    },
    get length() {
      return queue.length;
    },
    get room() {
      return Math.max(0, queueLimit - queue.length);
    },
    has: (id) => queue.some(({ file }) => file.id === id),
    append: (...generations) => void queue.push(...generations),
    insertBefore: (generation, earlier) => void queue.splice(queue.indexOf(generation), 0, ...earlier),
    remove: (generation) => void queue.splice(queue.indexOf(generation), 1),
    retireFront() {
      const front = queue.shift();
      if (front !== undefined) retired.push(front);
      return retired.length > retiredLimit ? retired.shift() : undefined;
    },
    recall(id) {
      const at = retired.findIndex(({ file }) => file.id === id);
      if (at !== -1) queue.push(...retired.splice(at, 1));
      return at !== -1;
    },
    retired,
    dismiss: (one) => void retired.splice(retired.indexOf(one), 1),
    takeAll: () => [...queue.splice(0), ...retired.splice(0)],
  };
}
