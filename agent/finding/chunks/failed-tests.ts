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
const ofWorker = /^\[gw\d+\] \[ *\d+%\] (?:FAILED|ERROR) /;
const outcomes = [' FAILED', ' ERROR'];
const percentage = /^[ \d/%]+\]$/;
const begunIn = /^\S+?\.py(?:::.|$)/s;
const ofSummary = /^(?:FAILED|ERROR) /;
const failedIn = /^\S+?\.py(?=::.|$| - )/s;
const withParameters = /^[^\s[]+(?:\[.*?\])?(?= - |$)/s;
const reason = ' - ';
const ofNoTest = /^ERROR (?:at (?:setup|teardown) of|collecting) /;
const ofFile = /^\S+?\.py::/;

/** Of failures in a chunk, and of runs; failures after that are problems of their own. */
const mostMentions = 2000;
const headLength = 1000;

/** @param tests where they are noted, in order */
export function createFailedTests(tests: TestMention[]): FailedTests {
  let failures = 0;
  let runs = 0;
  /** Speakers that have said last where a run begins or ends: to say so again adds nothing. */
  const betweenRuns = new Set<number>();

  function noteFailure(id: number, kind: TestMention['kind'], of: string, test: string): void {
    if (failures >= mostMentions) return;
    failures++;
    const speaker = hashOf(of);
    betweenRuns.delete(speaker);
    tests.push({ id, kind, speaker, test: hashOf(nameOf(test)) });
  }

  /** Also where nothing has failed before in this chunk: it may have in the one before. */
  function noteRun(id: number, of: string): void {
    const speaker = hashOf(of);
    if (betweenRuns.has(speaker) || runs >= mostMentions) return;
    betweenRuns.add(speaker);
    runs++;
    tests.push({ id, kind: 'run', speaker, test: 0 });
  }

  return {
    read(id, visible, speaker) {
      if (!mayBeOfRun(visible)) return;
      const text = withoutPrefix(visible.slice(0, headLength));
      if (runBegins.test(text) || runEnds.test(text)) noteRun(id, speaker);
    },
    error(id, text, speaker) {
      const head = text.slice(0, headLength);
      const section = pytestHead.exec(head)?.[1];
      if (section !== undefined) noteFailure(id, 'section', speaker, section.replace(ofNoTest, ''));
      if (section !== undefined || !head.includes('.py')) return;
      const begun = begunTest(head);
      const summed = begun === undefined ? summedTest(head) : undefined;
      if (begun !== undefined) noteFailure(id, 'progress', speaker, begun);
      else if (summed !== undefined) noteFailure(id, 'summary', speaker, summed);
    },
  };
}

/** The test that a line of progress says has failed. */
function begunTest(line: string): string | undefined {
  const text = line.trimEnd();
  const [worker] = ofWorker.exec(text) ?? [];
  const test = worker === undefined ? beforeOutcome(text) : text.slice(worker.length);
  return test !== undefined && begunIn.test(test) ? test : undefined;
}

function beforeOutcome(text: string): string | undefined {
  const at = text.endsWith(']') ? text.lastIndexOf(' [') : -1;
  const said = at >= 0 && percentage.test(text.slice(at + 2)) ? text.slice(0, at).trimEnd() : text;
  const outcome = outcomes.find((each) => said.endsWith(each));
  return outcome && said.slice(0, -outcome.length);
}

/** The test that a line of the summary says has failed. */
function summedTest(line: string): string | undefined {
  const [outcome] = ofSummary.exec(line) ?? [];
  if (outcome === undefined) return undefined;
  const text = line.slice(outcome.length);
  const [file] = failedIn.exec(text) ?? [];
  if (file === undefined || !text.startsWith('::', file.length)) return file;
  const start = file.length + 2;
  const [name] = withParameters.exec(text.slice(start)) ?? [];
  if (name !== undefined) return text.slice(0, start + name.length);
  const end = text.indexOf(reason, start + 1);
  return end < 0 ? text : text.slice(0, end);
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
