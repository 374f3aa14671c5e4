import type { Client } from '../cluster/client.ts';

/** A reconnection that takes no longer is not worth a word. */
const lateMs = 2000;
const refusals = ['AuthorizationError', 'UserAuthenticationExpiredError'];

/**
 * Calls back with why no new lines come, in one sentence, once the connection has been away for a while, and with
 * undefined when it is back. It ends with the connection.
 */
export async function watchConnection(
  { connection, address, troubleOf }: Client,
  onTrouble: (trouble: string | undefined) => void,
): Promise<void> {
  let away: NodeJS.Timeout | undefined;
  let isReported = false;
  /** What a server said that did not let us in, the last time that one answered. */
  let refusal: Error | undefined;

  function report(): void {
    isReported = true;
    const why = refusal === undefined ? `${address.shown} does not answer.` : troubleOf(refusal);
    onTrouble(`${why} New lines come once it does; nothing is lost.`);
  }

  for await (const status of connection.status()) {
    if (status.type === 'disconnect') away ??= setTimeout(report, lateMs).unref();
    if (status.type === 'error' && refusals.includes(status.error.name)) {
      refusal = status.error;
      if (isReported) report();
    }
    if (status.type !== 'reconnect') continue;
    clearTimeout(away);
    away = undefined;
    refusal = undefined;
    isReported = false;
    onTrouble(undefined);
  }
  clearTimeout(away);
}
