/** Times and durations as people read them. Times come in milliseconds since the epoch and are shown in local time. */

/** `14:03:07.123` */
export function clockTime(time: number): string {
  const at = new Date(time);
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}

/** `2025-11-20 14:03:07.123` */
export function fullTime(time: number): string {
  const at = new Date(time);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${clockTime(time)}`;
}

/** To the second: `14:03:07` of today, `2025-11-20 14:03:07` of another day than `now`. */
export function moment(time: number, now: number): string {
  const [text, today] = [fullTime(time).slice(0, 19), fullTime(now).slice(0, 10)];
  return text.startsWith(today) ? text.slice(11) : text;
}

/** `0.4 s`, `12 s`, `3 min 05 s`, `2 h 10 min`, `3 d 4 h` */
export function duration(ms: number): string {
  if (ms < 0) return duration(0);
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${two(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${two(minutes % 60)} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

export const timeStyles = ['local', 'utc', 'start', 'previous'] as const;
/** A time of day here or in UTC, since the log began, or since the line before. */
export type TimeStyle = (typeof timeStyles)[number];

/** The time of a line as its column shows it. Times in milliseconds since the epoch. */
export function columnTime(
  style: TimeStyle,
  time: number,
  before: number | undefined,
  start: number | undefined,
): string {
  if (style === 'utc') return `${new Date(time).toISOString().slice(11, 23)}Z`;
  if (style === 'start') return elapsed(time - (start ?? time));
  if (style === 'previous')
    return before === undefined ? ' '.repeat(12) : `+${elapsed(time - before).trimStart()}`.padStart(12);
  return clockTime(time);
}

/** `2025-11-20`, as the column counts days. */
export function dateOf(style: TimeStyle, time: number): string {
  return (style === 'utc' ? new Date(time).toISOString() : fullTime(time)).slice(0, 10);
}

/** `   0:03.120`, `1:02:03.456`; as wide as a time of day. */
function elapsed(ms: number): string {
  const left = Math.max(0, ms);
  const hours = Math.floor(left / 3_600_000);
  const minutes = Math.floor(left / 60_000) % 60;
  const seconds = `${two(Math.floor(left / 1000) % 60)}.${String(Math.floor(left) % 1000).padStart(3, '0')}`;
  return (hours > 0 ? `${hours}:${two(minutes)}:${seconds}` : `${minutes}:${seconds}`).padStart(12);
}

const mostOnTheWayMs = 30_000;

/**
 * What the agent's clock said when the page's counter (`performance.now()`) was 0. The page's own clock may be wrong,
 * or be set while it is open, so it is never compared with the agent's times.
 *
 * @param before what was known
 * @param saidAt the agent's time that has just come
 * @param now the counter
 */
export function clockOrigin(before: number | undefined, saidAt: number, now: number): number {
  const origin = saidAt - now;
  // What is on its way for longer makes the agent's clock look late. One that is much later was set back.
  const isLate = before !== undefined && origin < before && before - origin < mostOnTheWayMs;
  return isLate ? before : origin;
}
