import { caution, refusals, saysFailure, shellMessages, signOf, sumOf } from './failures.ts';
import { type Level, levelNamed, levelNumbered, levelOfSeverity } from './level-names.ts';
import { isPassedOn, printedOf } from './line-prefix.ts';
import { fractionDigits, zone } from './time/time-forms.ts';

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
  if (visibleText === known.text) return known.level;
  const head = visibleText.length > headLength ? visibleText.slice(0, headLength) : visibleText;
  const usual = usualPrefix.exec(head)?.[1];
  if (usual !== undefined) return levelNamed(usual);
  // The fields of an object stand in any order.
  if (head !== visibleText && head.charCodeAt(0) === openBrace) {
    const field = objectLevel(visibleText.slice(0, longestObject));
    if (field !== undefined) return field;
  }
  const { text, sender } = printedOf(head);
  const lower = text.toLowerCase();
  const isMentioned = word.test(lower) || ending.test(lower) || (!isPassedOn(sender) && beginning.test(lower));
  if (!isMentioned) return undefined;
  if (quoted.test(text)) return undefined;
  const said = fieldLevel(text) ?? prefixLevel(text) ?? wordLevel(text);
  // Maven says at INFO that the build has failed.
  if (said !== undefined && said !== 'info') return said;
  const sum = sumOf(text);
  if (sum !== undefined) return sum === 'warnings' ? 'warn' : 'error';
  return said ?? (saysFailure(text) ? 'error' : caution.test(text) ? 'warn' : signOf(text));
}

/** Of the line that `problemOf` was asked about last: whoever asks wants its level next. */
let known: { text: string; level: Level | undefined } = { text: '', level: undefined };

/** Whether a line says that it is an error or a warning, and which. */
export function problemOf(visibleText: string): 'error' | 'warn' | undefined {
  const level = levelOf(visibleText);
  known = { text: visibleText, level };
  return level === 'error' || level === 'warn' ? level : undefined;
}

const headLength = 400;
const longestObject = 4096;
const openBrace = 0x7b;
/**
 * What a line like this holds was not said: a command that a shell with `set -x` is about to run, a line of a diff, a
 * comment, the subject of a commit, a sum of no errors.
 */
const quoted =
  /^(?:\+{1,5} |\s*(?:\/\/ |\/\*)|(?:build|chore|ci|docs|feat|fix|perf|refactor|style|test)(?:\([^)]{0,40}\))?!?: |==\d+== ERROR SUMMARY: 0 )/;

/** A time, and then the level in capitals: what most loggers print, known without trying the other conventions. */
const usualPrefix = new RegExp(
  `^\\[?[\\d/Tt -]{0,12}\\d\\d:\\d\\d:\\d\\d(?:[.,]${fractionDigits})?(?:${zone})?\\]?\\s+(ERROR|WARN|WARNING|INFO|DEBUG|TRACE|FATAL)[\\s:|]`,
);

/**
 * What a line with a level holds, wherever it stands, in lower case; `9` for any digit. `finding/lines` takes a closer
 * look at every line that holds one of them: behind what stands before what others printed no other words count.
 */
export const levelWords: readonly string[] = [
  ...['err', 'warn', 'info', 'inf ', 'inf]', 'debug', 'fatal', 'crit', 'trace', 'notice', 'alert', 'emerg', 'panic'],
  ...['severe', 'severity', 'level', 'lvl', 'verb', 'sill', 'exception', 'fail', 'fault', '"s":', '"@l":'],
  ...[
    'wrn',
    'dbg',
    'dbug',
    'ftl',
    'vrb',
    'trc',
    'eror',
    'fata[',
    'pani[',
    'debu[',
    'trac[',
    '[e]',
    '[w]',
    '[i]',
    '[d]',
  ],
  ...['exit code', 'exit status', 'exited with', 'reject', 'aborted', 'crashed', 'deprecated', 'corrupt', 'bug: '],
  ...['.go:9', '.py:9', '.pyi:9', 'undefined ref', 'undefined symbols', '(): ', 'd signal ', 'connect to ', 'denied ('],
  ...['##teamcity', 'not ok 9', 'command not found', 'overflowed', 'out of memory: ', 'sanitizer: ', ': *** '],
  ...['***: terminated', ...refusals.map((refusal) => `: ${refusal} `)],
];
/** They are never taken for plain text. */
const signs = ['● ', '⚠', '⨯', '✖'];

const special = /[.*+?^$()[\]{}|\\]/g;

/**
 * What every line with a level has in lower case: in it, at its end, or at its beginning, if nobody passed it on. Most
 * lines have none and cost only this. (To ignore case would take longer than to change it.) `finding/lines/edges.ts`
 * knows the beginnings and ends.
 */
const word = new RegExp(
  [...levelWords, ...signs].map((word) => word.replace(special, '\\$&').replace('9', '\\d')).join('|'),
);
const ending = new RegExp(
  `(?:: not found|\\(core dumped\\)|oomkilled|: (?:${shellMessages.join('|').toLowerCase()}))$`,
);
const beginning =
  /^(?:e {3}|node:|<\d{1,3}>|[ewidf]\d{4} |[ew]: |ninja: |conflict |curl: |the command "|\(!\)|\*\* \(|=[a-z]+ report=|killed$|oops[:!]|terminate called|\[unhandledp|[vdiwef]\/|==\d+== |[\d-]+ [\d:.]+ +\d+ +\d+ [vdiwef] |(?:file:\/\/)?\/\S+\.[cm]?[jt]sx?:\d+$)/;

const names =
  'emerg(?:ency)?|alert|crit(?:ical)?|fatal|panic|severe|error|err|warn(?:ing)?|notice|info|debug|trace|verbose';

/** An object, or one of its fields on a line of its own. */
const jsonKeys = 'level|severity|lvl|levelname|level_name|log[._]?level|severity_?text|@l(?:evel)?';
const jsonStart = new RegExp(`^\\s*(?:\\{|"(?:${jsonKeys})"\\s*:)`, 'i');
/** Of them, and of mongod's. */
const jsonField = new RegExp(`"(?:${jsonKeys}|s)"\\s*:`, 'i');
const jsonName = new RegExp(`"(?:${jsonKeys})"\\s*:\\s*"(\\w+)"`, 'i');
const jsonNumber = /"(?:level|severity)"\s*:\s*(\d+)/i;
const jsonMessage = /"(?:short_message|message|msg)"\s*:/;
const logfmtField = /(?:^|\s)(?:level|lvl|severity)=(?:"(\w+)"|(\w+))/i;

const mongo = /^\{"t":\s?\{[^}]*\},\s?"s":\s?"([EWIDF])\d?"/;

function fieldLevel(head: string): Level | undefined {
  const level = objectLevel(head);
  if (level !== undefined) return level;
  const logged = logfmtField.exec(head)?.slice(1).find(Boolean);
  return logged ? named(logged) : undefined;
}

function objectLevel(text: string): Level | undefined {
  if (!jsonStart.test(text) || !jsonField.test(text)) return undefined;
  const name = jsonName.exec(text)?.[1] ?? mongo.exec(text)?.[1];
  // A name is sure; numbers count in several ways.
  if (name) return named(name);
  const number = jsonNumber.exec(text)?.[1];
  return number ? levelOfNumber(Number(number), text) : undefined;
}

/** Monolog's from 100 on, those of pino and bunyan, and below ten syslog's where a message shows that it is a log. */
function levelOfNumber(number: number, head: string): Level | undefined {
  if (number >= 100) return number >= 400 ? 'error' : number >= 300 ? 'warn' : number >= 200 ? 'info' : 'debug';
  if (number >= 10) return levelNumbered(number);
  return jsonMessage.test(head) ? levelOfSeverity(number) : undefined;
}

const syslogPriority = /^<(\d{1,3})>/;
/** RFC 5424, 6.2.1. */
const highestPriority = 191;
const glog = /^([EWIDF])\d{4} \d\d:\d\d:\d\d/;
const npm = /^npm (err|ERR|error|warn|WARN|notice|info|http|verb|sill)\b/;
const workflowCommand = /^(?:##\[|::)(error|warning|notice|debug)\b/;
/** Kotlin's and apt's: `w: file:///…`, `E: Unable to …`. */
const letter = /^(?:([ew]): (?=file:|\/)|([EW]): (?=[A-Z]))/;
/** zap's. */
const tabbed = /^\S{5,40}\t(debug|info|warn|error|panic|fatal|DEBUG|INFO|WARN|ERROR|PANIC|FATAL)\t/;
/** Three letters after a time, as Serilog and zerolog have them. */
const shortened = /^\[?\d[\d/T:., -]{3,30}(?:[AP]M|Z)? ?(FTL|ERR|WRN|INF|DBG|TRC|VRB)[\]\s]/;
/** .NET's console. */
const dotnet = /^(trce|dbug|info|warn|fail|crit): [A-Z][\w.]*\[\d+\]$/;
const cmake = /^CMake (?:Deprecation )?(Error|Warning)\b/;
/** Monolog's: `[2026-11-28 10:00:00] production.ERROR: …` */
const channel = /^\[[\d:.T +-]{19,32}\] [\w-]{1,40}\.(EMERGENCY|ALERT|CRITICAL|ERROR|WARNING|NOTICE|INFO|DEBUG): /;
/** Android's, short and with the time. */
const android = /^(?:\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} +\d+ +\d+ ([VDIWEF]) |([VDIWEF])\/[^(]{1,60}\( *\d+\): )/;
/** logrus' and geth's on a terminal: `ERRO[0003] …`, `EROR[11-28|10:00:00.123] …`. */
const cut = /^(FATA|PANI|ERRO|EROR|WARN|INFO|DEBU|DBUG|TRAC|TRCE|CRIT) ?\[\d/;
/** ClickHouse's: `… {query} <Error> Application: …` */
const angled = /\} <(\w+)> /;
/** A level after a time or a thread, in a bracket: `[10:00:00 ERROR]: `, `[Server thread/WARN]: `. */
const ofThread = /^(?:\[[\d:.]{5,20}\] ?)?\[(?:[\d:., -]{5,30} |[\w #-]{1,60}\/)(ERROR|WARN|INFO|DEBUG|TRACE|FATAL)\]/;
/** Flake8's, Ruff's and Pylint's: `a.py:3:1: F401 …`; all but errors and what can't run are matters of style. */
const pythonRule = /^\S{1,200}\.pyi?:\d+:\d+: ([EF])\d{3,4}:? |^\S{1,200}\.pyi?:\d+:\d+: ([W])\d{3,4}:? /;
/** Tried as one: each alone would cost as much as all of them. */
const prefix = new RegExp(
  [glog, npm, workflowCommand, letter, tabbed, shortened, dotnet, cmake, channel, android, cut, ofThread, pythonRule]
    .map(({ source }) => source)
    .join('|'),
);

/** Azure's and TeamCity's. */
const serviceMessage =
  /(?:^|Z )##(?:vso\[task\.logissue type=(error|warning)|teamcity\[(?:(testFailed|buildProblem) |message .*status='(ERROR|FAILURE|WARNING)'))/;

function prefixLevel(head: string): Level | undefined {
  const priority = syslogPriority.exec(head)?.[1];
  if (priority && Number(priority) <= highestPriority) return levelOfSeverity(Number(priority) % 8);
  const service = head.includes('##') ? serviceMessage.exec(head) : null;
  if (service !== null) return /^warning$/i.test(service[1] ?? service[3] ?? '') ? 'warn' : 'error';
  const found =
    prefix.exec(head)?.slice(1).find(Boolean) ?? (head.includes('} <') ? angled.exec(head)?.[1] : undefined);
  return found === undefined ? undefined : named(found);
}

function named(name: string): Level | undefined {
  return levelNamed(name) ?? cutNames[name.toUpperCase()];
}

/** Of four letters, and Android's. */
const cutNames: Readonly<Record<string, Level>> = {
  ...{ FATA: 'error', PANI: 'error', ERRO: 'error', EROR: 'error' },
  ...{ DEBU: 'debug', TRAC: 'debug', V: 'debug' },
};

/** `[error]`, `[ WARN ]`, `[core:error]`, `[E]` */
const bracketed = new RegExp(`\\[\\s*(?:\\w{1,30}:)?(${names}|[ewid])\\s*\\]`, 'i');
/** ` ERROR `, `|WARN|`, `INFO:`; but not `0 ERROR`. */
const capital = new RegExp(`(?<!(?:^|\\s)\\d{1,4})(?:^|[\\s|(<:\\]])(${names.toUpperCase()})(?=[\\s|)>:,!/\\[-]|$)`);
/**
 * `error:` in front, after a time, a place (`a.c:1:2:`) or a program's name; with a code (`error TS2304:`,
 * `error[E0308]:`).
 */
const qualifiers =
  '(?:fatal |recoverable fatal )?(?:runtime |python )?|internal (?:server )?|syntax |parse |parsing |compilation |build ';
const labeled = new RegExp(
  `(?:^(?:[^\\p{L}]|(?<=\\d)[TZ])*|[:\\])]\\s+|\\s-\\s+)(?:PHP )?(?:${qualifiers})?(${names})(?:\\s?\\[[\\w:-]+\\]|\\s+[A-Z]+-?\\d+)?\\s*:(?!\\s*0\\b)`,
  'iu',
);
/** yarn's and vite's `error Command failed`, `info  - ready`; eslint's `  12:5  error  …`; winston's `error    | …` */
const leading =
  /^\s*(?:\d+:\d+\s+(?=\w+\s\s))?(error|warning|warn|info)(?: (?=["'A-Z]|[^\s:]{0,80}[.@/][^:]{0,200}: )|\s+-\s|(?<=\d\s+\w+)\s\s|(?<=^\w+) {2,}\|\s)/;

function wordLevel(head: string): Level | undefined {
  let first: RegExpExecArray | undefined;
  for (const convention of [bracketed, capital, labeled, leading]) {
    const found = convention.exec(head);
    if (found && !isNone(found, head) && (!first || levelEnd(found) < levelEnd(first))) first = found;
  }
  return first?.[1] ? levelNamed(first[1]) : undefined;
}

/** `ERROR: 0 problems`, `error: no errors found`; not what a logger says at that level. */
const none =
  /^:?\s*(?:0(?![\w.:,%/-])|no (?:errors?|warnings?|problems?|issues?|failures?)(?: were)?(?: found| detected| reported)?[.!]?$)/i;

function isNone(found: RegExpExecArray, head: string): boolean {
  let at = levelEnd(found);
  while (head[at] === ':' || head[at] === ' ') at++;
  if (head[at] !== '0' && head[at] !== 'n') return false;
  const level = levelNamed(found[1] ?? '');
  return (level === 'error' || level === 'warn') && none.test(head.slice(levelEnd(found)));
}

function levelEnd(found: RegExpExecArray): number {
  return found.index + found[0].length;
}
