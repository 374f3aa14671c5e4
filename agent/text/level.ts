import { type Level, levelNamed, levelNumbered, levelOfSeverity } from './level-names.ts';
import { withoutPrefix } from './line-prefix.ts';
import { elixirError, thrownAt } from './record.ts';

export type { Level } from './level-names.ts';

/** A level by its name, as a person writes it; undefined where it is none. */
export function parseLevel(name: string): Level | undefined {
  if (name === 'warning') return 'warn';
  return name === 'error' || name === 'warn' || name === 'info' || name === 'debug' ? name : undefined;
}

/**
 * How serious a line says it is, by the usual conventions: a JSON `level`, logfmt's `level=`, a level in brackets or in
 * capitals, `error:` in front, compiler diagnostics, npm, syslog and glog prefixes, exceptions. Undefined when it does
 * not say. A level in capitals right after a time wins, then a field named for it, then the first word. Only the line's
 * beginning counts.
 */
export function levelOf(visibleText: string): Level | undefined {
  const head = visibleText.length > headLength ? visibleText.slice(0, headLength) : visibleText;
  const usual = usualPrefix.exec(head)?.[1];
  if (usual !== undefined) return levelNamed(usual);
  const text = withoutPrefix(head);
  if (!mention.test(text) || traced.test(text)) return undefined;
  return (
    fieldLevel(text) ??
    prefixLevel(text) ??
    wordLevel(text) ??
    (failure.test(text) ? 'error' : caution.test(text) ? 'warn' : undefined)
  );
}

const headLength = 400;
/** A command that a shell with `set -x` is about to run, or a line of a diff: what it holds was not said. */
const traced = /^\+{1,5} /;

/** A time, and then the level in capitals: what most loggers print, known without trying the other conventions. */
const usualPrefix =
  /^\[?[\d/T -]{0,12}\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?\]?\s+(ERROR|WARN|WARNING|INFO|DEBUG|TRACE|FATAL)[\s:|]/;

/** What shells and their commands end a line with: what there is not, or may not be. */
const shellMessages = [
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
export const refusals = ['cannot', 'unable to', 'could not'] as const;

/** What every line with a level has; most lines have none and cost only this. */
const mention = new RegExp(
  `${
    /err|warn|info|debug|fatal|crit|trace|notice|alert|emerg|panic|severe|severity|level|lvl|verb|sill|exception|fail|not ok|fault|● |command not found|\.[cm]?[jt]sx?:\d+$|^E {3}|##teamcity|^node:internal|\*\*\*|\[[ewid]\]|^<\d>|^[EWIDF]\d{4} |^[ew]: |"s":|inf[ \]]|wrn|dbg|dbug|ftl|vrb|trce?\b|bug: |\.go:\d|undefined ref|^ninja: |^conflict |^curl: |^the command "|^\(!\)|: not found$|^\*\* \(|^=[a-z]+ report=|sanitizer|\(core dumped\)$|^killed$|^out of memory|^oops: |^terminate called|^\[unhandledp/
      .source
  }|: (?:${refusals.join('|')}) |: (?:${shellMessages.join('|')})$`,
  'i',
);

const names =
  'emerg(?:ency)?|alert|crit(?:ical)?|fatal|panic|severe|error|err|warn(?:ing)?|notice|info|debug|trace|verbose';

/** An object, or one of its fields on a line of its own. */
const jsonStart = /^\s*(?:\{|"(?:level|severity|lvl|levelname|log\.level)"\s*:)/i;
const jsonField = /"(?:level|severity|lvl|levelname|log\.level)"\s*:\s*(?:"(\w+)"|(\d+))/i;
const logfmtField = /(?:^|\s)(?:level|lvl|severity)=(?:"(\w+)"|(\w+))/i;

const mongo = /^\{"t":\s?\{[^}]*\},\s?"s":\s?"([EWIDF])\d?"/;

function fieldLevel(head: string): Level | undefined {
  const json = jsonStart.test(head) ? jsonField.exec(head) : null;
  if (json?.[2]) return levelNumbered(Number(json[2]));
  const name = json?.[1] ?? mongo.exec(head)?.[1] ?? logfmtField.exec(head)?.slice(1).find(Boolean);
  return name ? levelNamed(name) : undefined;
}

const syslogPriority = /^<(\d{1,3})>/;
const glog = /^([EWIDF])\d{4} \d\d:\d\d:\d\d/;
const npm = /^npm (err|error|warn|notice|info|http|verb|sill)\b/i;
const workflowCommand = /^(?:##\[|::)(error|warning|notice|debug)\b/;
/** Kotlin's and apt's: `w: file:///…`, `E: Unable to …`. */
const letter = /^(?:([ew]): (?=file:|\/)|([EW]): (?=[A-Z]))/;
/** zap's. */
const tabbed = /^\S{5,40}\t(debug|info|warn|error|panic|fatal)\t/i;
/** Three letters after a time, as Serilog and zerolog have them. */
const shortened = /^\[?\d[\d/T:., -]{3,30}(?:[AP]M|Z)? ?(FTL|ERR|WRN|INF|DBG|TRC|VRB)[\]\s]/;
/** .NET's console. */
const dotnet = /^(trce|dbug|info|warn|fail|crit): [A-Z][\w.]*\[\d+\]$/;
const cmake = /^CMake (?:Deprecation )?(Error|Warning)\b/;
/** Monolog's: `[2026-11-28 10:00:00] production.ERROR: …` */
const channel = /^\[[\d:.T +-]{19,32}\] [\w-]{1,40}\.(EMERGENCY|ALERT|CRITICAL|ERROR|WARNING|NOTICE|INFO|DEBUG): /;
const prefixes: readonly RegExp[] = [glog, npm, workflowCommand, letter, tabbed, shortened, dotnet, cmake, channel];
/** Azure's and TeamCity's. */
const serviceMessage =
  /(?:^|Z )##(?:vso\[task\.logissue type=(error|warning)|teamcity\[(?:(testFailed|buildProblem) |message .*status='(ERROR|FAILURE|WARNING)'))/;

function prefixLevel(head: string): Level | undefined {
  const priority = syslogPriority.exec(head)?.[1];
  if (priority) return levelOfSeverity(Number(priority) % 8);
  const service = head.includes('##') ? serviceMessage.exec(head) : null;
  if (service !== null) return /^warning$/i.test(service[1] ?? service[3] ?? '') ? 'warn' : 'error';
  let name: RegExpExecArray | null = null;
  for (let i = 0; name === null && i < prefixes.length; i++) name = (prefixes[i] as RegExp).exec(head);
  const found = name?.[1] ?? name?.[2];
  return found === undefined ? undefined : levelNamed(found);
}

/** `[error]`, `[ WARN ]`, `[core:error]`, `[E]` */
const bracketed = new RegExp(`\\[\\s*(?:\\w{1,30}:)?(${names}|[ewid])\\s*\\]`, 'i');
/** ` ERROR `, `|WARN|`, `INFO:`; but not `0 ERROR`. */
const capital = new RegExp(`(?<!(?:^|\\s)\\d{1,4})(?:^|[\\s|(<:\\]])(${names.toUpperCase()})(?=[\\s|)>:,!/\\[-]|$)`);
/**
 * `error:` in front, after a time, a place (`a.c:1:2:`) or a program's name; with a code (`error TS2304:`,
 * `error[E0308]:`).
 */
const labeled = new RegExp(
  `(?:^(?:[^\\p{L}]|(?<=\\d)[TZ])*(?:PHP )?|[:\\])]\\s+|\\s-\\s+)(?:fatal |internal |internal server |syntax )?(${names})(?:\\s?\\[[\\w:-]+\\]|\\s+[A-Z]+-?\\d+)?\\s*:(?!\\s*0\\b)`,
  'iu',
);
/** yarn's and vite's `error Command failed`, `info  - ready`; eslint's `  12:5  error  …` */
const leading =
  /^\s*(?:\d+:\d+\s+(?=\w+\s\s))?(error|warning|warn|info)(?: (?=["'A-Z]|[^\s:]{0,80}[.@/][^:]{0,200}: )|\s+-\s|(?<=\d\s+\w+)\s\s)/;

function wordLevel(head: string): Level | undefined {
  let first: RegExpExecArray | undefined;
  for (const convention of [bracketed, capital, labeled, leading]) {
    const found = convention.exec(head);
    if (found && (!first || levelEnd(found) < levelEnd(first))) first = found;
  }
  return first?.[1] ? levelNamed(first[1]) : undefined;
}

function levelEnd(found: RegExpExecArray): number {
  return found.index + found[0].length;
}

/** Python's and Node's. */
const caution = /^(?:\S+:\d+: |\(node:\d+\) )?(?:\[DEP\d+\] )?[A-Z]\w*Warning: |^\(!\) /;

const failure = new RegExp(
  [
    /^\s*(?:Uncaught |Unhandled |Caused by: |\[!\] )?(?:[a-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Rejection)(?: \[\w+\])?(?::|$)/,
    /^Traceback \(most recent call last\)/,
    /^Exception in thread /,
    /^Unhandled exception[.:]/,
    /^thread '.*' (?:\(\d+\) )?panicked at/,
    // An uncaught exception of Node begins with where it was thrown, one of Ruby ends with what it was.
    new RegExp(`^(?:${thrownAt.source})$`),
    /^\S+:\d+:in [`'].*\((?:\w+::)*[A-Z]\w*(?:Error|Exception)\)$/,
    /^\s*FAIL:?\s|^\s*--- FAIL:|^FAILED:? |^E {3,}\S|^\s+● \S.* › |\.\.\. FAIL(?:ED)?$|^test result: FAILED|^FAILURE: |^BUILD FAILED|^Build FAILED\.?$|^> Task \S+ FAILED$/,
    /^\S+: .*: command not found$|^\S+: command not found$/,
    /^not ok \d+(?!.*# (?:TODO|SKIP))/,
    /^g?make(?:\[\d+\])?: \*\*\* |^ninja: build stopped|: undefined reference to /,
    /^\S{1,200}\.go:\d+:\d+: /,
    /^\S{0,40}sh: \d+: .*: not found$|^zsh: command not found: /,
    new RegExp(`^[\\w./-]{1,40}: .*: (?:${shellMessages.join('|')})$`),
    new RegExp(`^(?!note|hint|help)[a-z][\\w.+/-]{0,40}: (?:${refusals.join('|')}|Could not) |^Could not connect to `),
    new RegExp(`^${elixirError.source}|^=(?:ERROR|CRASH|SUPERVISOR) REPORT==== `),
    /^\s*\+ Exception Group Traceback |^\[UnhandledPromiseRejection: /,
    /^SUMMARY: \w+Sanitizer: |\(core dumped\)$|^Killed$|^Out of memory: |^terminate called after throwing /,
    /^(?:Oops: |Kernel panic - )|: (?:\S+: )?Failed (?:with result|to start) |^rsync error: |^tar: Exiting with failure /,
    /^Error from server(?: \(|:)/,
    /^dpkg: error |^curl: \(\d+\) |^CONFLICT \(|^failed to solve: |^The command ".*" (?:exited with [1-9]|failed)/,
    /^ ELIFECYCLE |^(?:\[ *\d+\.\d+\] )?BUG: /,
    /^Segmentation fault/,
    /^\s?ERR_PNPM_|^(?:\w+: )?Error response from daemon: /,
  ]
    .map((pattern) => pattern.source)
    .join('|'),
);
