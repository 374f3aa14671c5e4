import type { Client } from '../client.ts';

/** A reconnection that takes no longer is not worth a word. */
const lateMs = 2000;

/**
 * Calls back with why no new lines come, in one sentence, once the connection has been away for a while, and with
 * undefined when it is back. It ends with the connection.
 */
export async function watchConnection(
  { connection, address }: Client,
  onTrouble: (trouble: string | undefined) => void,
): Promise<void> {
  let away: NodeJS.Timeout | undefined;
  const report = () => onTrouble(`${address.shown} does not answer. New lines come once it does; nothing is lost.`);
  for await (const { type } of connection.status()) {
    if (type === 'disconnect') away ??= setTimeout(report, lateMs).unref();
    if (type !== 'reconnect') continue;
    clearTimeout(away);
    away = undefined;
    onTrouble(undefined);
  }
  clearTimeout(away);
}
