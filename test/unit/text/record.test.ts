import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { problemOf } from '../../../agent/text/level.ts';
import { createRecordTracker } from '../../../agent/text/record.ts';
import { growthOf, linear } from '../../support/growth.ts';

/** Each entry is a log; lines that belong to the one before begin with `| ` here. */
const logs: Record<string, string> = {
  'a trace of Node': `
up
Error: no route
|     at resolve (/srv/loader.js:12:3)
|     at async main (file:///srv/main.js:1:1) {
|   code: 'ENOENT'
| }
down`,
  'a trace of Node as GitHub keeps it': `
2026-11-28T09:12:44.3234560Z Error: no route
| 2026-11-28T09:12:44.3234561Z     at resolve (/srv/loader.js:12:3)
| 2026-11-28T09:12:44.3234562Z     at async main (file:///srv/main.js:1:1)
2026-11-28T09:12:45.3234560Z down`,
  'an uncaught exception of Node': `
/srv/index.js:3
|     throw new Error('no route');
|     ^
|
| Error: no route
|     at main (/srv/index.js:3:11)
|     at Module._compile (node:internal/modules/cjs/loader:1364:14)
up`,
  'an error of Node with its cause': `
TypeError: fetch failed
|     at node:internal/deps/undici/undici:12500:13
|   [cause]: Error: connect ECONNREFUSED
|       at TCPConnectWrap.afterConnect
up`,
  'a failed test and what comes after it, in a build of BuildKit': `
#7 2.900  FAIL  src/a.test.ts > adds
| #7 2.901 AssertionError: expected 3 to be 4
#7 ERROR: process "/bin/sh -c npm test" did not complete successfully: exit code: 1
------
 > [test 1/2] RUN npm test:
------
ERROR: failed to solve: process "/bin/sh -c npm test" did not complete successfully: exit code: 1`,
  'traces of two steps of BuildKit': `
#7 0.412 Error: no route
| #7 0.412     at resolve (/srv/loader.js:12:3)
#8 0.300     at main (/srv/main.js:1:1)
#8 0.301 Error: no port
| #8 0.301     at main (/srv/main.js:1:1)
#7 0.500     at late (/srv/late.js:1:1)`,
  'a trace of Python': `
Traceback (most recent call last):
|   File "/srv/a.py", line 3, in <module>
|     main()
|     ~~~~^^
| ValueError: no route
up`,
  'a chain of Python': `
ERROR:root:failed
| Traceback (most recent call last):
|   File "/srv/a.py", line 3, in <module>
|     main()
| KeyError: 'a'
|
| During handling of the above exception, another exception occurred:
|
| Traceback (most recent call last):
|   File "/srv/a.py", line 5, in <module>
| RuntimeError: no route
up`,
  'a trace of Java': `
2026-01-02 03:04:05 ERROR Main - failed
| java.lang.IllegalStateException: no route
|	at com.example.Main.run(Main.java:12)
|	at com.example.Main.main(Main.java:3)
|	Suppressed: java.io.IOException: closed
|		at com.example.Main.close(Main.java:4)
| Caused by: java.io.IOException: broken
|	at com.example.Net.read(Net.java:7)
|	... 12 more
2026-01-02 03:04:06 INFO Main - up`,
  'a panic of Go': `
panic: runtime error: index out of range [3] with length 2
|
| goroutine 1 [running]:
| main.main()
| 	/srv/main.go:8 +0x1d
| main.(*Server).run(0xc000012345, {0x1, 0x2})
| 	/srv/server.go:12 +0x1d
| created by main.start in goroutine 1
| 	/srv/server.go:2 +0x1d
| exit status 2
up`,
  'a panic of Rust': `
thread 'main' panicked at src/main.rs:4:5:
| index out of bounds: the len is 2 but the index is 3
| stack backtrace:
|    0: rust_begin_unwind
|              at /rustc/library/std/src/panicking.rs:645:5
| note: run with \`RUST_BACKTRACE=1\` environment variable to display a backtrace
up`,
  'a trace of Ruby': `
app.rb:3:in \`fetch': key not found: :a (KeyError)
|	from app.rb:3:in \`main'
|	from app.rb:7:in \`<main>'
up`,
  'a trace of .NET': `
Unhandled exception. System.InvalidOperationException: no route
|  ---> System.IO.IOException: broken
|    at App.Net.Read() in /srv/Net.cs:line 7
|    --- End of inner exception stack trace ---
|    at App.Program.Main(String[] args) in /srv/Program.cs:line 3
up`,
  'an exception of PHP': `
PHP Fatal error:  Uncaught Exception: no route in /srv/a.php:3
| Stack trace:
| #0 /srv/a.php(7): f()
| #1 {main}
|   thrown in /srv/a.php on line 3
up`,
  'an object': `
response {
|   status: 500,
|   body: {
|     error: 'x'
|   }
| }
up`,
  'pretty-printed JSON': `
{
|   "level": "error",
|   "list": [
|     1
|   ]
| }
{
|   "level": "info"
| }`,
  "gcc's diagnostics": `
main.c:3:5: error: 'x' undeclared
|     3 |     x = 1;
|       |     ^
main.c:4:5: warning: unused variable 'y'
|     4 |     int y;
|       |         ^
make: *** [all] Error 1`,
  "rustc's diagnostics": `
error[E0308]: mismatched types
|  --> src/main.rs:2:18
|   |
| 2 |     let x: i32 = "a";
|   |            ---   ^^^ expected \`i32\`, found \`&str\`
|   = note: expected type
warning: unused variable: \`x\`
|  --> src/main.rs:2:9
done`,
  "tsc's diagnostics": `
src/a.ts:1:7 - error TS2322: Type 'string' is not assignable to type 'number'.
|
| 1 const x: number = 'a';
|         ~
Found 1 error in src/a.ts:1`,
  'lines that have nothing to do with each other': `
up
  indented
{"a":1}
- item
    * at home
#1 of 3
Error: x
down
{
}x
note: x`,
};

/** What continues nothing though it could: the list above has it as a line of its own. */
function parsed(text: string): { line: string; continues: boolean }[] {
  return text
    .slice(1)
    .split('\n')
    .map((line) => ({ line: line.replace(/^\| ?/, ''), continues: line.startsWith('|') }));
}

/** What tools print: `= ` begins a log; its lines follow `- `, or a `|` where they belong to the one before. */
const corpus = new URL('../../fixtures/records/', import.meta.url);
const printed = readdirSync(corpus).flatMap((name) => {
  const [, ...found] = readFileSync(new URL(name, corpus), 'utf8').split(/^= /m);
  return found.map((text): [string, string] => [`${name}: ${text.slice(0, text.indexOf('\n'))}`, text]);
});

describe('lines that belong together', () => {
  it.each(printed)('as tools print them: %s', (_, text) => {
    const lines = text.split('\n').slice(1, -1);
    expect(lines.every((line) => /^[-|]/.test(line))).toBe(true);
    const tracker = createRecordTracker(problemOf);
    const said = lines.map((line) => {
      const visible = line.replace(/^[-|] ?/, '');
      return `${tracker.continues(visible) ? '|' : '-'}${line.slice(1)}`;
    });
    expect(said).toEqual(lines);
  });

  it.each(Object.keys(logs))('%s', (name) => {
    const expected = parsed(logs[name] as string);
    const tracker = createRecordTracker(problemOf);
    expect(expected.map(({ line }) => ({ line, continues: tracker.continues(line) }))).toEqual(expected);
  });

  it.each([
    ['a name that never ends', `"${'" #1 '.repeat(20)}`, 'x'],
    ['a thread that never panics', 'x', "' panicked at "],
    ['what a goroutine might call', 'panic: x', '('],
    ['what Node might throw', '/srv/a.js:1', 'A.'],
    ['an assertion of pytest', '___ test ___', '_ '],
  ])('take time in proportion to their lines: %s', (_, first, part) => {
    const starts = ['"', "thread '", '', '\t', '==1==', '** ('];
    const growth = growthOf((size) => {
      const tracker = createRecordTracker(problemOf);
      for (const start of starts) {
        tracker.continues(first);
        tracker.continues(start + part.repeat(size / part.length));
        tracker.continues(`${start}${'" #1 '.repeat(size / 5)}`);
      }
    }, 30_000);
    expect(growth).toBeLessThan(linear);
  });

  it('are cut where they go on for ever', () => {
    const tracker = createRecordTracker(problemOf);
    const starts = Array.from({ length: 2500 }, () => tracker.continues('    at f (a.js:1:1)')).filter((is) => !is);
    expect(starts.length).toBe(3);
  });
});
