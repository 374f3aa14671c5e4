import { fileURLToPath } from 'node:url';
import { within } from '../../support/deadline.ts';
import { hasEnded, start, stop } from '../processes.ts';
import type { ClientMessage, ClientReport, ClientTask } from './client-process.ts';

export type { ClientReport, ClientTask } from './client-process.ts';

/** Clients in a process of their own. */
export interface Client {
  /** Resolves when all connections are answered. */
  ready(deadlineMs?: number): Promise<void>;
  /**
   * Resolves when every connection has its last line. After the deadline it ends as well: what is missing counts as
   * lost. @throws Error when a connection failed.
   */
  done(deadlineMs?: number): Promise<ClientReport>;
  close(): Promise<void>;
}

const program = fileURLToPath(new URL('./client-process.ts', import.meta.url));

export function startClient(task: ClientTask): Client {
  const child = start(process.execPath, ['--import', 'tsx', program, JSON.stringify(task)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ready = fact<void>();
  const done = fact<void>();
  const reported = fact<ClientReport>();
  const fail = (error: Error) => {
    for (const { reject } of [ready, done, reported]) reject(error);
  };

  child.on('message', (message) => {
    const news = message as ClientMessage;
    switch (news.type) {
      case 'ready':
        return ready.resolve();
      case 'done':
        return done.resolve();
      case 'report':
        return reported.resolve(news.report);
      case 'failed':
        return fail(new Error(`Client of ${task.target.path}: ${news.message}`));
    }
  });
  child.on('exit', (code) => fail(new Error(`A client process ended with ${code}.`)));

  return {
    ready: (deadlineMs = 20_000) => within('connections answered', ready.promise, deadlineMs),
    async done(deadlineMs = 60_000) {
      const isDone = await Promise.race([done.promise.then(() => true), after(deadlineMs)]);
      child.send('report');
      const report = await within('report of a client', reported.promise, 10_000);
      if (!isDone || report.unfinished > 0) report.lost = (task.connections ?? 1) * task.until - report.lines;
      return report;
    },
    async close() {
      if (!hasEnded(child)) await stop(child, 'SIGKILL');
    },
  };
}

interface Fact<Value> {
  promise: Promise<Value>;
  resolve(value: Value): void;
  reject(error: Error): void;
}

/** A promise that others settle, and whose failure nobody has to wait for. */
function fact<Value>(): Fact<Value> {
  const made = {} as Fact<Value>;
  made.promise = new Promise<Value>((resolve, reject) => Object.assign(made, { resolve, reject }));
  made.promise.catch(() => {});
  return made;
}

function after(ms: number): Promise<false> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(false), ms).unref();
  });
}
