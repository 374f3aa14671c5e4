import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Level, levelOf } from '../../../agent/text/level.ts';
import { growthOf, linear } from '../../support/growth.ts';

const lines: Record<Level | 'none', string[]> = {
  error: [
    '[ERROR] no route',
    '2026-01-02 03:04:05,678 ERROR com.example.Main - no route',
    '2026-01-02T03:04:05.678Z error: no route',
    '03:04:05 [error] 12#0: *1 open() failed',
    '{"time":1,"level":"error","msg":"info"}',
    '{"level":50,"msg":"no route"}',
    'ts=2026 level=error msg="debug info"',
    'time="2026" level="fatal" msg=x',
    'npm ERR! code ELIFECYCLE',
    'npm error code ELIFECYCLE',
    'error: cannot find module',
    'Error: cannot find module',
    "TypeError: Cannot read properties of undefined (reading 'x')",
    'Error [ERR_MODULE_NOT_FOUND]: Cannot find package',
    "src/a.ts(1,2): error TS2304: Cannot find name 'x'.",
    'src/a.ts:1:2 - error TS2304: Cannot find name',
    'main.c:1:40: error: undeclared',
    'main.c:1:10: fatal error: x.h: No such file',
    'error[E0308]: mismatched types',
    'fatal: not a git repository',
    'Jan  2 03:04:05 host app[12]: error: no route',
    '<3>kernel says',
    'E0102 03:04:05.678901 1 main.go:1] no route',
    'Traceback (most recent call last):',
    'java.lang.IllegalStateException: no route',
    'Exception in thread "main" java.lang.Error',
    'panic: runtime error: index out of range',
    "thread 'main' panicked at src/main.rs:1:2:",
    'make: *** [Makefile:2: all] Error 1',
    'make[1]: *** [all] Error 2',
    ' FAIL  test/a.test.ts > works',
    '--- FAIL: TestX (0.00s)',
    'not ok 3 - works',
    '::error file=a.js::no route',
    '##[error]Process completed with exit code 1.',
    'error Command failed with exit code 1.',
    'CRITICAL:root:no route',
    "thread 'main' (4711) panicked at src/main.rs:1:2:",
    'PHP Fatal error:  Uncaught Exception: no route in /srv/a.php:3',
    'Unhandled exception. System.InvalidOperationException: no route',
    "app.rb:3:in `fetch': key not found: :a (KeyError)",
    '/srv/app/index.js:3',
    'node:internal/modules/cjs/loader:1080',
    '  12:5  error  Missing semicolon  semi',
    'error    | no id',
    'FAILED tests/test_a.py::test_b - AssertionError',
    'E       AssertionError: assert 1 == 2',
    'test works ... FAILED',
    'test result: FAILED. 1 passed; 1 failed',
    'FAILURE: Build failed with an exception.',
    'BUILD FAILED in 3s',
    '> Task :compileJava FAILED',
    '  ● a suite › works',
    'bash: foo: command not found',
    'sh: 1: foo: command not found',
    '2026-01-02T03:04:05.1234567Z ##[error]Process completed with exit code 1.',
    '12:03:04 PM [ERROR] no route',
    'time=2026-01-02T03:04:05Z level=ERROR msg="no route"',
    'collect2: error: ld returned 1 exit status',
    'ERROR in ./src/index.ts 3:5-9',
    'FATAL: password authentication failed for user "a"',
    '2026-01-02 03:04:05 UTC [12] ERROR:  relation "a" does not exist',
    'ERR_PNPM_NO_SCRIPT  Missing script: x',
    'Error response from daemon: no such image',
    '##vso[task.logissue type=error;sourcepath=a.cs]no route',
    "##teamcity[testFailed name='a' message='b']",
    "##teamcity[message text='a' status='ERROR']",
  ],
  warn: [
    '[WARN] slow',
    '[ warn ] slow',
    '2026-01-02 03:04:05 WARNING slow',
    'npm warn deprecated a@1',
    'npm WARN deprecated a@1',
    'warning: unused variable: `x`',
    'main.c:1:22: warning: unused variable',
    'Warning: x is deprecated',
    '2026-01-02T03:04:05.1234567Z ##vso[task.logissue type=warning]slow',
    "##teamcity[message text='an error' status='WARNING']",
    '   3:1  warning  Unexpected console statement  no-console',
    'DeprecationWarning: x is deprecated',
    '/srv/a.py:3: DeprecationWarning: x',
    '2026/01/02 03:04:05 [warn] 12#0: slow',
    '(node:1) Warning: x is deprecated',
    '{"level":40,"msg":"error"}',
    'W0102 03:04:05.678901 1 main.go:1] slow',
    '<4>kernel says',
  ],
  info: [
    '[INFO] 0 errors',
    'INFO: server error rate 0',
    '03:04 INFO  started',
    'level=info msg="error: x"',
    '{"severity":"NOTICE"}',
    'info: up',
    '[i] up',
  ],
  debug: ['[DEBUG] x', 'DEBUG x', 'level=debug', '{"level":20}', 'TRACE x', '2026-01-02 03:04:05 debug: error: x'],
  none: [
    ' error  | count',
    'error | count',
    '',
    'hello world',
    '0 errors, 0 warnings',
    'Found 0 errors.',
    '0 ERROR',
    'Errors: 0',
    'error: 0',
    'no errors found',
    'error handling was improved',
    'src/error.ts  1.2 kB',
    'GET /errors/info 200',
    'for more information see the manual',
    'class MyError extends Error {}',
    'not ok 3 - works # TODO later',
    'level up',
    'failed to fail',
    'Tests: 0 failed, 12 passed',
    'passing `error` to the callback',
    'errors: 0, warnings: 0',
    'error_log = /var/log/php.log',
    'Compiled successfully with 0 warnings',
    'test error_handling ... ok',
    'ok 4 - reports an error',
    '  ✓ throws an error when the file is missing',
    'app.use(errorHandler);',
    'Downloading error-stack-parser-2.1.4.tgz',
    'creating src/lib/warnings.py',
    'info.txt',
    'debugger listening on ws://127.0.0.1:9229',
    'GET /api/error?level=fatal 200',
  ],
};

/** What tools print, each line behind its level: `error `, `warn  `, `info  `, `debug ` or `none  `. */
const corpus = new URL('../../fixtures/levels/', import.meta.url);

describe('levelOf', () => {
  for (const [level, texts] of Object.entries(lines)) {
    it.each(texts)(`${level}: %s`, (text) => {
      expect(levelOf(text) ?? 'none').toBe(level);
    });
  }

  it.each(Object.values(lines).flat())('is the same where GitHub keeps the line with its time: %s', (text) => {
    expect(levelOf(`2026-01-02T03:04:05.1234567Z ${text}`)).toBe(levelOf(text));
  });

  it.each(readdirSync(corpus))('says of what tools print what a reader would: %s', (name) => {
    const printed = readFileSync(new URL(name, corpus), 'utf8').split('\n').filter(Boolean);
    expect(printed.length).toBeGreaterThan(100);
    const said = printed.map((line) => `${(levelOf(line.slice(6)) ?? 'none').padEnd(6)}${line.slice(6)}`);
    expect(said).toEqual(printed);
  });

  it('is that of a field, wherever in an object it stands', () => {
    for (const [field, level] of [
      ['"level":"error"', 'error'],
      ['"severity": "WARNING"', 'warn'],
      ['"level":30', 'info'],
    ] as const) {
      for (const length of [0, 380, 400, 420, 2000]) {
        expect(levelOf(`{"msg":"${'x'.repeat(length)}",${field}}`), `${field} after ${length}`).toBe(level);
      }
    }
    // What a message quotes is no field of the line.
    expect(levelOf(`{"msg":"${'x'.repeat(500)} {\\"level\\":\\"error\\"}"}`)).toBeUndefined();
  });

  it('takes little time, whatever the line', () => {
    for (const made of [
      (size: number) => 'x'.repeat(size),
      (size: number) => 'error '.repeat(size),
      (size: number) => `${'['.repeat(size)}error`,
      (size: number) => `${' '.repeat(size)}error`,
      (size: number) => 'a.'.repeat(size),
    ]) {
      const growth = growthOf((size) => {
        const text = made(size);
        for (let round = 0; round < 100; round++) levelOf(text);
      }, 20_000);
      expect(growth).toBeLessThan(linear);
    }
  });
});
