const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const decimal = 1000;
const binary = 1024;
const sizeUnits: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: binary,
  m: binary ** 2,
  g: binary ** 3,
  t: binary ** 4,
  kib: binary,
  mib: binary ** 2,
  gib: binary ** 3,
  tib: binary ** 4,
  kb: decimal,
  mb: decimal ** 2,
  gb: decimal ** 3,
  tb: decimal ** 4,
};

/** Milliseconds in `500ms`, `30s`, `5m`, `2h`, `1d`; a bare number is seconds. Undefined where it is none of these. */
export function parseDuration(text: string): number | undefined {
  return parseQuantity(text, (unit) => durationUnits[unit === '' ? 's' : unit]);
}

const isoTime =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)(?:\s?(?:(Z)|([+-]\d\d)(?::?(\d\d))?))?)?$/i;

/** A `Date` holds no more, before or after the epoch (ECMA-262, Time Values and Time Range). */
const mostTime = 8.64e15;

/**
 * Milliseconds since the epoch of a time in ISO 8601 (without a zone: this machine's; without a time: the day's first
 * moment), of itself, or of how long ago it was (`10m`, `2h`). Undefined where it is none of these.
 */
export function parseMoment(text: string, now: number): number | undefined {
  const time = timeIn(text, now);
  return time !== undefined && Math.abs(time) <= mostTime ? time : undefined;
}

function timeIn(text: string, now: number): number | undefined {
  if (/^\d{5,16}$/.test(text)) return Number(text);
  const age = /[a-z]$/i.test(text) ? parseDuration(text) : undefined;
  if (age !== undefined) return now - age;
  const [, year, month, day, clock = '00:00', utc, hours, minutes = '00'] = isoTime.exec(text) ?? [];
  if (!isDay(Number(year), Number(month), Number(day))) return undefined;
  // Spelled so it is read alike everywhere; a date alone would be taken as UTC.
  const zone = utc ? 'Z' : hours ? `${hours}:${minutes}` : '';
  return Date.parse(`${year}-${month}-${day}T${clock.replace(',', '.')}${zone}`);
}

/** `Date.parse` takes February 30 as March 2. */
function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/**
 * Bytes in `1048576`, `512K`, `64MiB`, `1.5G`, `2GB` (`K`, `KiB`: 1024; `KB`: 1000). Undefined where it is none of
 * these.
 */
export function parseSize(text: string): number | undefined {
  return parseQuantity(text, (unit) => sizeUnits[unit]);
}

function parseQuantity(text: string, factorOf: (unit: string) => number | undefined): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const factor = factorOf(match?.[2]?.toLowerCase() ?? '');
  if (match === null || factor === undefined) return undefined;
  const quantity = Math.round(Number(match[1]) * factor);
  return Number.isSafeInteger(quantity) ? quantity : undefined;
}
