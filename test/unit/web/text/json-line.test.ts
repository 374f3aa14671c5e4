import { describe, expect, test } from 'vitest';
import { fieldsOf } from '../../../../web/text/json-line.ts';

/** As the page shows it: level, time, message, fields. */
function shown(line: string): string {
  const found = fieldsOf(line);
  if (!found) return 'as it is';
  const { prefix, level, time, message, fields } = found;
  const pairs = fields.map(({ key, value }) => `${key}=${value}`);
  const at = time && (time.at === undefined ? time.text : new Date(time.at).toISOString());
  return [prefix, level && `${level.name}/${level.kind}`, at, message, ...pairs].filter(Boolean).join(' | ');
}

describe('lines of structured logging', () => {
  test.each([
    [
      'pino',
      '{"level":50,"time":1763622000123,"pid":7,"hostname":"a","req":{"method":"GET","url":"/x"},"msg":"failed"}',
      'error/error | 2025-11-20T07:00:00.123Z | failed | req.method=GET | req.url=/x | pid=7 | hostname=a',
    ],
    [
      'bunyan',
      '{"name":"app","hostname":"h","pid":1,"level":40,"msg":"slow","time":"2025-11-20T07:00:00.000Z","v":0}',
      'warn/warn | 2025-11-20T07:00:00.000Z | slow | name=app | hostname=h | pid=1 | v=0',
    ],
    [
      'zap',
      '{"level":"info","ts":1763622000.5,"caller":"a/b.go:12","msg":"up","n":3,"ok":true,"none":null}',
      'info/info | 2025-11-20T07:00:00.500Z | up | caller=a/b.go:12 | n=3 | ok=true | none=null',
    ],
    ['winston', '{"level":"warn","message":"two\\nlines","tags":["a",1]}', 'warn/warn | two\nlines | tags=["a",1]'],
    [
      'logrus',
      'time="2025-11-20T07:00:00Z" level=fatal msg="can\\"t" size=10 who="a b"',
      'fatal/error | 2025-11-20T07:00:00.000Z | can"t | size=10 | who=a b',
    ],
    [
      'GELF',
      '{"version":"1.1","host":"h","short_message":"no","timestamp":1763622000.25,"level":3,"_user":"u"}',
      'error/error | 2025-11-20T07:00:00.250Z | no | _user=u | version=1.1 | host=h',
    ],
    ['structlog', '{"event":"login","level":"debug"}', 'debug/debug | login'],
    ['what a container engine puts before it', 'api-1  | {"level":30,"msg":"x"}', 'api-1  | | info/info | x'],
  ])('%s', (_, line, expected) => {
    expect(shown(line)).toBe(expected);
  });

  test.each([
    ['no object', '["level"]'],
    ['one that says nothing usual', '{"a":1,"b":2}'],
    ['one that only has a message', 'data: {"message":"x","id":1}'],
    ['one that is not whole', '{"level":30,"msg":"x"'],
    ['one with text after it', '{"level":30,"msg":"x"} and so on'],
    ['a sentence', 'set level=3 in the file'],
    ['code', 'if (level=info) { msg="x" }'],
    ['one pair', 'level=info'],
    ['an assignment in a shell', 'msg="a b" and more text'],
    ['one that is longer than the page takes apart', `{"level":30,"msg":"${'x'.repeat(70_000)}"}`],
  ])('%s is shown as it is', (_, line) => {
    expect(shown(line)).toBe('as it is');
  });

  test('each field has a piece of its line that says key and value', () => {
    const pieces = (line: string) => fieldsOf(line)?.fields.map(({ inLine }) => inLine);
    expect(pieces('{"level":30,"msg":"x","status":500,"user":"a\\"b"}')).toEqual(['"status":500', '"user":"a\\"b"']);
    expect(pieces('{"level": 30, "msg": "x", "status": 500}')).toEqual(['"status": 500']);
    expect(pieces('{"level":30,"msg":"x","size":1e3,"in": "a" ,"odd" : "b"}')).toEqual([
      '"size":1e3',
      '"in": "a"',
      '"odd" : "b"',
    ]);
    expect(
      pieces('{"level":30,"msg":"x","name":"M\\u00fcller","at":{"url":"http:\\/\\/x"},"tags":["a", {"b":1}]}'),
    ).toEqual(['"name":"M\\u00fcller"', '"url":"http:\\/\\/x"', '"tags":["a", {"b":1}]']);
    expect(pieces('level=info msg=x status=500 who="a b"')).toEqual(['status=500', 'who="a b"']);
  });

  test('values are read as JSON has them, and numbers keep their digits', () => {
    expect(shown('{"level":30,"msg":"x","name":"M\\u00fcller","id":12345678901234567890,"e":{ },"l":[ 1, 2 ]}')).toBe(
      'info/info | x | name=Müller | id=12345678901234567890 | e={ } | l=[ 1, 2 ]',
    );
    expect(shown('{"level":30,"msg":"x","a":1,"a":{"b":"}"},"a":2,"c":"\\"{"}')).toBe(
      'info/info | x | a=2 | a.b=} | c="{',
    );
  });

  test('keys that objects have of themselves are keys', () => {
    expect(shown('{"level":30,"msg":"x","__proto__":{"a":1},"constructor":2}')).toBe(
      'info/info | x | __proto__.a=1 | constructor=2',
    );
  });
});
