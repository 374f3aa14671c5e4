import { isPassedOn, type Printed, printedOf } from './line-prefix.ts';

/**
 * Says which lines belong together: those of one speaker (source and stream), passed in order. Whoever passed on what
 * several senders printed (see `printedOf`) may have mixed their lines: each has a record of its own.
 */
export interface RecordTracker<Of> {
  /**
   * Whether the line belongs to one before it: of a stack trace, a printed object, a compiler's snippet.
   *
   * @param passed the line that `pass` took last, if that came right before: it is not told its text
   */
  continues(visible: string, passed?: string): boolean;
  /** That of the line which was taken last. */
  readonly record: Of;
  /** Whether more than the frames of a stack trace may belong to a line before. */
  readonly isAmid: boolean;
  /** Whether more than frames may belong to this record. */
  isOpen(record: Of): boolean;
  /** Takes a line that stands for itself, and after which none but frames may belong to it. */
  pass(): void;
}

/** What a line says that it is; true where that is not known. */
type Problem = 'error' | 'warn' | boolean | undefined;

/** What a record is, by its first line, as far as that says what may follow. */
type Kind =
  | 'plain'
  | 'python'
  | 'pythonEnd'
  | 'pythonLinked'
  | 'pythonGroup'
  | 'pytest'
  | 'explained'
  | 'go'
  | 'goTest'
  | 'race'
  | 'rust'
  | 'rustEnd'
  | 'node'
  | 'required'
  | 'npm'
  | 'maven'
  | 'object'
  | 'dotnet'
  | 'elixir'
  | 'sanitizer'
  | 'thread'
  | 'diagnostic'
  | 'snippet'
  | 'typescript'
  | 'rustc'
  | 'jest'
  | 'vitest'
  | 'indented'
  | 'problem'
  | 'logged'
  | 'spring'
  | 'source';

/** More of a line is not looked at: expressions with several open ends take the square of its length. */
const headLength = 1000;
/** A record is cut where it is longer: what goes on for ever is none. */
const mostLines = 1000;
/** Of senders whose records may go on after lines of others. */
const mostWaiting = 16;
/**
 * After so many lines, with those of others, a record has ended that others have said something in: whoever reads a
 * part of a log has to begin where its records do.
 */
const mostAmongOthers = 200;

interface Tracked<Of> {
  record: Of;
  kind: Kind;
  lines: number;
  /** Its first line; undefined where that was passed. */
  first: Printed | undefined;
  /** How many lines had been taken before its first one. */
  begunAfter: number;
  /** Others have said something in it. */
  isMixed: boolean;
}

/**
 * @param problemOf whether a line says that it is an error or a warning: of what others have passed on, and their names
 * stand before, only such a line is followed by the frames of a stack trace
 * @param begin makes what stands for a record
 */
export function createRecordTracker<Of extends object = object>(
  problemOf: (visible: string) => Problem,
  begin = () => ({}) as Of,
): RecordTracker<Of> {
  let current = beforeAny(begin());
  /** Those that may go on, by senders that said something before the last line. */
  const waiting = new Map<string, Tracked<Of>>();
  let taken = 0;

  /** What one prints is not of what another one prints, or ends with it where the prefix is only before first lines. */
  const isOfAnother = ({ sender }: Printed, start: Printed) =>
    sender !== start.sender && (sender !== '' || start.isMarked || waiting.has(sender));

  function turnTo(sender: string): void {
    const before = current;
    const { first, record } = before;
    current = waiting.get(sender) ?? beforeAny(record);
    waiting.delete(sender);
    if (first === undefined || isPlain(before)) return;
    const name = copyOf(first.sender);
    waiting.set(name, { ...before, first: { ...first, text: '', sender: name }, isMixed: true });
  }

  function beginWith(kind: Kind, first: Printed | undefined): void {
    current.record = begin();
    current.kind = kind;
    current.lines = 1;
    current.first = first;
    current.begunAfter = taken - 1;
    current.isMixed = false;
  }

  const isOver = ({ begunAfter }: Tracked<Of>) => taken - begunAfter > mostAmongOthers;

  function dropEnded(): void {
    for (const [sender, each] of waiting) if (isOver(each) || waiting.size > mostWaiting) waiting.delete(sender);
  }

  return {
    continues(line, passed) {
      const printed = printedOf(line.slice(0, headLength));
      let start = current.first ?? (passed === undefined ? undefined : printedOf(passed.slice(0, headLength)));
      taken++;
      if (waiting.size > 0) dropEnded();
      if (start !== undefined && isOfAnother(printed, start)) {
        turnTo(printed.sender);
        start = undefined;
      }
      const { kind, lines, isMixed } = current;
      const isEnded = lines === 0 || lines >= mostLines || (isMixed && isOver(current));
      let next = isEnded ? undefined : kindAfter(kind, printed, lines);
      if (next === undefined && lines === 1 && printed.text === sourceEdge && isPlaceInDockerfile(start))
        next = 'source';
      if (next === undefined) {
        beginWith(
          kindOf(printed, () => problemOf(line)),
          printed,
        );
        return false;
      }
      current.kind = next;
      current.lines++;
      return true;
    },
    get record() {
      return current.record;
    },
    get isAmid() {
      return !isPlain(current) || waiting.size > 0;
    },
    isOpen(record) {
      if (current.record === record) return current.kind !== 'plain';
      return waiting.size > 0 && [...waiting.values()].some((each) => each.record === record);
    },
    pass: () => beginWith('plain', undefined),
  };
}

function beforeAny<Of>(record: Of): Tracked<Of> {
  return { record, lines: 0, kind: 'plain', first: undefined, begunAfter: 0, isMixed: false };
}

/** What is thrown is looked at closely in any case: that of a logger that prints alone is waited for no longer. */
function isPlain({ kind, first }: Tracked<unknown>): boolean {
  return kind === 'plain' || (kind === 'logged' && !first?.sender);
}

/** A part of a line keeps all of it in memory. */
function copyOf(text: string): string {
  return [...text].join('');
}

/** What BuildKit prints first where a step has failed. */
export const dockerfilePlace = /^([^\s:]{0,300}(?:[Dd]ocker|[Cc]ontainer)file[^\s:]{0,100}):(\d{1,9})$/;
/** What BuildKit prints of a Dockerfile where a step has failed: the place, then lines of it between two of these. */
const sourceEdge = '-'.repeat(20);
/** What is passed on is not looked at for it. */
function isPlaceInDockerfile(first: Printed | undefined): boolean {
  return first !== undefined && !isPassedOn(first.sender) && dockerfilePlace.test(first.text);
}

/** What a logger has said of an error, before it prints what was thrown. After a warning that may be another one's. */
export const logged = /\b(?:ERR(?:OR)?|FATAL|SEVERE|CRITICAL)\b/;
/** Of Java and .NET; Python's comes after its trace. */
export const thrownClass = /^(?:\w+\.)+[\w$]*(?:Exception|Error|Throwable)(?::|$)/;

export const unsolved = /^(?:ERROR: )?(?:target \S{1,200}: )?failed to solve(?: with frontend \S+)?: /;

/** Where Node says that an uncaught exception was thrown: `/srv/a.js:3`, `file:///srv/a.mjs:3`, `node:internal/a:1`. */
export const thrownAt = /(?:file:\/\/)?\/\S+\.[cm]?[jt]sx?:\d+|node:[\w/]+:\d+/;

/** Elixir's exceptions: `** (RuntimeError) `, `** (EXIT from #PID<0.1.0>) `. */
export const elixirError = /\*\* \((?:[A-Z][\w.]*|exit|throw|stop|EXIT from [^)]*)\) /;

/** By a line's last character. */
export const pythonHead = /^(?:.{0,200}?\s)?Traceback \(most recent call last\):$/;
const objectHead = /^(?:.{0,200}[\s=:])?\{$/;
const pythonGroupHead = /^\s*\+ Exception Group Traceback \(/;
export const thrownLine = new RegExp(`^(?:${thrownAt.source})$`);
export const pytestHead = /^_{3,} (\S.*) _{3,}$/;
export const vitestHead = /^ FAIL {2}\S.* (?:> |\[ )/;
/** Why a test of pytest has failed; with `--tb=line` no more is said of it than that, and where. */
export const explained = /^E {3,}(\S.*)/;
export const rustHead = /^thread '.*' (?:\(\d+\) )?panicked at .*:\d+:\d+:$/;
const dotnetHead = /^(?:crit|dbug|fail|info|trce|warn): [A-Z][\w.]*\[\d+\]$/;
/** By its first one. */
const heads: Readonly<Record<string, readonly [RegExp, Kind][]>> = {
  p: [[/^panic: /, 'go']],
  f: [
    [/^fatal error: /, 'go'],
    [thrownLine, 'node'],
    [dotnetHead, 'dotnet'],
  ],
  g: [[/^goroutine \d+ (?:gp=.* )?\[/, 'go']],
  S: [[/^SIG[A-Z]+: /, 'go']],
  W: [[/^WARNING: DATA RACE$/, 'race']],
  t: [
    [rustHead, 'rust'],
    [/^thread '.*' panicked at /, 'rustEnd'],
    [dotnetHead, 'dotnet'],
  ],
  '/': [[thrownLine, 'node']],
  n: [
    [thrownLine, 'node'],
    [/^npm (?:error|ERR!)/, 'npm'],
  ],
  E: [
    [/^Error: Cannot find module '/, 'required'],
    [explained, 'explained'],
  ],
  '[': [[/^\[ERROR\] Failed to execute goal /, 'maven']],
  '-': [[/^--- FAIL: /, 'goTest']],
  e: [[/^error(?:\[E\d+\])?: /, 'rustc']],
  w: [
    [/^warning: /, 'rustc'],
    [dotnetHead, 'dotnet'],
  ],
  d: [[dotnetHead, 'dotnet']],
  i: [[dotnetHead, 'dotnet']],
  c: [[dotnetHead, 'dotnet']],
  C: [[/^Caused by:$/, 'indented']],
  _: [[pytestHead, 'pytest']],
  '=': [
    [/^==\d+==\s?ERROR: \w+Sanitizer: /, 'sanitizer'],
    [/^=[A-Z]+ REPORT==== /, 'indented'],
  ],
  '*': [[new RegExp(`^${elixirError.source}`), 'elixir']],
  '"': [[/^".*" #\d+ .*\bnid=/, 'thread']],
  ' ': [
    [/^ {2}● \S/, 'jest'],
    [vitestHead, 'vitest'],
    [/^ {4,}--- FAIL: /, 'goTest'],
  ],
};
/** By what it holds. */
const typescriptHead = /^\S+:\d+:\d+ - (?:error|warning) TS\d+:/;
const diagnosticHead = /^\S[^:]{0,300}:\d+:(?:\d+:)? (?:(?:fatal )?(?:error|warning|note)\b|[A-Z]\w{0,40}Warning: )/;

/** Most lines begin nothing, and cost little: a look at both ends, and a search for the words of compilers. */
function kindOf({ text: visible, sender }: Printed, problemOf: () => Problem): Kind {
  const last = visible.charCodeAt(visible.length - 1);
  if (last === colon && pythonGroupHead.test(visible)) return 'pythonGroup';
  if (last === colon && pythonHead.test(visible)) return 'python';
  if (last === openBrace && objectHead.test(visible)) return 'object';
  const known = headsByCode[visible.charCodeAt(0)] ?? noHeads;
  if (known !== noHeads && (!isPassedOn(sender) || !isSilentHead.test(visible)))
    for (const [head, kind] of known) if (head.test(visible)) return kind;
  if (/rror|arning|: note/.test(visible)) {
    if (typescriptHead.test(visible)) return 'typescript';
    if (diagnosticHead.test(visible)) return 'diagnostic';
  }
  const isLogged = logged.test(visible);
  // A line may hold the words of a level, and say another one.
  const problem = (isLogged || isPassedOn(sender)) && problemOf();
  if (!problem) return 'plain';
  if (!isLogged || problem === 'warn') return isPassedOn(sender) ? 'problem' : 'plain';
  return visible.includes(' --- [') ? 'spring' : 'logged';
}

const colon = 0x3a;
const openBrace = 0x7b;
/** Heads that hold no word of a level, as errors do: what is passed on is not looked at for them, nor for frames. */
const isSilentHead = /^(?:SIG|goroutine |\/|file:|node:|_|=[A-Z]|\*|"|E {3})/;
const noHeads: readonly [RegExp, Kind][] = [];
const headsByCode: (readonly [RegExp, Kind][] | undefined)[] = [];
for (const [sign, ofSign] of Object.entries(heads)) headsByCode[sign.charCodeAt(0)] = ofSign;

/**
 * What follows any line that has a stack trace: frames of Node, Java, .NET (`at …`), Ruby (`from …`), PHP (`#0 …`),
 * Elixir (`(app 1.0) lib/…`), Java's `Caused by:` and `… 12 more`, .NET's inner exceptions, Node's hints.
 */
const frame = new RegExp(
  [
    /^\s+(?:at \S|thrown in \S|Suppressed: \S|\[CIRCULAR REFERENCE: ?\S|\[cause\]: )/,
    /^\s*\.{3} \d+ (?:more|common frames omitted)/,
    /^\s*Caused by: \S|^\t\(Coroutine boundary\)$/,
    /^\s+(?:\d+: )?from \S+:\d+/,
    /^#\d+ (?:\{main\}|\[internal function\]|\S+\(\d+\): )|^(?:PHP )?Stack trace:$|^\[stacktrace\]$/,
    /^PHP\s+\d+\. /,
    /^ ---> \S|^\s*--- End of (?:stack|inner) /,
    /^\*\* \((?:[A-Z][\w.]*|exit|throw|stop)\) |^\s+\([\w-]+ \d[\w.+-]*\) \S+:\d+: /,
    /^\(Use `node --trace-/,
  ]
    .map(({ source }) => source)
    .join('|'),
);
const mayBeginFrame = /^[ \t.C#SP[*(-]/;
const indented = /^\s+\S/;
const blank = /^\s*$/;

/** What the record is after another line; undefined where the line is not of it. */
function kindAfter(kind: Kind, { text: visible, sender }: Printed, lines: number): Kind | undefined {
  const isFrame = mayBeginFrame.test(visible) && frame.test(visible);
  if (isFrame && (kind !== 'plain' || !isPassedOn(sender))) {
    // Node prints the error's properties after its last frame, in braces.
    if (visible.endsWith(' {')) return 'object';
    if (visible.startsWith('** (')) return 'elixir';
    if (visible.startsWith('[stacktrace]')) return 'indented';
    return kind === 'node' ? 'plain' : kind;
  }
  const follows = followers[kind];
  if (follows instanceof RegExp) return follows.test(visible) ? kind : undefined;
  return follows?.(visible, lines);
}

const pythonLink =
  /^(?:During handling of the above exception, another exception occurred:|The above exception was the direct cause of)/;
/** What has a level before it is the next line of a log. */
const pythonError = /^(?!(?:DEBUG|INFO|WARNING|ERROR|CRITICAL):)[A-Za-z_][\w.]*(?:: |$)/;
/** Before 3.0 Ruby had Python's head, and the last call first. */
const rubyError = /^\S+:\d+:in [`']/;
const goTrace =
  /^(?:\s*$|goroutine \d+ (?:gp=.* )?\[|PC=0x|\t|\s*panic: |\[signal |created by |exit status \d+$|[\w./*()-]+(?:\[\.\.\.\])?\(.*\)$|r[a-z0-9]{1,5} +0x[0-9a-f]+$|\.\.\.)/;
const rustTrace = /^(?:note: |stack backtrace:|\s+(?:\d+|left|right): )/;
const race = /^(?:$|\s|(?:Previous )?(?:atomic )?(?:[Rr]ead|[Ww]rite) at 0x|Goroutine \d+ )/;
const sanitizer =
  /^(?:$|\s|(?:READ|WRITE) of size |0x[0-9a-f]+ is located |previously |freed |allocated |SUMMARY: |==\d+==)/;
const pytest =
  /^(?:\s*$|Traceback:$|Hint: make sure |ImportError while importing test module | {4}|> {2,}\S|E(?:\s|$)|\S+\.py:\d+:(?: (?:in )?[\w.<>]*)?$|(?:_ ){3,}_?$|[\w.]+ = |\[gw\d+\] .* -- Python )/;
const mavenHint =
  /^\[ERROR\] ?(?:$|-> |\[Help \d|To see |Re-run |For more |After correcting |\/\S+:\[\d+,\d+\] | {2}\S)/;
const nodeError =
  /^(?:$|\s|\^+$|\[UnhandledPromiseRejection: |(?:Uncaught )?(?:[A-Za-z_$][\w$]*\.)*[A-Z]\w*(?: \[\w+\])?: |[A-Z]\w*Error$|(?:throw|const|let|await|import) )/;
const snippet = /^\s*(?:\d+\s*)?\||^\s*-->|^\s*= |^\s*\.{3}$|^(?:help|note): /;
const marks = /^\s*(?:\d*\s*\|\s*)?[~^][~^\s]*$/;
const afterMarks = /^\s+\d*\s*\||^\s+[~^]|^ {2}(?:symbol|location): /;
/** What builds print under a warning without its snippet: `  CC      a.o`. */
const buildStep = /^ {2}[A-Z]{2,}(?: \[\w\])? +\S/;

/** What follows lines of a kind, and leaves it what it is; or what it becomes. */
const followers: Partial<Record<Kind, RegExp | ((visible: string, lines: number) => Kind | undefined)>> = {
  source(visible) {
    if (unsolved.test(visible)) return 'plain';
    return visible === sourceEdge || /^ *\d+ \|(?: |$)/.test(visible) ? 'source' : undefined;
  },
  python(visible) {
    if (indented.test(visible)) return 'python';
    return pythonError.test(visible) || rubyError.test(visible) ? 'pythonEnd' : undefined;
  },
  // A blank line before the next traceback of a chain can't be told from any other, and does no harm.
  pythonEnd(visible) {
    if (pythonLink.test(visible)) return 'pythonLinked';
    return blank.test(visible) ? 'pythonEnd' : undefined;
  },
  pythonLinked(visible) {
    if (visible.startsWith('Traceback (most recent call last):')) return 'python';
    return blank.test(visible) ? 'pythonLinked' : undefined;
  },
  go: goTrace,
  pythonGroup: /^\s+[|+]/,
  pytest(visible) {
    if (pythonHead.test(visible)) return 'python';
    return pytest.test(visible) || pythonLink.test(visible) ? 'pytest' : undefined;
  },
  explained(visible) {
    if (/^\S+:\d+: /.test(visible)) return 'plain';
    return /^E?(?:\s|$)/.test(visible) ? 'explained' : undefined;
  },
  goTest: /^ {4,}(?!--- )\S/,
  required: /^(?:Require stack:$|- [./]\S|- <repl>$)/,
  npm: /^\s*$|^npm (?:error|ERR!)/,
  maven: mavenHint,
  race,
  rust: (visible, lines) => (lines === 1 || rustTrace.test(visible) ? 'rust' : undefined),
  rustEnd: rustTrace,
  sanitizer,
  dotnet: /^ {6}\S/,
  elixir: /^\s+\S|^Last message(?: \(from .*\))?: |^State: /,
  thread: /^\s+java\.lang\.Thread\.State: |^\t- /,
  indented: (visible) => (indented.test(visible) || visible === '"} ' || visible === '"}' ? 'indented' : undefined),
  jest: /^\s*$|^ {4}/,
  vitest: (visible, lines) => (lines < 100 && !/^(?:⎯| FAIL {2}| Test Files {2})/.test(visible) ? 'vitest' : undefined),
  // The line, a caret, an empty line, the error, its frames.
  node(visible, lines) {
    if (visible === 'Require stack:') return 'required';
    if (lines >= 8 || (lines >= 2 && !nodeError.test(visible))) return undefined;
    return visible.startsWith('[') && visible.endsWith(' {') ? 'object' : 'node';
  },
  object(visible) {
    if (/^\}[,;)]*$/.test(visible)) return 'plain';
    return indented.test(visible) ? 'object' : undefined;
  },
  diagnostic(visible) {
    if (!indented.test(visible) || buildStep.test(visible)) return undefined;
    return marks.test(visible) ? 'snippet' : 'diagnostic';
  },
  snippet: afterMarks,
  typescript: (visible, lines) => (lines < 12 && /^(?:$|\s|\d+ )/.test(visible) ? 'typescript' : undefined),
  rustc: snippet,
  logged: (visible, lines) => (lines < 3 ? kindOfThrown(visible) : undefined),
  // An empty line comes first.
  spring: (visible) => (visible === '' ? 'logged' : kindOfThrown(visible)),
};

function kindOfThrown(visible: string): Kind | undefined {
  if (visible.startsWith('Traceback (m')) return 'python';
  return thrownClass.test(visible) ? 'problem' : undefined;
}
