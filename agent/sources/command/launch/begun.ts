import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setImmediate as turn } from 'node:timers/promises';

/**
 * What execa begins, in an object: it can be awaited itself, which would wait for its end.
 *
 * Where no descriptors are left, Node returns a child without streams and says why a moment later. execa fails over
 * such a child before it listens to that, and what nobody listens to would end this process.
 *
 * @throws what Node says
 */
export async function begun<Child>(begin: () => Child): Promise<{ child: Child }> {
  const failures: Error[] = [];
  const listen = (message: unknown) => {
    (message as { process: ChildProcess }).process.on('error', (failure) => failures.push(failure));
  };
  try {
    return { child: heard(begin, listen) };
  } catch (error) {
    await turn();
    throw failures[0] ?? error;
  }
}

/** Gets each child process that is made meanwhile. */
function heard<Child>(begin: () => Child, listen: (message: unknown) => void): Child {
  subscribe(channel, listen);
  try {
    return begin();
  } finally {
    unsubscribe(channel, listen);
  }
}

const channel = 'child_process';
