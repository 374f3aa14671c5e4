import type { Level } from './level-names.ts';
import { elixirError, thrownAt } from './record.ts';

/*
 * What programs say when something went wrong without a word for its level: exceptions, what shells and compilers
 * print, failed tests. `mentions` in level.ts have to let it through, and finding/lines has to know how it begins.
 */

/** What shells and their commands end a line with: what there is not, or may not be. */
export const shellMessages = [
  'No such file or directory',
  'Permission denied',
  'Operation not permitted',
  'Read-only file system',
  'Is a directory',
  'Not a directory',
  'Connection refused',
  'No space left on device',
  'Device or resource busy',
  'File exists',
  'Directory not empty',
  'Broken pipe',
] as const;

/** All of these may be what an error ends with. */
export const errorEndings = [...shellMessages, 'not found', '(core dumped)', 'Killed'] as const;

/** What a program says after its name that it could not do. */
export const refusals = ['cannot', "can't", 'unable to', 'could not'] as const;

/** Python's and Node's; Android's and R's; a step of make that failed and does not matter. */
export const caution =
  /^(?:\S+:\d+: |\(node:\d+\) )?(?:\[DEP\d+\] )?[A-Z]\w*Warning: |^\(!\) |^OpenJDK .{1,40} warning: |^Warning messages?:$|^g?make(?:\[\d+\])?: \[.*\] Error \d+ \(ignored\)$|^Compiled with (?:\d+ )?warnings?\.?$|^\[DEPRECATION WARNING\]: |^(?:\[[^\]]{1,40}\] )?(?:PHP )?Deprecated: |^ *Warning {2,}[A-Z]\w+ {2,}|^\[[A-Z]\w{1,30} warn\]/;

/** An uncaught exception of Node begins with where it was thrown, one of Ruby ends with what it was. */
const uncaught = [
  new RegExp(`(?:${thrownAt.source})$`),
  /\S+:\d+:in [`'].*(?:\((?:\w+::)*[A-Z]\w*\)|: unhandled exception)$/,
];

/** What a line begins with that says that something failed. */
const beginnings: readonly RegExp[] = [
  /\s*(?:Uncaught (?:\(in promise\) )?|Unhandled |Caused by: |\[!\] )?(?:[A-Za-z_]\w*(?:\.|::|\\))*[A-Z]\w*(?:Error|Exception|Rejection)(?: \[\w+\])?(?::|$)/,
  /Traceback \(most recent call last\)/,
  /Exception in thread /,
  /Uncaught (?:\(in promise\) )?(?:[Ee]rror|[Ee]xception)\b|Unhandled (?:[Pp]romise )?[Rr]ejection\b/,
  /Unhandled [Ee]xception(?:[.:]| in )|(?:Task|Future) exception was never retrieved$|\*\*\* Exception: /,
  /thread '.*' (?:\(\d+\) )?(?:panicked at|has overflowed its stack)/,
  /memory allocation of \d+ bytes failed/,
  ...uncaught,
  /(?:\S+: (?:line \d+: )?)?[Ss]yntax error(?:,| near | at )/,
  /\s*FAIL:?\s|\s*--- FAIL:|FAILED:? |E {3,}\S|\s+● \S.* › |test result: FAILED|FAILURE: |BUILD FAILED|Build FAILED\.?$|> Task \S+ FAILED$/,
  /\[ {2}FAILED {2}\] |Failed! {2}- Failed: | {2}Failed \S.* \[[^\]]* m?s\]$|Test Run Failed\.$|FAILURES!$/,
  /\S+::\S+ FAILED\b|\/\/\S+ +FAILED in |\S.*(?<!\b0) FAILED$|Errors while running CTest/,
  /(?:\[[^\]]{1,60}\] )?Failed to |dependency failed to start: |bundler: failed to |rake aborted!$/,
  /Build failed with \d+ errors?:|Build error occurred|Finished: FAILURE$|Build step '.*' marked build as failure/,
  /Execution failed for task |➤ YN\d{4}: (?:\S )?Failed with errors|\[nodemon\] app crashed|== Compilation error in /,
  /\S+: (?:.*: )?command not found$|(?:zsh|\(eval\))(?::\d+)?: command not found: /,
  /\S{0,40}sh: \d+: .*: not found$|[a-z][\w.-]{0,20}: .*: not found$/,
  /not ok \d+(?!.*# (?:TODO|SKIP))/,
  /g?make(?:\[\d+\])?: \*\*\* |\S+:\d+: \*\*\* .*Stop\.$|ninja: build stopped|Undefined symbols for /,
  /(?:vet: )?\S{1,200}\.go:\d+:\d+: /,
  new RegExp(`[\\w./-]{1,40}: .*: (?:${shellMessages.join('|')})$`),
  new RegExp(`(?!note|hint|help)[a-z][\\w.+/-]{0,40}: (?:${refusals.join('|')}|Could not) `),
  /(?:Cannot|Could not|Unable to) connect to /,
  new RegExp(`${elixirError.source}|=(?:ERROR|CRASH|SUPERVISOR) REPORT====`),
  /\s*\+ Exception Group Traceback |\[UnhandledPromiseRejection: |\{?"?Kernel pid terminated/,
  /SUMMARY: \w+Sanitizer: |Killed$|Out of memory: |terminate called after throwing /,
  /==\d+== (?:Invalid (?:read|write|free)|Conditional jump or move depends on |Use of uninitialised )/,
  /(?:double free or corruption|corrupted |free\(\): |munmap_chunk\(\): |(?:c|m|re)alloc\(\): )|\*\*\* .* \*\*\*: terminated$/,
  /(?:Program|Thread \d+ .*) received signal SIG(?!INT|USR)/,
  /# A fatal error has been detected by |Error occurred during initialization of VM$|Error in .{1,80} : /,
  /Oops: |Oops! Something went wrong|Kernel panic - |rsync error: |tar: Exiting with failure /,
  /Error from server(?: \(|:)|wget: server returned error: /,
  /dpkg: error |curl: \(\d+\) |CONFLICT \(|Automatic merge failed| ! \[(?:remote )?rejected\]|failed to solve: /,
  /(?:\S+: )?Permission denied \(|Host key verification failed\.$/,
  /The command ".*" (?:exited with [1-9]|failed)|Command failed\b/,
  /(?:\S+ )?(?:completed|exited) with (?:exit )?code [1-9]|exit status [1-9]\d*$|Exited with code exit status [1-9]/,
  / ELIFECYCLE |(?:\[ *\d+\.\d+\] )?BUG: /,
  /Segmentation fault|nginx: .* test failed$|Job for \S+ failed because |\(error\) |mysql\w*: Got error: /,
  /\s?ERR_PNPM_|(?:\w+: )?Error response from daemon: /,
  /(?:failed|fatal): \[[^\]]{1,100}\](?: \(|: )/,
];

/** What may stand anywhere in a line that says so. */
const elsewhere: readonly RegExp[] = [
  /\.\.\. FAIL(?:ED)?$|\*\*\*Failed {2}/,
  /: (?:\S+: )?Failed (?:with result|to start) /,
  /: undefined reference to |: Assertion [`'].*' failed\.$/,
  /: terminating (?:due to|with) uncaught exception /,
  /OOMKilled$/,
  /http: panic serving |\(core dumped\)$/,
];

const failedAtStart = new RegExp(`^(?:${sourcesOf(beginnings)})`);
const failedAnywhere = new RegExp(sourcesOf(elsewhere));

function sourcesOf(patterns: readonly RegExp[]): string {
  return patterns.map(({ source }) => source).join('|');
}

/** Whether a line says, in the way of some program, that something failed. */
export function saysFailure(text: string): boolean {
  return failedAtStart.test(text) || failedAnywhere.test(text);
}

/** What stands before a sum, and the sums before it: `Tests:  1 skipped, `, `=== 1 failed, `. */
const beforeSum =
  '[\\s=✖]*(?:(?:Tests?|Test Files|Test Suites)[:\\s]\\s*)?(?:\\d+ [a-z]+(?: [a-z]+)?(?:,| \\||;| and)\\s+)*';
const afterSum = '(?:,| \\||;| generated\\.| in \\d| \\(|[.:]?\\s*=*$)';
const webpack = '(?:[\\w.-]{1,40} \\()?webpack(?: [\\d.]+)?\\)? compiled with ';
/** `1 failed, 2 passed`, `1 error generated.`; CTest's; JUnit's and PHPUnit's; MSBuild's; TypeScript's; ESLint's. */
const sum = new RegExp(
  `^(?:${beforeSum}(?:1 error|[1-9]\\d* (?:errors|(?:tests? )?fail(?:ed|ures?)?))${afterSum}|${sourcesOf([
    /\d+% tests passed, [1-9]/,
    /(?:\[INFO\] )?Tests(?: run)?: +\d+, .*\b(?:Failures|Errors): *[1-9]/,
    /\s*[1-9]\d* Error\(s\)$/,
    /Found (?:\d+ warnings? and )?[1-9]\d* errors?\b/,
    /✖ \d+ problems? \([1-9]/,
    /svelte-check found [1-9]\d* errors?\b/,
    new RegExp(`${webpack}[1-9]\\d* errors?\\b`),
  ])})`,
);
/** `12 passed, 3 warnings in 0.12s`, `2 warnings generated.`; MSBuild's; Biome's; ESLint's and Stylelint's; Sphinx'. */
const sumOfWarnings = new RegExp(
  `^(?:${beforeSum}(?:1 warning|[1-9]\\d* warnings)(?:(?:,| \\||;| and) \\d| generated\\.| in \\d| \\(|\\.?\\s*=*$)|${sourcesOf(
    [
      /\s*[1-9]\d* Warning\(s\)$/,
      /Found (?:0 errors? and )?[1-9]\d* warnings?(?:\.| and 0 errors?\b|$)/,
      /[✖⚠] \d+ problems? \(0 errors?, [1-9]/,
      /svelte-check found 0 errors and [1-9]\d* warnings?\b/,
      /build (?:succeeded|finished with problems), [1-9]\d* warnings?\.$/,
      /Passed: 0 failure\(s\), [1-9]\d* warning\(s\)/,
      new RegExp(`${webpack}[1-9]\\d* warnings?\\b`),
    ],
  )})`,
);
/** Mocha's and Maven's stand before what has failed. */
const announcement = /^\s*[1-9]\d* failing$|^\[INFO\] (?:BUILD FAILURE$|.* \.+ FAILURE \[)/;
/** Most other lines are known by this, and by what webpack's begin with. */
const maySum = /^(?:[\s\d=✖⚠TFP[]|svelte-check |build |webpack |\S+ \(webpack )/;

/**
 * What a line is the sum of, as test runners, compilers and linters end with it: after the failures or the warnings
 * themselves, or before the failures. One of none is no sum.
 */
export function sumOf(text: string): 'before' | 'after' | 'warnings' | undefined {
  if (!maySum.test(text)) return undefined;
  if (announcement.test(text)) return 'before';
  if (sum.test(text)) return 'after';
  return sumOfWarnings.test(text) ? 'warnings' : undefined;
}

const sign = /^\s*(?:\d+:\d+\s+)?([⚠⨯✖])\uFE0F?\s+(?!\d+ )/;

/** Next.js' and Stylelint's: a sign in front of what is wrong, or behind the place. */
export function signOf(text: string): Level | undefined {
  const found = sign.exec(text)?.[1];
  if (found === undefined) return undefined;
  return found === '⚠' ? 'warn' : 'error';
}
