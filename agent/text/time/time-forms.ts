/*
 * How tools write the time at a line's start, other than ISO 8601 in its usual form: expressions whose groups are named
 * for the parts of a clock and a calendar.
 */

const clock = '(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)';
const shortClock = clock.replace('\\d\\d', '\\d{1,2}');
/** More are not read: so many, and the zone after them, stand in the part of a line that is looked at. */
export const mostFractionDigits = 24;
export const fractionDigits = `\\d{1,${mostFractionDigits}}`;
/**
 * After a space or a tab it may be the name of something. That goes on with a point, `=`, `@`, `[12]` and `(8)`; where
 * its `m` is a small one, also with whatever does not end a word: `pm-suspend`, `pm: `. In Python's documentation `%p`
 * stands before a separator. Right behind the second, and after other spaces, it is a half unless a word goes on there.
 */
const afterHalf = `(?!'?\\w|(?<=[ \\t][APap].{1,4})(?:[.=@]|[[(]\\d)|(?<=[ \\t].m\\.?)[^\\s\\]),"'|>])`;
/** ` PM`, `pm`, ` p. m.`: of a clock of twelve hours. Since CLDR 42 a narrow space stands before it. */
export const half = `(?:\\s?(?<half>[APap](?:\\.\\s?)?[Mm]\\.?)${afterHalf})?`;
const fraction = `(?:[.,](?<fraction>${fractionDigits}))?${half}`;
/** What clocks of the world are ahead or behind: `+01`, `+0100`, `+01:00`. No `-40`, which may be anything. */
const offset = '[+-](?:0\\d|1[0-4])(?::?[0-5]\\d)?';
/**
 * All of a zone that says what time it is in UTC. A lower `z` stands at the second, as RFC 3339 has it, and so do
 * hours alone, which after a space are any number. `ZINFO`, `+01:00INFO`: a whole one there may have letters after it.
 */
export const zone = `(?:(?<! )(?:z\\b|Z)|(?:Z|UTC|GMT)\\b|${offset}(?<! ...)(?:(?<! .{5,6}|[+-]..)|(?![\\w%]|\\.\\d)))(?![:+-]?\\d)`;
/** A zone, or nothing that could be a further part of a time, or a zone of another form; after `PM` it is over. */
export const zoneOrEnd = `(?: ?(?<zone>${zone})|(?<=\\D)|(?!(?![A-Z]{3,5}\\b)\\w|(?:[A-Z]{3,5})?[:+-]\\d|(?<![.,]\\d+)[.,]\\d| (?:[+-]\\d\\d:\\d|(?:UTC|GMT)\\b)))`;

/** A clock with all that may stand right after it; and the same where nothing that it lacks may follow. */
const time = clock + fraction;
const timeToEnd = time + zoneOrEnd;

export const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const weekday = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
/** What the names of months and weekdays begin with. */
const ofMonths = 'JFMASOND';
const ofWeekdays = 'MTWFS';
/** Which one is looked up, in capitals, too. */
const month = '(?<month>[A-Z]\\w\\w)';
const year = '(?<year>\\d{4})';
const day = '(?<day>\\d\\d)';
const paddedDay = '(?<day>[ \\d]\\d)';
const shortDay = '(?<day>\\d{1,2})';
const monthNumber = '(?<monthNumber>\\d\\d)';

/** A form by what it begins with. */
interface Form {
  first: string;
  pattern: RegExp;
}

/** @param first the characters that the form may begin with, as between the brackets of an expression */
function form(first: string, ...parts: string[]): Form {
  return { first, pattern: new RegExp(`^${parts.join('')}`) };
}

/** Expressions by the code of a line's first character: most lines can't begin with any of them. */
export type Forms = readonly (readonly RegExp[] | undefined)[];

function byFirst(forms: readonly Form[]): Forms {
  const found: RegExp[][] = [];
  for (const { first, pattern } of forms) {
    const isFirst = new RegExp(`[${first}]`);
    for (let code = 0x20; code < 0x7f; code++) {
      if (isFirst.test(String.fromCharCode(code))) found[code] = [...(found[code] ?? []), pattern];
    }
  }
  return found;
}

/** `[12:03:04]`, `12:03:04.123 `, `8:03:04 PM `; not `12:03:04:05`, nor a duration. Linux says `PM: ` of its power. */
export const timesOfDay = byFirst([
  form('[\\d', '\\[?', shortClock, fraction, '(?<=\\D)(?!:)'),
  form('[', '\\[', time, '\\]'),
  form('\\d', time, ' '),
]);

/** RFC 3164, 4.1.2. Before `kernel: ` and the like stands the name of a machine, which may be `PM`. */
export const syslog = byFirst([
  form(`<${ofMonths}`, '(?:<\\d{1,3}>)?', month, ' ', paddedDay, ' ', time, '(?<!\\D(?= \\S+: ))(?: |$)'),
]);

export const calendar = byFirst([
  // Apache's `[Sat Nov 28 08:00:01.123456 2026] `, dmesg's and asctime's, date's `Sat Nov 28 08:00:01 UTC 2026`.
  form(
    `[${ofWeekdays}`,
    '\\[?',
    weekday,
    ' ',
    month,
    ' ',
    paddedDay,
    ' ',
    time,
    ` (?:(?<zone>[A-Z]{3,5}|${offset}) )?`,
    year,
    '(?!\\d)',
  ),
  // RFC 5322, 3.3: `Sat, 28 Nov 2026 08:00:01 +0000`.
  form(ofWeekdays, weekday, ', ', shortDay, ' ', month, ' ', year, ' ', timeToEnd),
  // Java's `Nov 28, 2026 8:00:01 AM com.example.Main main`, since Java 20 with a narrow space and another comma.
  form(ofMonths, month, ' ', shortDay, ', ', year, ',? ', shortClock, fraction, zoneOrEnd),
  // Cisco's `Nov 28 2026 08:00:01: %ASA-6-302013: `, with a colon of its own.
  form(ofMonths, month, ' ', paddedDay, ' ', year, ' ', timeToEnd.replace('|>', '|>:')),
  // Tomcat's `28-Nov-2026 08:00:01.123 INFO`, log4j's `28 Nov 2026 08:00:01,123`, PHP's `[28-Nov-2026 08:00:01 UTC] `,
  // Oracle's `28-NOV-2026 08:00:01 * `.
  form('[\\d', '\\[?', day, '[- ]', month, '[- ]', year, ' ', timeToEnd),
  // Redis' `1234:M 28 Nov 2026 08:00:01.123 * `; before its version 5 without a year.
  form('\\d', '\\d{1,7}:[MSCX] ', day, ' ', month, `(?: ${year})? `, time, ' '),
  // logcat's `11-28 08:00:01.123  1234`.
  form('\\d', monthNumber, '-', day, ' ', clock, '\\.(?<fraction>\\d{3})\\s'),
  // glog's `I20261128 08:00:01.123456`; before its version 0.5, and klog's, without a year.
  form('EWIDF', '[EWIDF]', `${year}?`, monthNumber, day, ' ', clock, '\\.(?<fraction>\\d{1,9})\\s'),
  // Spark's `26/11/28 08:00:01 INFO `.
  form(
    '\\d',
    '(?<yearOfCentury>\\d\\d)/',
    monthNumber,
    '/',
    day,
    ' ',
    clock,
    ' (?=(?:ERROR|WARN|INFO|DEBUG|TRACE|FATAL) )',
  ),
  // ISO 8601, 5.2: its basic form, day numbers and weeks. `20261128 08:00:01` is none of it, and written all the same.
  form('[\\d', '\\[?', year, monthNumber, day, 'T', clock.replaceAll(':', ''), fraction, zoneOrEnd, '(?!\\w)'),
  form('[\\d', '\\[?', year, monthNumber, day, '[T ]', timeToEnd),
  form('[\\d', '\\[?', year, '-(?<dayOfYear>\\d{3})T', timeToEnd),
  form('[\\d', '\\[?', year, '-W(?<week>\\d\\d)-(?<dayOfWeek>[1-7])T', timeToEnd),
]);

/** Numbers of which two may be the month: `11/28/2026 08:00:01`, `[11/28/2026 8:00:01 PM] `. */
const slashed = '(?<one>\\d{1,2})/(?<other>\\d{1,2})/';
export const slashes = byFirst([
  form('[\\d', '\\[?', slashed, year, ',? ', shortClock, fraction, zoneOrEnd),
  // WebSphere's `[11/28/26 8:00:01:123 CET] `.
  form('[', '\\[', slashed, '(?<yearOfCentury>\\d\\d) ', shortClock, ':(?<fraction>\\d{3}) (?<zone>[A-Z]{3,5})\\]'),
]);

/**
 * Apache's common log format: the client, two words, and then the time in brackets. HAProxy's has the client's port and
 * no words, that of Apache's modules no client, that of Django, Flask and Python's http.server a space and no zone.
 */
export const accessLog = byFirst([
  form(
    '[\\w.:-',
    '(?:[\\w.:-]{1,64} \\S{1,64} [^[\\]]{1,64} |[\\w.:-]{1,64}:\\d{1,5} )?\\[',
    day,
    '/',
    month,
    '/',
    year,
    '[: ]',
    time,
    `(?: (?<zone>${offset}))?\\]`,
  ),
]);

/** Whether there is a `[28/` in it: the expression itself tries each way to divide what comes before into words. */
export function mayBeAccessLog(head: string): boolean {
  for (let at = head.indexOf('['); at !== -1; at = head.indexOf('[', at + 1)) if (head[at + 3] === '/') return true;
  return false;
}

/** journald's `Sat 2026-11-28 08:00:01 CET host`, Ruby's `I, [2026-11-28T08:00:01.123456 #12]  INFO -- : `. */
export const beforeIso = new RegExp(`^(?:${weekday} |[A-Z], \\[)(?=\\d{4}-)`);

/** The groups of these expressions. */
export type Part =
  | 'year'
  | 'yearOfCentury'
  | 'month'
  | 'monthNumber'
  | 'day'
  | 'week'
  | 'dayOfWeek'
  | 'dayOfYear'
  | 'one'
  | 'other'
  | 'hour'
  | 'minute'
  | 'second'
  | 'half'
  | 'fraction'
  | 'zone';
