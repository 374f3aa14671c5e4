import type { LocalTime } from '../../agent/text/time/timestamp.ts';

/**
 * What time it is where a log is written; gives undefined where that is as here, or a zone that the browser does not
 * know.
 * @param zone names the zone: `Europe/Berlin`
 */
export function localTimes(zone: () => string | undefined): () => LocalTime | undefined {
  let known: string | undefined;
  let local: LocalTime | undefined;
  return () => {
    if (zone() !== known) {
      known = zone();
      local = known === undefined ? undefined : timesIn(known);
    }
    return local;
  };
}

function timesIn(timeZone: string): LocalTime | undefined {
  let clock: Intl.DateTimeFormat;
  try {
    // Sweden writes `2026-11-28 08:00:01`.
    clock = new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  } catch {
    return undefined;
  }
  // By the names that the browser has for them: `Etc/UTC` is `UTC`.
  if (clock.resolvedOptions().timeZone === Intl.DateTimeFormat().resolvedOptions().timeZone) return undefined;
  /** How far clocks there are ahead of UTC, in milliseconds. */
  const offsetAt = (time: number) =>
    Date.parse(`${clock.format(time).replace(' ', 'T')}Z`) - Math.floor(time / 1000) * 1000;
  return (...parts) => {
    const utc = Date.UTC(...parts);
    // The offset at that time there, and not here: between the two clocks may have been changed.
    return utc - offsetAt(utc - offsetAt(utc));
  };
}
