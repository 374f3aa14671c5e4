import fc from 'fast-check';

/** Requests that nobody would make on purpose: what programs with mistakes, scanners and attackers send. */

const parameter = fc.constantFrom(
  ...['from', 'to', 'tail', 'limit', 'skim', 'follow', 'lastEventId', 'strip', 'download', 'buckets', 'token'],
  ...['q', 'not', 'regex', 'case', 'source', 'hide', 'stream', 'level', 'x', '__proto__', ''],
);

const value = fc.oneof(
  fc.constantFrom('', '0', '1', '-1', '1e9', '9007199254740993', '9'.repeat(400), 'NaN', '%00', '%', '%ff', '..'),
  fc.constantFrom('(a+)+$', '[', '\\', '(?<=x)', '.*'.repeat(50), 'stderr', 'stdout,', 'error,warn', '💥', '\ud800'),
  fc.integer().map(String),
  fc.string({ maxLength: 30 }),
);

export const nonsenseQuery = fc.array(fc.tuple(parameter, value), { maxLength: 5 }).map((pairs) => {
  const text = pairs.map(([name, given]) => `${name}=${given}`).join('&');
  return text.replace(/[^\x21-\x7e]|#/g, (sign) => encodeURIComponent(sign.isWellFormed() ? sign : '?'));
});

export const nonsensePath = fc.constantFrom(
  ...['/events', '/raw', '/status', '/logs', '/healthz', '/', '/logs/x/events', '//', '/%', '/logs/%2e%2e/raw'],
  ...[
    '/histogram',
    '/outline',
    '/metrics',
    '/logs/',
    '/logs//events',
    '/assets/../../x',
    '/logs/%00/raw',
    '/index.html',
  ],
);

export const nonsenseValue: fc.Arbitrary<string> = value;

const headerName = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...['Host', 'Origin', 'Referer', 'Cookie', 'Authorization', 'Accept']) },
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      ...['Accept-Encoding', 'Range', 'If-Range', 'If-None-Match', 'If-Modified-Since', 'Last-Event-ID', 'Connection'],
      ...['Upgrade', 'Expect', 'Transfer-Encoding', 'Content-Length', 'TE', 'Trailer', 'Keep-Alive', 'Forwarded'],
      ...['X-Forwarded-For', 'X-Forwarded-Proto', 'X-Forwarded-Host', 'Sec-Fetch-Site', 'Sec-Fetch-Mode', '__proto__'],
    ),
  },
  { weight: 1, arbitrary: fc.stringMatching(/^[!-~]{1,20}$/) },
);

const headerValue = fc.oneof(
  value,
  fc.constantFrom(
    '*',
    '*/*;q=',
    'chunked',
    '100-continue',
    'websocket',
    'close',
    'upgrade',
    'bytes=0-1',
    'bytes=9-1,-',
  ),
  fc.constantFrom(
    'null',
    'http://evil.example',
    'localhost:',
    '[::1',
    'Bearer',
    'Bearer x',
    'Basic Og==',
    'same-origin',
  ),
  fc.constantFrom('a=b; '.repeat(300), 'text/html,'.repeat(200), 'x'.repeat(20_000), 'W/"', 'Thu, 01 Jan 1970', '\t'),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
);

/** Header lines, each with its line end. */
export const nonsenseHeaders: fc.Arbitrary<string> = fc
  .array(fc.tuple(headerName, headerValue), { minLength: 1, maxLength: 6 })
  .map((headers) => headers.map(([name, given]) => `${name}: ${given}\r\n`).join(''));

const request = 'GET /events?follow=0 HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: 7\r\nAccept: */*\r\n\r\n';

const mutated = fc
  .tuple(fc.array(fc.tuple(fc.nat(request.length - 1), fc.nat(255)), { maxLength: 6 }), fc.nat(request.length))
  .map(([changes, cut]) => {
    const bytes = Buffer.from(request);
    for (const [at, byte] of changes) bytes[at] = byte;
    return cut % 3 === 0 ? bytes.subarray(0, cut) : bytes;
  });

const noise = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));

/** No request, or nearly one. */
export const nonsenseBytes: fc.Arbitrary<Buffer> = fc.oneof({ weight: 3, arbitrary: mutated }, noise);
