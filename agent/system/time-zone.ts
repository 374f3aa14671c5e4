import { readlinkSync } from 'node:fs';

let zone: string | undefined;

/**
 * The IANA name of the zone that times without one are in on this machine: `Europe/Berlin`. From where the C library
 * has it (tzset(3)): to ask `Intl` for it takes 14 ms, a tenth of the time to the first answer.
 */
export function timeZone(): string {
  zone ??= process.env.TZ === undefined ? (linked() ?? asked()) : named(process.env.TZ);
  return zone;
}

/** Nothing stands for UTC, and forms that are no name (`CET-1CEST`, a path) are for `Intl`. */
function named(variable: string): string {
  if (variable === '') return utc;
  return /^(?:UTC|[A-Z][A-Za-z_]+(?:\/[A-Za-z_]+)+)$/.test(variable) ? variable : asked();
}

function linked(): string | undefined {
  try {
    return /zoneinfo\/((?:[A-Z][\w+-]*\/)*[A-Z][\w+-]*)$/.exec(readlinkSync('/etc/localtime'))?.[1];
  } catch {
    return undefined;
  }
}

/** Where the variable is no zone at all, times are in UTC, and `Intl` says so in ways that it does not take. */
function asked(): string {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return timeZone && timeZone !== 'Etc/Unknown' ? timeZone : utc;
}

const utc = 'UTC';
