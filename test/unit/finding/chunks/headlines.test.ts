import { describe, expect, it } from 'vitest';
import { createChunkBuilder } from '../../../../agent/finding/chunks/chunk-builder.ts';
import { problemsOf } from '../../../../agent/finding/chunks/problems.ts';
import type { Problem } from '../../../../agent/words/finding.ts';

/** What is listed of these lines, without ids and levels. */
function listed(lines: string): Partial<Problem>[] {
  const frames = lines.split('\n').map((line, i) => `id: ${i + 1}\ndata: ${line}\n\n`);
  const bytes = Buffer.from(`event: origin\ndata: {"time":1764316801123}\n\n${frames.join('')}`);
  const builder = createChunkBuilder(1);
  builder.take({ bytes, firstId: 1, lastId: frames.length });
  return problemsOf([builder.chunk], 1).problems.map(({ id: _, level: __, ...said }) => said);
}

const filler = 'x'.repeat(600);

const cases: Record<string, { lines: string; problems: Partial<Problem>[] }> = {
  'an uncaught exception of Node says what was thrown, and where in the own code': {
    lines: `node:internal/modules/cjs/loader:1210
  throw err;
  ^

Error: Cannot find module './missing.js'
Require stack:
- /srv/build.js
    at Module._resolveFilename (node:internal/modules/cjs/loader:1207:15)
    at load (/srv/node_modules/loader/index.js:3:1)
    at Object.<anonymous> (/srv/build.js:1:36)
    at main (/srv/main.js:2:3) {
  code: 'MODULE_NOT_FOUND'
}`,
    problems: [{ text: "Error: Cannot find module './missing.js'", file: '/srv/build.js', line: 1 }],
  },
  'a rejection': {
    lines: `node:internal/process/promises:394
      triggerUncaughtException(err, true /* fromPromise */);
      ^

[UnhandledPromiseRejection: This error originated either by throwing] {
  code: 'ERR_UNHANDLED_REJECTION'
}`,
    problems: [{ text: '[UnhandledPromiseRejection: This error originated either by throwing] {' }],
  },
  'a line of JSON or logfmt that is too long to be kept whole says its message': {
    lines: [
      {
        level: 50,
        err: { type: 'Error', message: 'timed out', stack: `Error: timed out${filler}` },
        msg: 'request "failed"',
      },
      { level: 'error', error: { stack: filler, message: 'timed out' }, msg: '' },
      { level: 'warn', filler, fields: { message: 'slow' } },
      { level: 'error', message: filler, error: 'no' },
      { level: 'error', filler },
    ]
      .map((object) => JSON.stringify(object))
      .concat(
        `web-1  | 2026-11-28T10:00:00.000000001Z {"level":"error","a":"${filler}","message":"no port"}`,
        `level=error trace="${filler}" msg="no \\"route\\"" id=1`,
        `level=error trace=${filler} msg=refused`,
        `ERROR: ${filler} msg=refused`,
        `{"level":"error","a":"${filler}","message":"cut`,
      )
      .join('\n'),
    problems: [
      'request "failed"',
      'timed out',
      'slow',
      filler.slice(0, 500),
      `{"level":"error","filler":"${filler}`.slice(0, 500),
      'no port',
      'no "route"',
      'refused',
      `ERROR: ${filler}`.slice(0, 500),
      `{"level":"error","a":"${filler}`.slice(0, 500),
    ].map((text) => ({ text })),
  },
  'a failed test of pytest says what it begins to explain, not how a long comparison ends': {
    lines: `______________________________ TestCart.test_dict ______________________________

>   def test_dict(self): assert {"a":1,"b":[1,2,3]}=={"a":1,"b":[1,2,4]}
E   AssertionError: assert {'a': 1, 'b': [1, 2, 3]} == {'a': 1, 'b': [1, 2, 4]}
E     
E     Omitting 1 identical items, use -vv to show
E
E     ...Full output truncated (10 lines hidden), use '-vv' to show

test_shop.py:17: AssertionError`,
    problems: [
      {
        text: "TestCart.test_dict: AssertionError: assert {'a': 1, 'b': [1, 2, 3]} == {'a': 1, 'b': [1, 2, 4]}",
        ...{ file: 'test_shop.py', line: 17 },
      },
    ],
  },
  'a logged error says what was thrown, and is one with it': {
    lines: `2026-11-30 19:25:57,199 ERROR shop: order 0 failed
Traceback (most recent call last):
  File "/srv/shop/main.py", line 3, in <module>
    order()
  File "/srv/shop/order.py", line 6, in order
KeyError: 'k'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/shop/main.py", line 5, in <module>
shop.NoOrder: no order
10:00:00.123 [main] ERROR c.e.App - retrying
java.io.IOException: reset
	at com.example.Net.read(Net.java:7)
	at com.example.App.main(App.java:3)
Caused by: java.net.SocketException: closed
	at com.example.Net.open(Net.java:5)
2026-11-30T10:00:00.123Z ERROR 4711 --- [main] c.e.App : failed

java.lang.IllegalStateException: boom
	at com.example.App.main(App.java:3)
2026-11-30T10:00:00.124Z ERROR 4711 --- [main] c.e.App : failed
up`,
    problems: [
      {
        text: '2026-11-30 19:25:57,199 ERROR shop: order 0 failed: shop.NoOrder: no order',
        ...{ file: '/srv/shop/main.py', line: 5 },
      },
      { text: '10:00:00.123 [main] ERROR c.e.App - retrying: java.io.IOException: reset', file: 'Net.java', line: 7 },
      {
        text: 'ERROR 4711 --- [main] c.e.App : failed: java.lang.IllegalStateException: boom',
        ...{ file: 'App.java', line: 3 },
      },
      { text: 'ERROR 4711 --- [main] c.e.App : failed' },
    ],
  },
  'a printed object says its message, wherever that stands, whoever passed it on': {
    lines: `{
  "time": "2026-11-28T10:00:00Z",
  "level": "error",
  "request": { "message": "GET /" },
  "msg": "no \\"route\\" to\\tdb"
}
{
  "message": "no route",
  "error": "ECONNREFUSED",
  "severity": "ERROR"
}
web-1  | {
web-1  |   "error": {
web-1  |     "message": "no such user",
web-1  |     "code": 404
web-1  |   },
web-1  |   "level": "error"
web-1  | }
ERROR {
  code: 'E404',
  errorMessage: "no such cart",
}`,
    problems: [{ text: 'no "route" to\tdb' }, { text: 'no route' }, { text: 'no such user' }, { text: 'no such cart' }],
  },
  'a printed object without a message says its error, else what it first says': {
    lines: `{
    "level": "error",
    "error": "no route",
    "cause": { "message": "ECONNREFUSED" }
}
{
    "@timestamp": "2026-11-28T10:00:00Z",
    "log.level": "error",
    "status": 500,
    "message": ""
}
{
    "timestamp": "2026-11-28T10:00:00Z",
    "level": "error"
}
request failed: ERROR {
    "msg": "no route"
}`,
    problems: [
      { text: 'no route' },
      { text: '"status": 500' },
      { text: '"timestamp": "2026-11-28T10:00:00Z"' },
      { text: 'request failed: ERROR {' },
    ],
  },
  'an exception of Ruby says where in the own code': {
    lines: `/usr/lib/ruby/3.1.0/json/common.rb:216:in \`parse': unexpected token (JSON::ParserError)
	from /var/lib/gems/3.1.0/gems/cart-1.2.0/lib/cart.rb:7:in \`load'
	from /srv/shop/cart.rb:3:in \`total'
	from /srv/shop/main.rb:9:in \`<main>'
a.rb:3:in 'Integer#/': divided by 0 (ZeroDivisionError)
	from a.rb:7:in '<main>'`,
    problems: [
      {
        text: "/usr/lib/ruby/3.1.0/json/common.rb:216:in `parse': unexpected token (JSON::ParserError)",
        ...{ file: '/srv/shop/cart.rb', line: 3 },
      },
      { text: "a.rb:3:in 'Integer#/': divided by 0 (ZeroDivisionError)", file: 'a.rb', line: 3 },
    ],
  },
  'an exception of Elixir says where in the own code': {
    lines: `** (KeyError) key :id not found in: %{}
    (elixir 1.15.0) lib/map.ex:3: Map.fetch!/2
    (shop 0.1.0) lib/shop/cart.ex:7: Shop.Cart.total/1`,
    problems: [{ text: '** (KeyError) key :id not found in: %{}', file: 'lib/shop/cart.ex', line: 7 }],
  },
  'a trace of Python, as GitHub keeps it': {
    lines: `2026-11-28T09:12:44.3234560Z Traceback (most recent call last):
2026-11-28T09:12:44.3234561Z   File "/srv/main.py", line 90, in <module>
2026-11-28T09:12:44.3234562Z     run()
2026-11-28T09:12:44.3234563Z   File "/srv/shop/cart.py", line 3, in run
2026-11-28T09:12:44.3234564Z     json.loads('')
2026-11-28T09:12:44.3234565Z   File "/usr/lib/python3.11/json/__init__.py", line 346, in loads
2026-11-28T09:12:44.3234566Z     return _default_decoder.decode(s)
2026-11-28T09:12:44.3234567Z json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)
2026-11-28T09:12:45.3234560Z down`,
    problems: [
      {
        text: 'json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)',
        file: '/srv/shop/cart.py',
        line: 3,
      },
    ],
  },
  'what others passed on is listed without their names': {
    lines: `web-1  | Traceback (most recent call last):
web-1  |   File "/app/main.py", line 90, in <module>
web-1  |     run()
web-1  | ValueError: no route
Nov 29 12:00:01 host app[123]: Exception in thread "main" java.lang.IllegalStateException: no route
Nov 29 12:00:01 host app[123]: 	at com.example.Main.main(Main.java:12)
db-1   | 2026-11-29 12:00:02.120 UTC [1] FATAL:  the database system is shutting down
[pod/web-7d9c/app] 2026-11-29T12:00:01.120456789Z TypeError: no id
[pod/web-7d9c/app] 2026-11-29T12:00:01.120456790Z     at route (/srv/a.js:12:3)`,
    problems: [
      { text: 'ValueError: no route', file: '/app/main.py', line: 90 },
      { text: 'Exception in thread "main" java.lang.IllegalStateException: no route', file: 'Main.java', line: 12 },
      { text: '2026-11-29 12:00:02.120 UTC [1] FATAL:  the database system is shutting down' },
      { text: 'TypeError: no id', file: '/srv/a.js', line: 12 },
    ],
  },
  'a chain of Python says what ended it': {
    lines: `Traceback (most recent call last):
  File "/srv/a.py", line 3, in <module>
KeyError: 'a'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/b.py", line 5, in <module>
KeyboardInterrupt`,
    problems: [{ text: 'KeyboardInterrupt', file: '/srv/b.py', line: 5 }],
  },
  'failures of pytest say which test, and what of it': {
    lines: `____________ ERROR at setup of test_fixture ____________

    @pytest.fixture
>   def broken(): raise RuntimeError("no database")
E   RuntimeError: no database

test_a.py:14: RuntimeError
=============== FAILURES ===============
_______________ test_key _______________

    def test_key():
>       total([{"prize": 1}])

test_a.py:10: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ 
.0 = <list_iterator object at 0x7fe853495630>

>   def total(items): return sum(i["price"] for i in items)
E   KeyError: 'price'

test_a.py:3: KeyError`,
    problems: [
      { text: 'ERROR at setup of test_fixture: RuntimeError: no database', file: 'test_a.py', line: 14 },
      { text: "test_key: KeyError: 'price'", file: 'test_a.py', line: 3 },
    ],
  },
  'a failure of pytest says what a chain of exceptions ended with': {
    lines: `_______________ test_chain _______________

>           {}["a"]
E           KeyError: 'a'

test_a.py:20: KeyError

The above exception was the direct cause of the following exception:

>           raise ValueError("bad config") from e
E           ValueError: bad config
E           in two lines

test_a.py:22: ValueError`,
    problems: [{ text: 'test_chain: ValueError: bad config', file: 'test_a.py', line: 20 }],
  },
  'a failure of pytest once, though its summary says it again, unless it has no section': {
    lines: `=================================== FAILURES ===================================
_______________________________ TestCart.test_a ________________________________

    def test_a(self):
>       assert 1 == 2
E       assert 1 == 2

test_a.py:5: AssertionError
____________________________ test_b[1 - 2] _____________________________

    def test_b(n):
>       assert not n
E       AssertionError: assert not 1

test_b.py:9: AssertionError
=========================== short test summary info ============================
FAILED test_a.py::TestCart::test_a - assert 1 == 2
FAILED test_b.py::test_b[1 - 2] - AssertionError: assert not 1
FAILED test_c.py::TestCart::test_a - assert 1 == 2
ERROR test_d.py::test_d - RuntimeError: no database`,
    problems: [
      { text: 'TestCart.test_a: assert 1 == 2', file: 'test_a.py', line: 5 },
      { text: 'test_b[1 - 2]: AssertionError: assert not 1', file: 'test_b.py', line: 9 },
      { text: 'FAILED test_c.py::TestCart::test_a - assert 1 == 2' },
      { text: 'ERROR test_d.py::test_d - RuntimeError: no database' },
    ],
  },
  'a panic of Rust says why, and where in the own code': {
    lines: `thread 'tests::panics' (15771) panicked at src/main.rs:3:175:
called \`Option::unwrap()\` on a \`None\` value
stack backtrace:
   0: __rustc::rust_begin_unwind
             at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/std/src/panicking.rs:689:5`,
    problems: [
      {
        text: "thread 'tests::panics' (15771) panicked at src/main.rs:3:175: called `Option::unwrap()` on a `None` value",
        file: 'src/main.rs',
        line: 3,
      },
    ],
  },
  'a panic of Rust within what came with it': {
    lines: `thread 'main' panicked at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/option.rs:9:1:
no route
stack backtrace:
   0: core::panicking::panic
             at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/panicking.rs:150:5
   1: demo::main
             at ./src/main.rs:7:1`,
    problems: [
      {
        text: "thread 'main' panicked at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/option.rs:9:1: no route",
        file: './src/main.rs',
        line: 7,
      },
    ],
  },
  'failures of vitest say why, and where': {
    lines: ` FAIL  test/b.test.ts [ test/b.test.ts ]
Error: Cannot find module '../missing' imported from /srv/test/b.test.ts
 ❯ test/b.test.ts:2:1

⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯[1/4]⎯

 FAIL  test/a.test.ts > cart > throws
SyntaxError: Unexpected end of JSON input
 ❯ parse node_modules/json/index.js:7:2
 ❯ read src/a.ts:5:29
 ❯ test/a.test.ts:9:1`,
    problems: [
      {
        text: " FAIL  test/b.test.ts [ test/b.test.ts ]: Error: Cannot find module '../missing' imported from /srv/test/b.test.ts",
        ...{ file: 'test/b.test.ts', line: 2 },
      },
      {
        text: ' FAIL  test/a.test.ts > cart > throws: SyntaxError: Unexpected end of JSON input',
        ...{ file: 'src/a.ts', line: 5 },
      },
    ],
  },
  'failed tests and panics of Go say where': {
    lines: `--- FAIL: TestBad (0.00s)
    a_test.go:6: Div(9,2) = 4, want 5
--- FAIL: TestPanic (0.00s)
panic: runtime error: integer divide by zero [recovered]

goroutine 23 [running]:
testing.tRunner.func1.2({0x508da0, 0x5fea60})
	/usr/lib/go-1.19/src/testing/testing.go:1396 +0x24e
panic({0x508da0, 0x5fea60})
	/usr/local/go/src/runtime/panic.go:884 +0x212
demo.Div(...)
	/tmp/demo/a.go:3
demo.TestPanic(0xc000097040?)
	/tmp/demo/a_test.go:8 +0x12`,
    problems: [
      { text: '--- FAIL: TestBad (0.00s)', file: 'a_test.go', line: 6 },
      { text: '--- FAIL: TestPanic (0.00s)' },
      { text: 'panic: runtime error: integer divide by zero [recovered]', file: '/tmp/demo/a.go', line: 3 },
    ],
  },
  'tests of Go that say something before they have failed, with what they print, and others at the same time': {
    lines: `=== RUN   TestDiv
    a_test.go:5: begun
connected to db
    a_test.go:6: Div(9, 2) = 4, want 5
--- FAIL: TestDiv (0.00s)
=== RUN   TestFine
    a_test.go:9: begun
--- PASS: TestFine (0.00s)
=== RUN   TestParent
=== RUN   TestParent/sub
    b_test.go:12: 
        	Error Trace:	/srv/b_test.go:12
        	Error:      	Not equal
--- FAIL: TestParent (0.00s)
    --- FAIL: TestParent/sub (0.00s)
=== RUN   TestA
=== PAUSE TestA
=== RUN   TestB
=== PAUSE TestB
=== CONT  TestA
=== CONT  TestB
    b_test.go:30: b
=== NAME  TestA
    b_test.go:20: a
--- FAIL: TestB (0.00s)
--- FAIL: TestA (0.00s)
FAIL	example.com/demo	0.004s`,
    problems: [
      { text: '--- FAIL: TestDiv (0.00s)', file: 'a_test.go', line: 6 },
      { text: '        \tError:      \tNot equal' },
      { text: '--- FAIL: TestParent (0.00s)' },
      { text: '    --- FAIL: TestParent/sub (0.00s)', file: 'b_test.go', line: 12 },
      { text: '--- FAIL: TestB (0.00s)', file: 'b_test.go', line: 30 },
      { text: '--- FAIL: TestA (0.00s)', file: 'b_test.go', line: 20 },
      { text: 'FAIL\texample.com/demo\t0.004s' },
    ],
  },
  'a failed test of Go is where its first message says what is wrong, and else where its last one stands': {
    lines: `=== RUN   TestLogThenError
    a_test.go:8: begun
    a_test.go:10: Div(9, 2) = 4, want 5
    a_test.go:11: Mod(9, 2) = 4, want 1
    a_test.go:12: done
--- FAIL: TestLogThenError (0.00s)
=== RUN   TestAssert
    a_test.go:15: begun
    a_test.go:16: 
        	Error Trace:	/srv/a_test.go:16
        	Messages:   	not equal
    a_test.go:17: the database is closed
--- FAIL: TestAssert (0.00s)
=== RUN   TestFatal
    a_test.go:20: begun
    a_test.go:21: the server answers 500
--- FAIL: TestFatal (0.00s)
=== RUN   TestLogger
    a_test.go:24: the server answers 500
    logger.go:130: 2026-11-29T10:00:00.000+0100	ERROR	failed to stop	{"after": "1s"}
--- FAIL: TestLogger (0.00s)
=== RUN   TestOnlyLogger
    logger.go:130: 2026-11-29T10:00:00.000+0100	INFO	up
    logger.go:152: 2026-11-29T10:00:00.000+0100	INFO	down
--- FAIL: TestOnlyLogger (0.00s)`,
    problems: [
      { text: '--- FAIL: TestLogThenError (0.00s)', file: 'a_test.go', line: 10 },
      { text: '--- FAIL: TestAssert (0.00s)', file: 'a_test.go', line: 16 },
      { text: '--- FAIL: TestFatal (0.00s)', file: 'a_test.go', line: 21 },
      {
        text: '    logger.go:130: 2026-11-29T10:00:00.000+0100\tERROR\tfailed to stop\t{"after": "1s"}',
        file: 'logger.go',
        line: 130,
      },
      { text: '--- FAIL: TestLogger (0.00s)', file: 'a_test.go', line: 24 },
      { text: '--- FAIL: TestOnlyLogger (0.00s)', file: 'logger.go', line: 152 },
    ],
  },
  'a failed test of Go is there as well where its messages come after it': {
    lines: `--- FAIL: TestLogThenError (0.00s)
    a_test.go:8: begun
    a_test.go:10: Div(9, 2) = 4, want 5
    a_test.go:11: done
--- FAIL: TestParent (0.00s)
    a_test.go:22: parent begun
    --- FAIL: TestParent/sub (0.00s)
        a_test.go:23: in sub
        a_test.go:24: the server answers 500
    a_test.go:25: parent after
web-1  | --- FAIL: TestFatal (0.00s)
web-1  |     a_test.go:26: begun
web-1  |     a_test.go:27: the server answers 500
FAIL
ok  	example.com/other	0.003s
    main.go:12: up`,
    problems: [
      { text: '--- FAIL: TestLogThenError (0.00s)', file: 'a_test.go', line: 10 },
      { text: '--- FAIL: TestParent (0.00s)', file: 'a_test.go', line: 22 },
      { text: '    --- FAIL: TestParent/sub (0.00s)', file: 'a_test.go', line: 24 },
      { text: '--- FAIL: TestFatal (0.00s)', file: 'a_test.go', line: 27 },
    ],
  },
  'a failed test of Go without a place has none, with a long message one, and what only looks like one is none': {
    lines: `=== RUN   TestLong
    a_test.go:6: got ${'x'.repeat(2100)}
--- FAIL: TestLong (0.00s)
=== RUN   TestNote
    a_test.go:6: Div(9, 2) = 4, want 5
    a_test.go:7:3: note
--- FAIL: TestNote (0.00s)
=== RUN   TestNone
    a_test.go:8:3: note
--- FAIL: TestNone (0.00s)`,
    problems: [
      { text: '--- FAIL: TestLong (0.00s)', file: 'a_test.go', line: 6 },
      { text: '--- FAIL: TestNote (0.00s)', file: 'a_test.go', line: 6 },
      { text: '--- FAIL: TestNone (0.00s)' },
    ],
  },
  'a trace belongs to its error behind a level that looks like the name of a service': {
    lines: `ERROR  | java.lang.IllegalStateException: no route
	at com.x.Y.z(Y.java:1)
WARN  | disk almost full
	at com.x.Y.z(Y.java:2)
error    | TypeError: no id
    at route (/srv/a.js:12:3)`,
    problems: [
      { text: 'ERROR  | java.lang.IllegalStateException: no route', file: 'Y.java', line: 1 },
      { text: 'WARN  | disk almost full', file: 'Y.java', line: 2 },
      { text: 'error    | TypeError: no id', file: '/srv/a.js', line: 12 },
    ],
  },
  'a failure of pytest again in a later run of it': {
    lines: `============================= test session starts ==============================
_______________________________ test_x ________________________________
E       assert 1 == 2
============================= test session starts ==============================
FAILED other/test_b.py::test_x - assert 2 == 3
_______________________________ test_y ________________________________
E       assert 1 == 2
========================= 1 failed, 2 passed in 0.12s ==========================
FAILED other/test_b.py::test_y - assert 2 == 3
_______________________________ test_z ________________________________
E       assert 1 == 2
1 failed in 75.02s (0:01:15)
FAILED other/test_b.py::test_z - assert 2 == 3`,
    problems: [
      { text: 'test_x: assert 1 == 2' },
      { text: 'FAILED other/test_b.py::test_x - assert 2 == 3' },
      { text: 'test_y: assert 1 == 2' },
      { text: 'FAILED other/test_b.py::test_y - assert 2 == 3' },
      { text: 'test_z: assert 1 == 2' },
      { text: 'FAILED other/test_b.py::test_z - assert 2 == 3' },
    ],
  },
  'a step of a build that failed says where in the Dockerfile': {
    lines: `#9 [3/4] RUN npm ci
#9 0.312 npm error code E404
#9 ERROR: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1
------
 > [3/4] RUN npm ci:
0.312 npm error code E404
------
Dockerfile:8
--------------------
   6 |     WORKDIR /app
   7 |     COPY . .
   8 | >>> RUN npm ci
   9 |     
--------------------
ERROR: failed to solve: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1
View build details: docker-desktop://dashboard/build/default/default/abc`,
    problems: [
      { text: 'npm error code E404' },
      { text: '#9 ERROR: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1' },
      {
        text: 'ERROR: failed to solve: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1',
        file: 'Dockerfile',
        line: 8,
      },
    ],
  },
  'a step that failed for Compose, as GitHub keeps it, in a file of another name': {
    lines: `2026-11-28T09:12:44.3234560Z docker/api.Dockerfile:12
2026-11-28T09:12:44.3234561Z --------------------
2026-11-28T09:12:44.3234562Z   11 |
2026-11-28T09:12:44.3234563Z   12 | >>> RUN exit 3
2026-11-28T09:12:44.3234564Z --------------------
2026-11-28T09:12:44.3234565Z failed to solve: process "/bin/sh -c exit 3" did not complete successfully: exit code: 3
2026-11-28T09:12:44.3234566Z see compose.yaml:8
2026-11-28T09:12:44.3234567Z --------------------`,
    problems: [
      {
        text: 'failed to solve: process "/bin/sh -c exit 3" did not complete successfully: exit code: 3',
        file: 'docker/api.Dockerfile',
        line: 12,
      },
    ],
  },
  'a trace of Java says where in the own code': {
    lines: `Exception in thread "main" java.lang.NumberFormatException: For input string: "x"
	at java.base/java.lang.Integer.parseInt(Integer.java:652)
	at com.example.Main.run(Main.java:12)`,
    problems: [
      {
        text: 'Exception in thread "main" java.lang.NumberFormatException: For input string: "x"',
        file: 'Main.java',
        line: 12,
      },
    ],
  },
  'one failure of Maven, and one of npm': {
    lines: `[ERROR] Failed to execute goal compile on project demo: Compilation failure
[ERROR] /srv/A.java:[1,33] incompatible types
[ERROR] 
[ERROR] -> [Help 1]
[ERROR] Re-run Maven using the -X switch to enable full debug logging.
npm error code E404
npm error 404 Not Found - GET https://registry.npmjs.org/no-such-package
npm error A complete log of this run can be found in: /root/.npm/_logs/a.log`,
    problems: [
      {
        text: '[ERROR] Failed to execute goal compile on project demo: Compilation failure',
        file: '/srv/A.java',
        line: 1,
      },
      { text: 'npm error code E404' },
    ],
  },
};

describe('what is listed of', () => {
  it.each(Object.entries(cases))('%s', (_, { lines, problems }) => {
    expect(listed(lines)).toEqual(problems);
  });
});

it('a printed object that a chunk ends in says its message', () => {
  const lines = ['{', '  "msg": "no route",', '  "level": "error",', '  "pid": 7', '}'];
  for (let first = 2; first <= 3; first++) {
    const frames = lines.map((line, i) => `id: ${i + 1}\ndata: ${line}\n\n`);
    const bytes = Buffer.from(`event: origin\ndata: {"time":1764316801123}\n\n${frames.join('')}`);
    const builder = createChunkBuilder(first);
    builder.take({ bytes, firstId: 1, lastId: lines.length });
    expect(builder.chunk.problems).toEqual([{ id: 1, level: 'error', text: 'no route' }]);
  }
});

describe('a command of a workflow that is stopped', () => {
  it('is no problem, up to the token that it waits for', () => {
    const lines = `::stop-commands::a1b2
::error::text
::warning::text
::other::
::error file=a.js,line=3::text
ERROR no route
::a1b2::
::error::no user
2026-11-28T09:12:44.3234560Z ::stop-commands::c3
2026-11-28T09:12:44.3234561Z ::error::text
2026-11-28T09:12:44.3234562Z ::c3::
2026-11-28T09:12:44.3234563Z ::warning::slow`;
    expect(listed(lines)).toEqual([{ text: 'ERROR no route' }, { text: 'no user' }, { text: 'slow' }]);
  });

  it('is none where a chunk begins between', () => {
    const lines = ['::stop-commands::a1b2', '::error::text', '::error::text', '::a1b2::', '::error::no user'];
    const frames = lines.map((line, i) => `id: ${i + 1}\ndata: ${line}\n\n`);
    const bytes = Buffer.from(`event: origin\ndata: {"time":1764316801123}\n\n${frames.join('')}`);
    const builder = createChunkBuilder(3);
    builder.take({ bytes, firstId: 1, lastId: lines.length });
    expect(builder.chunk.problems).toEqual([{ id: 5, level: 'error', text: 'no user' }]);
  });
});
