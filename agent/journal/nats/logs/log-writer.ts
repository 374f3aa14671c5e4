import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../cluster/client.ts';
import { lookAgain, parseWriterAnswer, type WriterAnswer } from '../message/live-message.ts';
import type { NatsJournal } from '../nats-journal.ts';

/** The agent that writes a log, for a gateway. Nobody answers for a log that nobody writes. */
export interface LogWriter {
  /** Undefined where no answer comes. Those who ask at the same moment share one question. */
  ask(): Promise<WriterAnswer | undefined>;
  /** It is to look whether the store still has all that it had. */
  report(): void;
  /**
   * Resolves once the journal knows of a line that somebody has seen, or the writer says that it doesn't have it. Asks
   * again while nobody answers, as an agent may be connecting at this moment, until `isOver` says so or time is up.
   */
  reach(line: number, journal: Pick<NatsJournal, 'lastId' | 'refresh' | 'learn'>, isOver: () => boolean): Promise<void>;
}

const askMs = 1000;
const askAgainMs = 100;
/** Longer than an agent waits before it connects again. */
const reachMs = 15_000;

/** @param subject which the writer listens to */
export function createLogWriter(connection: Client['connection'], subject: string): LogWriter {
  let asking: Promise<WriterAnswer | undefined> | undefined;

  function ask(): Promise<WriterAnswer | undefined> {
    asking ??= connection
      .request(subject, '', { timeout: askMs })
      .then((answer) => parseWriterAnswer(answer.string()))
      .catch(() => undefined)
      .finally(() => {
        asking = undefined;
      });
    return asking;
  }

  return {
    ask,
    report() {
      if (!connection.isClosed()) connection.publish(subject, lookAgain);
    },
    async reach(line, journal, isOver) {
      const endsAt = performance.now() + reachMs;
      while (journal.lastId < line && performance.now() < endsAt) {
        // The stream first: lines that it has are not waited for.
        const refreshed = journal.refresh().catch(() => undefined);
        const [answer] = await Promise.all([ask(), Promise.race([refreshed, sleep(askMs)])]);
        if (answer !== undefined && answer.last >= line) journal.learn([], line);
        if (answer !== undefined || isOver()) return;
        await sleep(askAgainMs);
      }
    },
  };
}
