import { setTimeout as sleep } from 'node:timers/promises';
import type { TestBrowser } from '../support/browser.ts';
import { visitPage } from './page-visits.ts';
import { type Visit, type Visited, visits } from './visits.ts';

/** All who come to look at some logs and leave again. */
export interface Visitors {
  /**
   * One of each kind, one after the other, then as many at once as there ever are: what is made at the first time, or
   * for many who read at the same time, stays.
   */
  comeOnce(): Promise<void>;
  /** Some ten at a time of each log, and now and then a page. Resolves when all have left. */
  comeAndGo(over: AbortSignal): Promise<void>;
  /** What they were answered, and should not have been. */
  readonly faults: readonly string[];
}

/** A visit takes a few seconds. */
const visitMs = 700;
const mostAtOnce = 12;
const pageMs = 15_000;

export function createVisitors(
  logs: readonly { visited: Visited }[],
  browser: TestBrowser,
  random: () => number,
): Visitors {
  const faults: string[] = [];
  const note = (kind: string) => (error: Error) => faults.push(`${kind}: ${error.stack}`);
  const oneOf = <One>(all: readonly One[]) => all[Math.floor(all.length * random())] as One;

  /** Of an agent's threads both that read a log do so. */
  async function read(log: Visited): Promise<void> {
    const stay = AbortSignal.timeout(500);
    await Promise.all([visits['a part of the past'], visits['a search']].map((visit) => (visit as Visit)(log, stay)));
  }

  async function visitAll(log: Visited, over: AbortSignal): Promise<void> {
    const here = new Set<Promise<unknown>>();
    await repeat(over, visitMs, async () => {
      // On a busy machine each takes longer, and more of them would make it longer still.
      if (here.size >= mostAtOnce) return;
      const [kind, visit] = oneOf(Object.entries(visits));
      const visiting = visit(log, over).catch(note(kind));
      here.add(visiting);
      void visiting.finally(() => here.delete(visiting));
    });
    await Promise.all(here);
  }

  return {
    faults,
    async comeOnce() {
      for (const { visited } of logs) {
        for (const visit of Object.values(visits)) await visit(visited, AbortSignal.timeout(500));
        await visitPage(browser, visited);
        for (let time = 0; time < 3; time++) await Promise.all(Array.from({ length: mostAtOnce }, () => read(visited)));
      }
    },
    async comeAndGo(over) {
      await Promise.all([
        ...logs.map(({ visited }) => visitAll(visited, over)),
        repeat(over, pageMs, () => visitPage(browser, oneOf(logs).visited).catch(note('a page'))),
      ]);
    },
  };
}

/** Again and again, with so much time between on average. */
export async function repeat(over: AbortSignal, everyMs: number, task: () => Promise<unknown>): Promise<void> {
  while (!over.aborted) {
    await task();
    await sleep(2 * everyMs * Math.random(), undefined, { signal: over }).catch(() => undefined);
  }
}
