import { withoutTime } from './time-prefix.ts';

/** Says which lines belong together: those of one speaker (source and stream), passed in order. */
export interface RecordTracker {
  /** Whether the line belongs to the one before it: of a stack trace, a printed object, a compiler's snippet. */
  continues(visible: string): boolean;
  /** Whether more than the frames of a stack trace may belong to the line before. */
  readonly isAmid: boolean;
  /** Takes a line that stands for itself, and after which none but frames may belong to it. */
  pass(): void;
}

/** What a record is, by its first line, as far as that says what may follow. */
type Kind =
  | 'plain'
  | 'python'
  | 'pythonEnd'
  | 'go'
  | 'rust'
  | 'node'
  | 'object'
  | 'diagnostic'
  | 'typescript'
  | 'rustc';

/** A record is cut where it is longer: what goes on for ever is none. */
const mostLines = 1000;

export function createRecordTracker(): RecordTracker {
  let kind: Kind = 'plain';
  let lines = 0;

  return {
    continues(line) {
      const visible = withoutTime(line);
      const next = lines > 0 && lines < mostLines ? kindAfter(kind, visible, lines) : undefined;
      if (next === undefined) {
        kind = kindOf(visible);
        lines = 1;
        return false;
      }
      kind = next;
      lines++;
      return true;
    },
    get isAmid() {
      return kind !== 'plain';
    },
    pass() {
      kind = 'plain';
      lines = 1;
    },
  };
}

/** By a line's last character. */
const pythonHead = /^(?:.{0,200}?\s)?Traceback \(most recent call last\):$/;
const objectHead = /^(?:.{0,200}[\s=:])?\{$/;
/** By its first one. */
const goHead = /^(?:panic: |fatal error: |goroutine \d+ \[|SIG[A-Z]+: )/;
const rustHead = /^thread '.*' (?:\(\d+\) )?panicked at /;
const nodeHead = /^(?:file:\/\/)?\/\S+\.[cm]?[jt]sx?:\d+$|^node:internal\/\S+:\d+$/;
const rustcHead = /^(?:error(?:\[E\d+\])?|warning): /;
/** By what it holds. */
const typescriptHead = /^\S+:\d+:\d+ - (?:error|warning) TS\d+:/;
const diagnosticHead = /^\S[^:]{0,300}:\d+:(?:\d+:)? (?:fatal )?(?:error|warning|note)\b/;

/** Most lines begin nothing, and cost little: a look at both ends, and a search for the words of compilers. */
function kindOf(visible: string): Kind {
  const last = visible.charCodeAt(visible.length - 1);
  if (last === colon && pythonHead.test(visible)) return 'python';
  if (last === openBrace && objectHead.test(visible)) return 'object';
  if (mayBeginTrace.has(visible.charCodeAt(0))) {
    if (goHead.test(visible)) return 'go';
    if (rustHead.test(visible)) return 'rust';
    if (nodeHead.test(visible)) return 'node';
    if (rustcHead.test(visible)) return 'rustc';
  }
  if (!visible.includes('rror') && !visible.includes('arning') && !visible.includes(': note')) return 'plain';
  if (typescriptHead.test(visible)) return 'typescript';
  return diagnosticHead.test(visible) ? 'diagnostic' : 'plain';
}

const colon = 0x3a;
const openBrace = 0x7b;
const mayBeginTrace = new Set([...'pfgSt/newa'].map((sign) => sign.charCodeAt(0)));

/**
 * What follows any line that has a stack trace: frames of Node, Java, .NET (`at …`), Ruby (`from …`), PHP (`#0 …`),
 * Java's `Caused by:` and `… 12 more`, .NET's inner exceptions.
 */
const frame =
  /^\s+at \S|^\s*\.{3} \d+ (?:more|common frames omitted)|^\s*Caused by: \S|^\s+Suppressed: \S|^\s+(?:\d+: )?from \S+:\d+|^#\d+ (?:\{main\}|\[internal function\]|\S+\(\d+\): )|^(?:PHP )?Stack trace:|^PHP\s+\d+\. |^\s+thrown in \S|^ ---> \S|^\s+--- End of |^\s+\[cause\]: /;
const mayBeginFrame = new Set([...' \t.C#SP'].map((sign) => sign.charCodeAt(0)));
const indented = /^\s+\S/;
const blank = /^\s*$/;

/** What the record is after another line; undefined where the line is not of it. */
function kindAfter(kind: Kind, visible: string, lines: number): Kind | undefined {
  // Node prints the error's properties after its last frame, in braces.
  if (mayBeginFrame.has(visible.charCodeAt(0)) && frame.test(visible))
    return visible.endsWith(' {') ? 'object' : kind === 'node' ? 'plain' : kind;
  const follows = followers[kind];
  return follows(visible, lines);
}

const pythonLink =
  /^(?:During handling of the above exception, another exception occurred:|The above exception was the direct cause of)/;
const pythonError = /^[A-Za-z_][\w.]*(?:: .*|$)/;
const goTrace =
  /^(?:\s*|goroutine \d+ \[.*|\t.*|\s*panic: .*|\[signal .*|created by .*|exit status \d+|[\w./*()-]+(?:\[\.\.\.\])?\(.*\)|r[a-z0-9]{1,5} +0x[0-9a-f]+|\.\.\..*)$/;
const rustTrace = /^(?:note: |stack backtrace:|\s+\d+: )/;
const nodeError =
  /^(?:\s*|\s*\^+|\s.*|(?:Uncaught )?(?:[A-Za-z_$][\w$]*\.)*[A-Z]\w*(?: \[\w+\])?: .*|[A-Z]\w*Error|throw .*|const .*|let .*|await .*|import .*)$/;
const snippet = /^\s*(?:\d+\s*)?\||^\s*-->|^\s*= |^\s*\.{3}$/;

const followers: Record<Kind, (visible: string, lines: number) => Kind | undefined> = {
  plain: () => undefined,
  python(visible) {
    if (indented.test(visible)) return 'python';
    return pythonError.test(visible) ? 'pythonEnd' : undefined;
  },
  // A blank line before the next traceback of a chain can't be told from any other, and does no harm.
  pythonEnd(visible) {
    if (pythonLink.test(visible)) return 'pythonEnd';
    if (visible.startsWith('Traceback (most recent call last):')) return 'python';
    return blank.test(visible) ? 'pythonEnd' : undefined;
  },
  go: (visible) => (goTrace.test(visible) ? 'go' : undefined),
  rust: (visible, lines) => (lines === 1 || rustTrace.test(visible) ? 'rust' : undefined),
  // The line, a caret, an empty line, the error, its frames.
  node: (visible, lines) => (lines < 8 && (lines < 2 || nodeError.test(visible)) ? 'node' : undefined),
  object(visible) {
    if (/^\}[,;)]*$/.test(visible)) return 'plain';
    return indented.test(visible) ? 'object' : undefined;
  },
  diagnostic: (visible) => (indented.test(visible) ? 'diagnostic' : undefined),
  typescript: (visible, lines) =>
    lines < 12 && (blank.test(visible) || /^\d+ /.test(visible) || indented.test(visible)) ? 'typescript' : undefined,
  rustc: (visible) => (snippet.test(visible) ? 'rustc' : undefined),
};
