import { withoutPrefix } from '../../text/line-prefix.ts';
import { pytestHead } from '../../text/record.ts';
import type { Chunk, TestMention } from './chunk.ts';

/*
 * pytest says up to three times that a test has failed: with `-v` as it runs, in a section with the traceback, which
 * may be switched off, and in the summary at the end.
 *
 *     test_a.py::TestCart::test_total FAILED          [ 50%]
 *     ____________ TestCart.test_total ____________
 *     FAILED test_a.py::TestCart::test_total - KeyError
 *
 * That is one problem: where its section is, else where the summary says why, else where it was said first. These may
 * be in several chunks, so each remembers its own.
 */

export interface FailedTests {
  /** Takes each line that is looked at closely. */
  read(id: number, visible: string, speaker: string): void;
  /** Takes the first line of an error. */
  error(id: number, text: string, speaker: string): void;
}

const runBegins = /^=+ test session starts =+$/;
const runEnds = /^(?:=+ )?(?:\d+ [a-z]+, )*\d+ [a-z]+ in \d+(?:\.\d+)?s\b/;
const inProgress =
  /^(?:\[gw\d+\] \[ *\d+%\] (?:FAILED|ERROR) (\S+?\.py(?:::.+?)?)|(\S+?\.py(?:::.+?)?) (?:FAILED|ERROR)(?: +\[[ \d/%]+\])?) *$/;
const inSummary = /^(?:FAILED|ERROR) (\S+?\.py(?:::(?:[^\s[]+(?:\[.*?\])?|.+?))?)(?: - .*)?$/;
const ofNoTest = /^ERROR (?:at (?:setup|teardown) of|collecting) /;
const ofFile = /^\S+?\.py::/;

/** Of a chunk; failures after that are problems of their own. */
const mostMentions = 2000;
const headLength = 1000;

/** @param tests where they are noted, in order */
export function createFailedTests(tests: TestMention[]): FailedTests {
  function note(id: number, kind: TestMention['kind'], speaker: string, test: string): void {
    if (tests.length < mostMentions) tests.push({ id, kind, speaker: hashOf(speaker), test: hashOf(test) });
  }

  return {
    read(id, visible, speaker) {
      if (!mayBeOfRun(visible)) return;
      const text = withoutPrefix(visible.slice(0, headLength));
      if (!runBegins.test(text) && !runEnds.test(text)) return;
      const last = tests.at(-1);
      if (last?.kind !== 'run' || last.speaker !== hashOf(speaker)) note(id, 'run', speaker, '');
    },
    error(id, text, speaker) {
      const head = text.slice(0, headLength);
      const section = pytestHead.exec(head)?.[1];
      if (section !== undefined) note(id, 'section', speaker, nameOf(section.replace(ofNoTest, '')));
      if (section !== undefined || !head.includes('.py')) return;
      const [, ofWorker, ofRun] = inProgress.exec(head) ?? [];
      const [, summed] = inSummary.exec(head) ?? [];
      const begun = ofWorker ?? ofRun;
      if (begun !== undefined) note(id, 'progress', speaker, nameOf(begun));
      else if (summed !== undefined) note(id, 'summary', speaker, nameOf(summed));
    },
  };
}

/** `=`, `0.65s`, `(0:01:15)`: most lines are none, and cost only this. */
function mayBeOfRun(visible: string): boolean {
  const last = visible.charCodeAt(visible.length - 1);
  if (last === equals) return true;
  const before = visible.charCodeAt(visible.length - 2);
  return (last === second || last === closeParen) && before >= zero && before <= nine && visible.includes(' in ');
}

const equals = 0x3d;
const second = 0x73;
const closeParen = 0x29;
const zero = 0x30;
const nine = 0x39;

/** As sections have it: without its file, and with points. */
function nameOf(test: string): string {
  return test.replace(ofFile, '').replaceAll('::', '.');
}

/**
 * Ids of the problems that say what another one says better.
 *
 * @param chunks follow each other without a gap
 */
export function saidAgain(chunks: readonly Chunk[], firstId: number): ReadonlySet<number> {
  const again = new Set<number>();
  const speakers = new Map<number, Failures>();
  for (const { tests } of chunks) {
    for (const mention of tests) {
      if (mention.id < firstId) continue;
      if (mention.kind === 'run') {
        speakers.delete(mention.speaker);
        continue;
      }
      const failures: Failures = speakers.get(mention.speaker) ?? new Map();
      speakers.set(mention.speaker, failures);
      const less = take(failures, mention);
      if (less !== undefined) again.add(less);
    }
  }
  return again;
}

/** Of a run, by its tests: those of several files may have the same name. */
type Failures = Map<number, { begun: number[]; sections: number }>;

/** Returns the mention that says less than another one of its failure. */
function take(failures: Failures, { id, kind, test }: TestMention): number | undefined {
  const of = failures.get(test) ?? { begun: [], sections: 0 };
  failures.set(test, of);
  if (kind === 'progress') of.begun.push(id);
  else if (kind === 'section') of.sections++;
  else if (of.sections > 0) {
    of.sections--;
    return id;
  }
  return kind === 'progress' ? undefined : of.begun.shift();
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
