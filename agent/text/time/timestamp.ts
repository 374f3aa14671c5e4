import {
  accessLog,
  beforeIso,
  calendar,
  type Forms,
  fractionDigits,
  half,
  mayBeAccessLog,
  months,
  mostFractionDigits,
  type Part,
  slashes,
  syslog,
  timesOfDay,
  zoneOrEnd,
} from './time-forms.ts';

/**
 * The time that a line says it is from, in milliseconds since the epoch, as it stands at the line's start: ISO 8601
 * (also as GitHub, GitLab, Go and nginx write it, and after a weekday or Ruby's letter), what `time-forms.ts` has,
 * seconds with a fraction, `time`, `ts`, `timestamp` and the like of a JSON or logfmt line, Buildkite's `ESC _bk;t=…`,
 * `timestamp` of a service message of TeamCity.
 * Undefined where it does not say. Without a zone, or with the name of another one than UTC, it is the time of where
 * the line was written.
 *
 * @param visible the line without escape sequences
 * @param reference when the line arrived: says the year, or the day, where the line does not
 * @param line the line as it is, where it may hold escape sequences
 * @param local what time it is where the line was written; this machine, unless that is another one
 */
export function timestampOf(
  visible: string,
  reference: number,
  line: string = visible,
  local: LocalTime = here,
): number | undefined {
  if (line.charCodeAt(0) === esc) {
    const ms = buildkite.exec(line)?.[1];
    if (ms !== undefined) return plausible(Number(ms));
  }
  const first = visible.charCodeAt(0);
  if (isDigit(first) || first === openBracket || first === lessThan) return fromDigits(visible, reference, local);
  if (first === openBrace) return fromJson(visible, local);
  if (first === letterT) return fromLogfmt(visible, local);
  if (first === hash) return fromTeamCity(visible, local) ?? fromNames(visible, reference, local);
  return fromNames(visible, reference, local);
}

/** Makes milliseconds since the epoch of what a clock says somewhere. The month counts from 0. */
export type LocalTime = (
  ...clock: [year: number, month: number, day: number, hour: number, minute: number, second: number, ms: number]
) => number;

const here: LocalTime = (...clock) => new Date(...clock).getTime();

const esc = 0x1b;
const openBracket = 0x5b;
const openBrace = 0x7b;
const lessThan = 0x3c;
const letterT = 0x74;
const hash = 0x23;
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is a control string
const buildkite = /^\x1b_bk;t=(\d{12,14})(?:\x07|\x1b\\)/;

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function fromDigits(visible: string, reference: number, local: LocalTime): number | undefined {
  const again = fromSameSecond(visible, local);
  if (again !== undefined) return again;
  const head = visible.slice(0, 64);
  const iso = isoStart.exec(head);
  if (iso !== null) return fromIso(iso, local);
  return inForms(timesOfDay, head, reference, local) ?? fromSeconds(head) ?? fromNames(visible, reference, local);
}

/**
 * Behind a syslog priority with its version, or a bracket; MariaDB puts a space before an hour of one digit. After a
 * `T`, which RFC 3339 also knows in lower case, seconds may be left out.
 */
const isoStart = new RegExp(
  `^(?:<\\d{1,3}>\\d? ?)?\\[?(\\d{4})[-/](\\d\\d)[-/](\\d\\d)[Tt ](\\d\\d| \\d):(\\d\\d)(?::(\\d\\d)(?:[.,](${fractionDigits}))?|(?<=[Tt].{5}))${(half + zoneOrEnd).replace(/\?<\w+>/g, '')}`,
);

/**
 * Of lines that follow each other most are of the same second: its time is made once. `text` is what comes before the
 * fraction, `zone` what comes after it. One entry for all, as it holds no state of anybody's.
 */
const second = { text: '', zone: '', local: here, time: 0 as number | undefined };

function fromIso(found: RegExpExecArray, local: LocalTime): number | undefined {
  const { 0: whole, 6: seconds, 7: fraction, 8: half, 9: zone = '' } = found;
  if (!seconds || half) return fromParts(found, fraction, local);
  // No other part of it holds a point or a comma.
  const end = fraction === undefined ? whole.length - zone.length : whole.search(/[.,]/);
  const text = whole.slice(0, end);
  if (text !== second.text || zone !== second.zone || local !== second.local) {
    second.time = fromParts(found, undefined, local);
    second.text = text;
    second.zone = zone;
    second.local = local;
  }
  return second.time === undefined ? undefined : second.time + fractionMs(fraction);
}

/** What `isoStart` finds where the line begins as the one before did; undefined where that needs a closer look. */
function fromSameSecond(visible: string, local: LocalTime): number | undefined {
  const { text, zone, time } = second;
  if (text === '' || time === undefined || local !== second.local || !visible.startsWith(text)) return undefined;
  let at = text.length;
  let ms = 0;
  const sign = visible.charCodeAt(at);
  if (sign === point || sign === comma) {
    const start = ++at;
    for (let unit = 100; isDigit(visible.charCodeAt(at)); at++, unit /= 10)
      if (unit >= 1) ms += unit * (visible.charCodeAt(at) - zero);
    if (at === start || at > start + mostFractionDigits) return undefined;
  }
  if (!visible.startsWith(zone, at)) return undefined;
  const next = visible.charCodeAt(at + zone.length);
  return next === space && (zone !== '' || isWord(visible, at + 1)) ? time + ms : undefined;
}

const space = 0x20;
const comma = 0x2c;
const dash = 0x2d;
const point = 0x2e;
const letterCapitalT = 0x54;
const letterW = 0x57;
const zero = 0x30;

/** After a space: no zone, of which there is one space before it, and no `PM`. */
function isWord(visible: string, at: number): boolean {
  const code = visible.charCodeAt(at);
  if (code === space || (code === dash && visible.charCodeAt(at + 1) === space)) return true;
  return isLetterOrBracket(code) && !'mM.'.includes(visible.charAt(at + 1));
}

/** But none that a zone begins with: `Z`, `UTC`, `GMT`. */
function isLetterOrBracket(code: number): boolean {
  return code >= 0x41 && code <= 0x7a && code !== 0x5a && code !== 0x55 && code !== 0x47;
}

function fractionMs(fraction = ''): number {
  return Number(fraction.slice(0, 3).padEnd(3, '0'));
}

function fromParts(found: RegExpExecArray, fraction: string | undefined, local: LocalTime): number | undefined {
  const [, year, monthNumber, day, hour, minute, second = '0', , half, zone] = found;
  return fromClock({ year, monthNumber, day, hour, minute, second, fraction, half, zone }, 0, local);
}

function offsetOf(zone: string): number {
  if (/[A-Z]/i.test(zone)) return 0;
  const sign = zone[0] === '-' ? -1 : 1;
  const digits = zone.slice(1).replace(':', '');
  return sign * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))) * 60_000;
}

function fromNames(visible: string, reference: number, local: LocalTime): number | undefined {
  const head = visible.slice(0, 64);
  const found =
    inForms(syslog, head, reference, local) ?? (mayBeCalendar(head) ? fromCalendar(head, reference, local) : undefined);
  if (found !== undefined) return found;
  const longHead = visible.slice(0, 256);
  return mayBeAccessLog(longHead) ? inForms(accessLog, longHead, reference, local) : undefined;
}

function fromCalendar(head: string, reference: number, local: LocalTime): number | undefined {
  const before = beforeIso.exec(head)?.[0];
  if (before === undefined) return inForms(calendar, head, reference, local) ?? fromSlashes(head, reference, local);
  const iso = isoStart.exec(head.slice(before.length));
  return iso === null ? undefined : fromIso(iso, local);
}

/** The month first, unless that is no date, or is still to come, or only the other reading is of now. */
function fromSlashes(head: string, reference: number, local: LocalTime): number | undefined {
  for (const form of slashes[head.charCodeAt(0)] ?? []) {
    const parts = form.exec(head)?.groups as Parts | undefined;
    if (parts === undefined) continue;
    const { one, other } = parts;
    const readings = [
      fromClock({ ...parts, monthNumber: one, day: other }, reference, local),
      fromClock({ ...parts, monthNumber: other, day: one }, reference, local),
    ].filter((time) => time !== undefined);
    const ofNow = readings.find((time) => Math.abs(time - reference) <= dayMs);
    return ofNow ?? readings.find((time) => time <= reference + dayMs) ?? readings[0];
  }
  return undefined;
}

function inForms(forms: Forms, head: string, reference: number, local: LocalTime): number | undefined {
  for (const form of forms[head.charCodeAt(0)] ?? []) {
    const parts = form.exec(head)?.groups;
    if (parts !== undefined) return fromClock(parts, reference, local);
  }
  return undefined;
}

/** By a few of its first characters: most lines are none, and cost only this. */
function mayBeCalendar(head: string): boolean {
  const at = head.charCodeAt(0) === openBracket ? 1 : 0;
  if (isDigit(head.charCodeAt(at))) {
    if (!isDigit(head.charCodeAt(at + 2)) || !isDigit(head.charCodeAt(at + 1))) return true;
    const ninth = head.charCodeAt(at + 8);
    return (
      ninth === letterCapitalT || ninth === space || head.charCodeAt(at + 5) === letterW || beginsWithProcess(head)
    );
  }
  const fourth = head.charCodeAt(at + 3);
  const second = head.charCodeAt(1);
  return fourth === space || fourth === comma || isDigit(second) || second === comma;
}

/** Redis' `1234:M ` */
function beginsWithProcess(head: string): boolean {
  return head.charCodeAt(head.indexOf(':') + 2) === space;
}

type Parts = Partial<Record<Part, string | undefined>>;

/** The time that a calendar and a clock say; without a year, or a day, the newest one that it may be. */
function fromClock(parts: Parts, reference: number, local: LocalTime): number | undefined {
  const { month = '', monthNumber, half, zone = '' } = parts;
  const year = parts.yearOfCentury === undefined ? parts.year : `20${parts.yearOfCentury}`;
  const inYear = monthNumber === undefined ? months.indexOf(spelled(month)) : Number(monthNumber) - 1;
  const [day, hour, minute, second] = [parts.day ?? 1, parts.hour, parts.minute, parts.second].map(
    Number,
  ) as FourNumbers;
  const isOneOfClock =
    day > 0 && (day <= 28 || day <= daysOf(year, inYear)) && hour <= 24 && minute <= 59 && second <= 60;
  if (!isOneOfClock || inYear > 11) return undefined;
  // Later ones are of a clock of twenty-four hours, whatever stands after it.
  const hours = half && hour < 13 ? (hour % 12) + (/p/i.test(half) ? 12 : 0) : hour;
  const rest = [hours, minute, second, fractionMs(parts.fraction)] as const;
  if (year !== undefined) {
    const dayOfYear = dayOfYearOf(Number(year), parts);
    if (inYear < 0 && dayOfYear === undefined) return undefined;
    // The day before January 1 is December 31, and that 40 days later is in February.
    const date = dayOfYear === undefined ? ([inYear, day] as const) : ([0, dayOfYear] as const);
    const at = [Number(year), ...date, ...rest] as const;
    return plausible(/^(?:Z$|UTC|GMT|[+-])/i.test(zone) ? Date.UTC(...at) - offsetOf(zone) : local(...at));
  }
  if (reference === 0) return undefined;
  const now = new Date(reference);
  const [nowYear, nowMonth, nowDay] = [now.getFullYear(), now.getMonth(), now.getDate()];
  if (parts.day !== undefined) {
    // A line of December may be read in January.
    const times = [1, 0, -1].map((years) => local(nowYear + years, inYear, day, ...rest));
    return inYear < 0 ? undefined : newest(times, reference + dayMs);
  }
  if (hour > 23) return undefined;
  // Where it was written it may be another day than here.
  const times = [2, 1, 0, -1, -2].map((days) => local(nowYear, nowMonth, nowDay + days, ...rest));
  return newest(times, reference + dayMs / 2);
}

/** Of a month; where no year is said, of a leap year. */
function daysOf(year = '2000', inYear: number): number {
  return inYear < 0 ? 31 : new Date(Date.UTC(Number(year), inYear + 1, 0)).getUTCDate();
}

/** What is said by the day's number or that of its week, which ISO 8601 counts from the one with January 4. */
function dayOfYearOf(year: number, { dayOfYear, week, dayOfWeek }: Parts): number | undefined {
  if (dayOfYear !== undefined) return inRange(Number(dayOfYear), 366);
  if (week === undefined || inRange(Number(week), 53) === undefined) return undefined;
  const daysSinceMonday = (new Date(Date.UTC(year, 0, 4)).getUTCDay() + 6) % 7;
  return 4 - daysSinceMonday + 7 * (Number(week) - 1) + Number(dayOfWeek) - 1;
}

function inRange(number: number, most: number): number | undefined {
  return number >= 1 && number <= most ? number : undefined;
}

/** `NOV`: `Nov` */
function spelled(month: string): string {
  return month.charAt(0) + month.slice(1).toLowerCase();
}

/** The newest time up to a limit: a line may be old, or its clock ahead of ours or in another zone. */
function newest(times: readonly number[], limit: number): number | undefined {
  return times.find((time) => time <= limit);
}

const dayMs = 86_400_000;

type FourNumbers = [number, number, number, number];

/** squid's and journald's `1764316801.123 `. */
function fromSeconds(head: string): number | undefined {
  const seconds = head.charCodeAt(10) === point ? /^\d{10}\.\d{3,}(?=\s)/.exec(head)?.[0] : undefined;
  return seconds === undefined ? undefined : fromEpoch(seconds);
}

/** `@t`: Serilog's; `$date`: MongoDB's; `asctime`: Python's; `timeMillis`, `epochSecond`: log4j's. */
const jsonField =
  /"(?:time|ts|[tT]imestamp|@timestamp|@t|\$date|datetime|asctime|timeMillis|epochSecond)"\s*:\s*(?:"([^"]{1,64})"|(\d{9,19}(?:\.\d+)?)\b)/;

function fromJson(visible: string, local: LocalTime): number | undefined {
  const found = jsonField.exec(visible.length > 4096 ? visible.slice(0, 4096) : visible);
  if (found === null) return undefined;
  return found[1] === undefined ? fromEpoch(found[2] as string) : timeIn(found[1], local);
}

const logfmt = /^(?:time|ts|timestamp|t)=(?:"([^"]{1,64})"|(\S{1,64}))/;

function fromLogfmt(visible: string, local: LocalTime): number | undefined {
  const found = logfmt.exec(visible.slice(0, 80));
  return found === null ? undefined : timeIn((found[1] ?? found[2]) as string, local);
}

/**
 * In a value a quotation mark follows `|`.
 * https://www.jetbrains.com/help/teamcity/service-messages.html#Message+Creation+Timestamp
 */
const teamCity = /^##teamcity\[.{1,400}? timestamp='([^']{1,40})'/;

function fromTeamCity(visible: string, local: LocalTime): number | undefined {
  const said = teamCity.exec(visible)?.[1];
  return said === undefined ? undefined : timeIn(said, local);
}

/** The time at a text's start: ISO 8601, or a number that is all of the text, by its size seconds to nanoseconds. */
export function timeIn(text: string, local: LocalTime = here): number | undefined {
  const iso = isoStart.exec(text);
  if (iso !== null) return fromIso(iso, local);
  return /^\d{9,19}(?:\.\d+)?$/.test(text) ? fromEpoch(text) : undefined;
}

/** Seconds, milliseconds, microseconds or nanoseconds, as its size says. */
function fromEpoch(text: string): number | undefined {
  let time = Number(text);
  if (time < 1e11) time *= 1000;
  else if (time > 1e17) time /= 1e6;
  else if (time > 1e14) time /= 1e3;
  return plausible(Math.floor(time));
}

const earliest = Date.UTC(1990, 0, 1);
const latest = Date.UTC(2100, 0, 1);

function plausible(time: number): number | undefined {
  return time >= earliest && time < latest ? time : undefined;
}
