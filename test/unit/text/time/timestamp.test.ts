import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timestampOf } from '../../../../agent/text/time/timestamp.ts';

const reference = new Date(2026, 10, 28, 12, 0, 0).getTime();
const utc = (...parts: [number, number, number, number, number, number, number?]) =>
  Date.UTC(parts[0], parts[1] - 1, ...(parts.slice(2) as [number]));
const local = (y: number, mo: number, d: number, h: number, mi: number, s: number, ms = 0) =>
  new Date(y, mo - 1, d, h, mi, s, ms).getTime();

describe('the time that a line says it is from', () => {
  it.each([
    ['2026-11-28T08:00:01.123Z INFO up', utc(2026, 11, 28, 8, 0, 1, 123)],
    ['2026-11-28T08:00:01Z', utc(2026, 11, 28, 8, 0, 1)],
    ['2026-11-28T08:00:01+02:00 up', utc(2026, 11, 28, 6, 0, 1)],
    ['2026-11-28T08:00:01.5-0330 up', utc(2026, 11, 28, 11, 30, 1, 500)],
    ['2026-11-28T08:00:01.1234567Z ##[group]Run', utc(2026, 11, 28, 8, 0, 1, 123)],
    ['2026-11-28T08:00:01.123456Z 00O Running', utc(2026, 11, 28, 8, 0, 1, 123)],
    ['2026-11-28T08:00:01.123456Z 01E+', utc(2026, 11, 28, 8, 0, 1, 123)],
    ['[2026-11-28T08:00:01Z] up', utc(2026, 11, 28, 8, 0, 1)],
    ['2026-11-28 08:00:01,123 ERROR a.b - x', local(2026, 11, 28, 8, 0, 1, 123)],
    ['[2026-11-28 08:00:01] up', local(2026, 11, 28, 8, 0, 1)],
    ['2026/11/28 08:00:01 [error] 12#0: x', local(2026, 11, 28, 8, 0, 1)],
    ['2026/11/28 08:00:01.123456 main.go:1: x', local(2026, 11, 28, 8, 0, 1, 123)],
    ['2026-11-28 08:00:01 +0100 up', utc(2026, 11, 28, 7, 0, 1)],
    ['<34>1 2026-10-11T22:14:15.003Z host su - ID47', utc(2026, 10, 11, 22, 14, 15, 3)],
    ['Nov 27 03:04:05 host app[12]: up', local(2026, 11, 27, 3, 4, 5)],
    ['<13>Nov  7 03:04:05 host app: up', local(2026, 11, 7, 3, 4, 5)],
    ['Dec 31 23:59:59 host app: up', local(2025, 12, 31, 23, 59, 59)],
    ['[11:03:04] Starting gulp', local(2026, 11, 28, 11, 3, 4)],
    ['[11:03:04.250] up', local(2026, 11, 28, 11, 3, 4, 250)],
    ['11:03:04.250 INFO up', local(2026, 11, 28, 11, 3, 4, 250)],
    ['11:03:04 up', local(2026, 11, 28, 11, 3, 4)],
    ['{"level":30,"time":1764316801123,"msg":"up"}', 1764316801123],
    ['{"ts":1764316801.5,"msg":"up"}', 1764316801500],
    ['{"ts":1764316801123456789}', 1764316801123],
    ['{"msg":"up","@timestamp":"2026-11-28T08:00:01.123Z"}', utc(2026, 11, 28, 8, 0, 1, 123)],
    ['{"timestamp":"2026-11-28 08:00:01"}', local(2026, 11, 28, 8, 0, 1)],
    ['time="2026-11-28T08:00:01Z" level=info', utc(2026, 11, 28, 8, 0, 1)],
    ['ts=2026-11-28T08:00:01.123Z level=info', utc(2026, 11, 28, 8, 0, 1, 123)],
    ['ts=1764316801 level=info', 1764316801000],
    ['127.0.0.1 - - [28/Nov/2026:08:00:01 +0100] "GET / HTTP/1.1" 200', utc(2026, 11, 28, 7, 0, 1)],
    ['::1 - me [28/Nov/2026:08:00:01 +0000] "GET /"', utc(2026, 11, 28, 8, 0, 1)],
  ])('%s', (line, time) => {
    expect(timestampOf(line, reference)).toBe(time);
  });

  /** By what writes them. */
  it.each([
    ['Postgres', '2026-11-28 08:00:01.123 UTC [12] LOG:  checkpoint starting: time', utc(2026, 11, 28, 8, 0, 1, 123)],
    ['Postgres', '2026-11-28 08:00:01 GMT [12-1] app@db ERROR:  x', utc(2026, 11, 28, 8, 0, 1)],
    ['Postgres, in a zone by its name', '2026-11-28 08:00:01.123 CET [12] LOG:  x', local(2026, 11, 28, 8, 0, 1, 123)],
    ['MySQL', '2026-11-28T08:00:01.123456Z 12 [Note] [MY-010051] ready', utc(2026, 11, 28, 8, 0, 1, 123)],
    ['MariaDB', '2026-11-28  8:00:01 0 [Note] ready', local(2026, 11, 28, 8, 0, 1)],
    ['MariaDB', '2026-11-28 12:00:01 140 [Warning] x', local(2026, 11, 28, 12, 0, 1)],
    ['Redis', '1:M 28 Nov 2026 08:00:01.123 * Ready to accept connections', local(2026, 11, 28, 8, 0, 1, 123)],
    ['Redis', '1234567:C 28 Nov 2026 08:00:01.123 # WARNING x', local(2026, 11, 28, 8, 0, 1, 123)],
    ['Redis 4', '1234:S 28 Nov 08:00:01.123 * Connecting to MASTER', local(2026, 11, 28, 8, 0, 1, 123)],
    ['Redis 4', '12:X 31 Dec 23:59:59.999 # +sdown', local(2025, 12, 31, 23, 59, 59, 999)],
    ['.NET, invariant', '10/27/2026 14:03:01 up', local(2026, 10, 27, 14, 3, 1)],
    ['.NET, invariant', '03/04/2026 14:03:01 up', local(2026, 3, 4, 14, 3, 1)],
    ['Windows', '11/28/2026 08:00:01 AM up', local(2026, 11, 28, 8, 0, 1)],
    ['Windows', '1/2/2026 2:03:01 PM up', local(2026, 1, 2, 14, 3, 1)],
    ['Windows', '[10/27/2026 14:03:01.123] up', local(2026, 10, 27, 14, 3, 1, 123)],
    ['Windows, since ICU', '10/27/2026, 2:03:01\u202fPM up', local(2026, 10, 27, 14, 3, 1)],
    ['WebSphere', '[10/27/26 8:00:01:123 CET] 00000001 WsServerImpl A up', local(2026, 10, 27, 8, 0, 1, 123)],
    ['Europe, where it can be no month', '27/10/2026 14:03:01 up', local(2026, 10, 27, 14, 3, 1)],
    ['Spark', '26/10/27 14:03:01 INFO SparkContext: up', local(2026, 10, 27, 14, 3, 1)],
    ['Cisco ASA', 'Oct 27 2026 14:03:01: %ASA-6-302013: Built', local(2026, 10, 27, 14, 3, 1)],
    ['Oracle', '27-OCT-2026 14:03:01 * (CONNECT_DATA=)', local(2026, 10, 27, 14, 3, 1)],
    ['RFC 5322', 'Tue, 27 Oct 2026 14:03:01 +0100 up', utc(2026, 10, 27, 13, 3, 1)],
    ['RFC 5322', 'Tue, 27 Oct 2026 14:03:01 GMT', utc(2026, 10, 27, 14, 3, 1)],
    ["Apache's modules", '[27/Oct/2026:14:03:01 +0000] 10.0.0.1 TLSv1.3', utc(2026, 10, 27, 14, 3, 1)],
    ['CherryPy', '[27/Oct/2026:14:03:01] ENGINE Bus STARTING', local(2026, 10, 27, 14, 3, 1)],
    ['Django', '[27/Oct/2026 14:03:01] "GET / HTTP/1.1" 200 12', local(2026, 10, 27, 14, 3, 1)],
    ['Flask', '127.0.0.1 - - [27/Oct/2026 14:03:01] "GET / HTTP/1.1" 200 -', local(2026, 10, 27, 14, 3, 1)],
    ['HAProxy', '10.0.0.1:52614 [27/Oct/2026:14:03:01.123] web app/a 0/0/1', local(2026, 10, 27, 14, 3, 1, 123)],
    ['glog', 'I20261027 14:03:01.123456 12 a.cc:1] up', local(2026, 10, 27, 14, 3, 1, 123)],
    ['a basic form', '20261027T140301Z up', utc(2026, 10, 27, 14, 3, 1)],
    ['a basic form', '20261027T140301.123+0100 up', utc(2026, 10, 27, 13, 3, 1, 123)],
    ['nearly a basic form', '20261027 14:03:01.123 up', local(2026, 10, 27, 14, 3, 1, 123)],
    [
      'Apache error',
      '[Sat Nov 28 08:00:01.123456 2026] [core:error] [pid 12:tid 1] x',
      local(2026, 11, 28, 8, 0, 1, 123),
    ],
    ['Apache error', '[Sat Nov  7 08:00:01 2026] [notice] x', local(2026, 11, 7, 8, 0, 1)],
    ['nginx access', '10.0.0.1 - - [28/Nov/2026:08:00:01 +0000] "GET / HTTP/1.1" 200 612', utc(2026, 11, 28, 8, 0, 1)],
    ['nginx error', '2026/11/28 08:00:01 [error] 31#31: *1 open() failed', local(2026, 11, 28, 8, 0, 1)],
    ['dmesg -T', '[Sat Nov 28 08:00:01 2026] usb 1-1: new device', local(2026, 11, 28, 8, 0, 1)],
    ['dmesg', '[   12.345678] usb 1-1: new device', undefined],
    ['date', 'Sat Nov 28 08:00:01 UTC 2026', utc(2026, 11, 28, 8, 0, 1)],
    ['asctime', 'Sat Nov 28 08:00:01 2026 backup begun', local(2026, 11, 28, 8, 0, 1)],
    ['rsyslog', 'Nov 28 08:00:01.123456 host app[12]: up', local(2026, 11, 28, 8, 0, 1, 123)],
    ['rsyslog', '2026-11-28T08:00:01.123456+01:00 host app[12]: up', utc(2026, 11, 28, 7, 0, 1, 123)],
    ['syslog, RFC 3164', '<34>Oct 11 22:14:15 host su: failed', local(2026, 10, 11, 22, 14, 15)],
    ['syslog, RFC 5424', '<165>1 2026-08-24T05:14:15.000003-07:00 host app 8710 - - x', utc(2026, 8, 24, 12, 14, 15)],
    ['journald short-iso', '2026-11-28T08:00:01+0100 host app[12]: up', utc(2026, 11, 28, 7, 0, 1)],
    ['journald short-full', 'Sat 2026-11-28 08:00:01 UTC host app[12]: up', utc(2026, 11, 28, 8, 0, 1)],
    ['journald short-unix', '1764316801.123456 host app[12]: up', 1764316801123],
    ['klog', 'I1128 08:00:01.123456       1 controller.go:12] up', local(2026, 11, 28, 8, 0, 1, 123)],
    ['klog', 'E1231 23:59:59.000000   12 a.go:1] x', local(2025, 12, 31, 23, 59, 59)],
    ['logcat', '11-28 08:00:01.123  1234  5678 I Tag: up', local(2026, 11, 28, 8, 0, 1, 123)],
    ['log4j', '2026-11-28 08:00:01,123 [main] INFO  a.B - up', local(2026, 11, 28, 8, 0, 1, 123)],
    ['log4j DATE', '28 Nov 2026 08:00:01,123 [main] INFO  a.B - up', local(2026, 11, 28, 8, 0, 1, 123)],
    ['log4j ABSOLUTE', '08:00:01,123 [main] INFO  a.B - up', local(2026, 11, 28, 8, 0, 1, 123)],
    ['log4j JSON', '{"instant":{"epochSecond":1764316801,"nanoOfSecond":5},"level":"INFO"}', 1764316801000],
    ['Tomcat', '28-Nov-2026 08:00:01.123 INFO [main] org.apache.x up', local(2026, 11, 28, 8, 0, 1, 123)],
    ['PHP', '[28-Nov-2026 08:00:01 UTC] PHP Warning:  x', utc(2026, 11, 28, 8, 0, 1)],
    ['Java', 'Nov 28, 2026 8:00:01 PM com.example.Main main', local(2026, 11, 28, 20, 0, 1)],
    ['Java', 'Nov 28, 2026 12:00:01 AM com.example.Main main', local(2026, 11, 28, 0, 0, 1)],
    ['Java 20', 'Nov 28, 2026, 8:00:01\u202fAM com.example.Main main', local(2026, 11, 28, 8, 0, 1)],
    ['Python', '2026-11-28 08:00:01,123 - app - INFO - up', local(2026, 11, 28, 8, 0, 1, 123)],
    ['Python', '2026-11-28 10:00:00,123:INFO:root:msg', local(2026, 11, 28, 10, 0, 0, 123)],
    ['Python', '2026-11-28 10:00:00:INFO', local(2026, 11, 28, 10, 0, 0)],
    ['Windows, as CSV', '11/28/2026 8:00:01 PM,4624,Information', local(2026, 11, 28, 20, 0, 1)],
    ['Windows', '11/28/2026 8:00:01 PM:message', local(2026, 11, 28, 20, 0, 1)],
    ['a program in Go', '2026/11/28 08:00:01 pm.go:12: x', local(2026, 11, 28, 8, 0, 1)],
    ['a program in Go', '2026/11/28 12:00:01 am.go:12: x', local(2026, 11, 28, 12, 0, 1)],
    ['a program called pm', '2026-11-28 08:00:01,123 pm: worker started', local(2026, 11, 28, 8, 0, 1, 123)],
    ['PHP-FPM', '2026-11-28 08:00:01 pm.max_children reached', local(2026, 11, 28, 8, 0, 1)],
    ['pm-utils', '2026-11-28 08:00:01 pm-suspend: x', local(2026, 11, 28, 8, 0, 1)],
    ['a logger called pm.start', '08:00:01.123 pm.start ok', local(2026, 11, 28, 8, 0, 1, 123)],
    ['Cisco ASA', 'Nov 28 2026 08:00:01:%ASA-6-302013: Built', local(2026, 11, 28, 8, 0, 1)],
    ['Postgres', '2026-11-28 08:00:01.123+01 up', utc(2026, 11, 28, 7, 0, 1, 123)],
    [
      'python-json-logger',
      '{"asctime": "2026-11-28 08:00:01,123", "message": "up"}',
      local(2026, 11, 28, 8, 0, 1, 123),
    ],
    ['Ruby', 'I, [2026-11-28T08:00:01.123456 #12]  INFO -- : up', local(2026, 11, 28, 8, 0, 1, 123)],
    ['Rust', '[2026-11-28T08:00:01Z INFO  app] up', utc(2026, 11, 28, 8, 0, 1)],
    ['Elixir', '08:00:01.123 [info] GET /', local(2026, 11, 28, 8, 0, 1, 123)],
    ['Serilog', '{"@t":"2026-11-28T08:00:01.1234567Z","@m":"up"}', utc(2026, 11, 28, 8, 0, 1, 123)],
    ['MongoDB', '{"t":{"$date":"2026-11-28T08:00:01.123+00:00"},"s":"I"}', utc(2026, 11, 28, 8, 0, 1, 123)],
    [
      'Docker',
      '{"log":"up\\n","stream":"stdout","time":"2026-11-28T08:00:01.123456789Z"}',
      utc(2026, 11, 28, 8, 0, 1, 123),
    ],
    ['containerd', '2026-11-28T08:00:01.123456789+01:00 stdout F up', utc(2026, 11, 28, 7, 0, 1, 123)],
    ['CloudWatch', '2026-11-28T08:00:01.123Z\t6bc28136-xmpl\tINFO\tup', utc(2026, 11, 28, 8, 0, 1, 123)],
    ['CloudWatch', 'START RequestId: 6bc28136-xmpl Version: $LATEST', undefined],
    ['aws logs tail', '2026-11-28T08:00:01.123000+00:00 app/web/1 up', utc(2026, 11, 28, 8, 0, 1, 123)],
    ['Windows CBS', '2026-11-28 08:00:01, Info                  CBS    up', local(2026, 11, 28, 8, 0, 1)],
    ['IIS', '2026-11-28 08:00:01 10.0.0.1 GET / - 80', local(2026, 11, 28, 8, 0, 1)],
    ['squid', '1764316801.123    45 10.0.0.1 TCP_MISS/200 4512 GET http://a/', 1764316801123],
    ['RabbitMQ', '2026-11-28 08:00:01.123456+01:00 [info] <0.1.0> up', utc(2026, 11, 28, 7, 0, 1, 123)],
    ['HAProxy', 'Nov 28 08:00:01 lb haproxy[12]: 10.0.0.1:1 [28/Nov/2026:08:00:01.1] x', local(2026, 11, 28, 8, 0, 1)],
    ['seconds', '{"ts":1764316801,"msg":"up"}', 1764316801000],
    ['microseconds', '{"time":1764316801123456}', 1764316801123],
    ['nanoseconds', '{"timestamp":"1764316801123456789"}', 1764316801123],
    ['a week of ISO 8601', '2026-W48-6T08:00:01Z up', utc(2026, 11, 28, 8, 0, 1)],
    ['a week of ISO 8601', '[2026-W01-1T08:00:01.5+01:00] up', utc(2025, 12, 29, 7, 0, 1, 500)],
    ['a week of ISO 8601', '2020-W53-7T08:00:01Z up', utc(2021, 1, 3, 8, 0, 1)],
    ['a day of ISO 8601', '2026-332T08:00:01Z up', utc(2026, 11, 28, 8, 0, 1)],
    ['a day of ISO 8601', '2024-366T08:00:01 up', local(2024, 12, 31, 8, 0, 1)],
  ])('as %s has it: %s', (_, line, time) => {
    expect(timestampOf(line, reference)).toBe(time);
  });

  it('in the last hour of the day before, where the day has changed since', () => {
    const justAfterMidnight = new Date(2026, 10, 28, 0, 0, 3).getTime();
    expect(timestampOf('[23:59:59] up', justAfterMidnight)).toBe(local(2026, 11, 27, 23, 59, 59));
  });

  it('is of the next day or year, where the sender is there already', () => {
    const newYearsEve = local(2026, 12, 31, 23, 59, 58);
    expect(timestampOf('Jan  1 00:00:05 host app: up', newYearsEve)).toBe(local(2027, 1, 1, 0, 0, 5));
    expect(timestampOf('Jan  1 08:00:05 host app: up', newYearsEve)).toBe(local(2027, 1, 1, 8, 0, 5));
    expect(timestampOf('Jan 15 08:00:05 host app: up', newYearsEve)).toBe(local(2026, 1, 15, 8, 0, 5));
    expect(timestampOf('[00:00:01] up', newYearsEve)).toBe(local(2027, 1, 1, 0, 0, 1));
    expect(timestampOf('[12:00:01] up', newYearsEve)).toBe(local(2026, 12, 31, 12, 0, 1));
    expect(timestampOf('Dec 31 23:59:59 host app: up', local(2027, 1, 1, 0, 0, 1))).toBe(
      local(2026, 12, 31, 23, 59, 59),
    );
  });

  it('is of the day that both numbers say, where only one reading is of now', () => {
    const tenthOfMarch = local(2026, 3, 10, 12, 0, 0);
    expect(timestampOf('10/03/2026 11:59:59 up', tenthOfMarch)).toBe(local(2026, 3, 10, 11, 59, 59));
    expect(timestampOf('03/10/2026 11:59:59 up', tenthOfMarch)).toBe(local(2026, 3, 10, 11, 59, 59));
    // Neither is, and the month first is still to come.
    expect(timestampOf('12/01/2026 11:59:59 up', tenthOfMarch)).toBe(local(2026, 1, 12, 11, 59, 59));
    expect(timestampOf('02/01/2026 11:59:59 up', tenthOfMarch)).toBe(local(2026, 2, 1, 11, 59, 59));
    expect(timestampOf('12/01/2026 11:59:59 up', 0)).toBe(local(2026, 12, 1, 11, 59, 59));
  });

  it("is Buildkite's, which nobody sees", () => {
    const line = '\x1b_bk;t=1764316801123\x07$ make';
    expect(timestampOf('$ make', reference, line)).toBe(1764316801123);
    expect(timestampOf('$ make', reference, '\x1b_bk;t=1764316801123\x1b\\$ make')).toBe(1764316801123);
  });

  it("is that of TeamCity's service messages, not what stands in another value", () => {
    const at = (message: string) => timestampOf(`##teamcity[${message}]`, reference);
    const time = Date.UTC(2026, 10, 28, 7, 0, 1, 250);
    expect(at("blockOpened name='a' timestamp='2026-11-28T08:00:01.250+0100'")).toBe(time);
    expect(at("message timestamp='2026-11-28T07:00:01.250Z' text='2020'")).toBe(time);
    expect(at("message text='|n timestamp=|'2020-01-01T00:00:00Z|'' timestamp='2026-11-28T07:00:01.250Z'")).toBe(time);
    expect(at("message timestamp='2026-11-28T08:00:01.250'")).toBe(local(2026, 11, 28, 8, 0, 1) + 250);
    expect(at("message text='|n timestamp=|'2020-01-01T00:00:00Z|''")).toBeUndefined();
    expect(at("message timestamp='yesterday'")).toBeUndefined();
  });

  it.each([
    '',
    'up',
    '1.2.3',
    '2026 files',
    '2026-11-28',
    '2026-13-28T08:00:01Z',
    '2026-11-28T25:00:01Z',
    '12:03',
    '12:03:04:05 x',
    '00:12:34.5678',
    '[info] 2026-11-28T08:00:01Z',
    'Nov 2026 was cold',
    '{"time":12}',
    '{"time":"yesterday"}',
    '{"uptime":1764316801123}',
    'time=1.2s',
    'ok 12:03:04 x',
    '0000-00-00 00:00:00',
    '1764316801123 up',
    'test 11:03:04',
    ...['v20.19.0', '10.0.0.1 is up', '192.168.100.200:8080', '1234567890.5 MB', '9999999999.123 x', '1.2.3-4 x'],
    ...['550e8400-e29b-41d4-a716-446655440000', '20261128-0800 x', '11-28 files', '11-28 08:00:01 x', '12 Nov x'],
    ...['13/28/2026 08:00:01 up', '1/2/3 08:00:01 x', '11/28/2026 files', '0/1/2026 08:00:01', '26/10/27 14:03:01 x'],
    ...['10/27/2026 14:03:01:05 x', '[10/27/26 8:00:01] x', '2026-W54-1T08:00:01Z', '2026-W48-8T08:00:01Z', '2026-W48'],
    ...['2026-367T08:00:01Z', '2026-000T08:00:01Z', '2026-332 08:00:01 x', '20261328T080001Z', '12345678 08:00:01 x'],
    ...[
      '20261128T08',
      '20261128T080001Zx',
      '1:Y 28 Nov 2026 08:00:01.123 * x',
      '12345678:M 28 Nov 2026 08:00:01.123 * x',
    ],
    ...['a:M 28 Nov 2026 08:00:01.123 * x', 'Tue, 27 Oct 2026', '[27/Oct/2026] x', '[27/Oct/2026:14:03] x', '3/4 done'],
    ...['see [27/Oct/2026 14:03:01] x y', '27-Oct-2026', '28-OCT 08:00:01', 'I2026 08:00:01.1 x', '1:M is up'],
    ...['28-Foo-2026 08:00:01', '32-Nov-2026 08:00:01 x', '13-28 08:00:01.123  1 x'],
    ...['Sat down at 08:00:01', 'Mar 3 files', 'Nov 31x', 'May 2026', 'Sun Microsystems 2026', 'Dec 12, 2026 was cold'],
    ...[
      'I1328 08:00:01.123456 1 a.go:1] x',
      'E1128 x',
      'A, [b]',
      '[12-34] x',
      '12 Jan 2026',
      'The 28 Nov 2026 08:00:01',
    ],
  ])('is not said by: %s', (line) => {
    expect(timestampOf(line, reference)).toBeUndefined();
  });

  it('is not that of another line with the same digits elsewhere', () => {
    const times = [
      '2026-11-28T08:00:00.20Z',
      '2026-11-28T08:00:07.20Z',
      '2026-11-28 08:00:00.11+01:00',
      '2026-11-28 08:00:11.11+01:00',
    ];
    expect(times.map((line) => timestampOf(line, reference))).toEqual(times.map((line) => Date.parse(line)));
  });

  it('is what it was printed from', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date(1991, 0), max: new Date(2099, 0), noInvalidDate: true }),
        fc.string(),
        (date, rest) => {
          expect(timestampOf(`${date.toISOString()} ${rest}`, reference)).toBe(date.getTime());
          expect(timestampOf(`{"a":1,"time":${date.getTime()}}`, reference)).toBe(
            date.getTime() > 1e11 ? date.getTime() : date.getTime() * 1000,
          );
        },
      ),
    );
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (line) => void timestampOf(line, reference)));
  });

  it('does not depend on the line before, which mostly is of the same second', () => {
    const head = fc.constantFrom('', '[', '<13>1 ', '<13>');
    const day = fc.constantFrom('2026-11-28T10:00:00', '2026-11-28 10:00:00', '2026/11/28 10:00:00');
    const fraction = fc.oneof(
      fc.constantFrom('', '.', ','),
      fc.stringMatching(/^[.,]\d{1,11}$/),
      fc.constantFrom('.29', '.57', '.001', '.0005', '.9999999'),
    );
    const zone = fc.constantFrom('', 'Z', ' Z', '+01:00', ' -0500', '+0', 'x');
    const rest = fc.constantFrom('', ' ', ' INFO x', ':1', '1', ' [a]', ' +1', ' Zulu', '] x', ' 7');
    const line = fc.tuple(head, day, fraction, zone, rest).map((parts) => parts.join(''));
    const alone = (text: string) => {
      timestampOf('1999-01-01T00:00:00Z', reference);
      return timestampOf(text, reference);
    };
    fc.assert(
      fc.property(line, line, (before, text) => {
        const expected = alone(text);
        timestampOf(before, reference);
        expect(timestampOf(text, reference)).toBe(expected);
      }),
      { numRuns: 3000 },
    );
    expect(timestampOf('2026-11-28T10:00:00.29Z x', reference)).toBe(Date.UTC(2026, 10, 28, 10, 0, 0, 290));
  });
});
