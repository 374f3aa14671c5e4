import { withoutPrefix } from '../../text/line-prefix.ts';
import { explained, pytestHead } from '../../text/record.ts';
import type { Problem } from '../../words/finding.ts';
import type { Origin } from '../../words/line.ts';
import { type Chunk, type Mention, runStarted } from './chunk.ts';
import { createSumNotes, isOfSums, type Listed, mostMentions, noneListed, takeSummed } from './sums.ts';

/*
 * pytest says up to three times that a test has failed: with `-v` as it runs, in a section with the traceback, which
 * may be switched off, and in the summary at the end.
 *
 *     test_a.py::TestCart::test_total FAILED          [ 50%]
 *     ____________ TestCart.test_total ____________
 *     FAILED test_a.py::TestCart::test_total - KeyError
 *
 * With `--tb=line` the section is no more than the reason (`E   KeyError`), without the test's name; reasons come in
 * the order of progress and summary.
 *
 * That is one problem: where its section is, else where the summary says why, else where it was said first. These may
 * be in several chunks, so each remembers its own.
 */

export interface FailedTests {
  /** Takes each line that is looked at closely. */
  read(id: number, visible: string, origin: Origin): void;
  /**
   * Takes the first line of a problem.
   *
   * @param said the one of its lines that says that it is one
   */
  problem(problem: Pick<Problem, 'id' | 'level'>, text: string, said: string, origin: Origin): void;
}

const runBegins = /^=+ test session starts =+$/;
const runEnds = /^(?:=+ )?(?:\d+ [a-z]+, )*\d+ [a-z]+ in \d+(?:\.\d+)?s\b/;
const ofWorker = /^\[gw\d+\] \[ *\d+%\] (FAILED|ERROR) /;
const outcomes = ['FAILED', 'ERROR'];
const percentage = /^[ \d/%]+\]$/;
const begunIn = /^\S+?\.py(?:::.|$)/s;
const ofSummary = /^(FAILED|ERROR) /;
const failedIn = /^\S+?\.py(?=::.|$| - )/s;
const withParameters = /^[^\s[]+(?:\[.*?\])?(?= - |$)/s;
const reason = ' - ';
const ofNoTest = /^ERROR (?:at (?:setup|teardown) of|collecting) /;
/** A test may fail, and its teardown as well: these are two problems. */
const errorOf = 'ERROR ';
const ofFile = /^(ERROR )?\S+?\.py::/;

const headLength = 1000;

/** @param mentions where they are noted, in order: failed tests, errors, warnings and their sums */
export function createFailedTests(mentions: Mention[]): FailedTests {
  let failures = 0;
  let runs = 0;
  /** Sources that have said last where a run begins or ends: to say so again adds nothing. */
  const betweenRuns = new Set<string>();
  const sums = createSumNotes(note);

  function note(id: number, kind: Mention['kind'], source: string, test = 0): Mention {
    const mention = { id, kind, source: hashOf(source), test };
    mentions.push(mention);
    return mention;
  }

  function noteFailure(
    id: number,
    kind: 'progress' | 'section' | 'reason' | 'summary',
    source: string,
    test: string,
  ): void {
    if (failures >= mostMentions) return;
    failures++;
    note(id, kind, source, hashOf(nameOf(test)));
  }

  function noteMention(id: number, head: string, source: string): void {
    const begun = begunTest(head);
    const summed = begun === undefined ? summedTest(head) : undefined;
    if (begun !== undefined) noteFailure(id, 'progress', source, begun);
    else if (summed !== undefined) noteFailure(id, 'summary', source, summed);
  }

  /** Also where nothing has failed before in this chunk: it may have in the one before. */
  function noteRun(id: number, source: string): void {
    if (betweenRuns.has(source) || runs >= mostMentions) return;
    betweenRuns.add(source);
    sums.forget(source);
    runs++;
    note(id, 'run', source);
  }

  /** The command runs again. */
  function noteStart(id: number): void {
    if (runs >= mostMentions) return;
    betweenRuns.clear();
    sums.forget();
    runs++;
    note(id, 'start', '');
  }

  return {
    read(id, visible, { kind, source = '' }) {
      if (kind === 'notice' && visible.startsWith(runStarted)) noteStart(id);
      if (!mayBeOfRun(visible)) return;
      const text = withoutPrefix(visible.slice(0, headLength));
      if (runBegins.test(text) || runEnds.test(text)) noteRun(id, source);
    },
    problem({ id, level }, text, said, { source = '' }) {
      betweenRuns.delete(source);
      if (sums.take(id, level, said, source) || level !== 'error') return;
      const head = text.slice(0, headLength);
      const section = pytestHead.exec(head)?.[1];
      if (section !== undefined) noteFailure(id, 'section', source, section.replace(ofNoTest, errorOf));
      else if (explained.test(head)) noteFailure(id, 'reason', source, '');
      else if (head.includes('.py')) noteMention(id, head, source);
    },
  };
}

/** The test that a line of progress says has failed. */
function begunTest(line: string): string | undefined {
  const text = line.trimEnd();
  const [worker, said] = ofWorker.exec(text) ?? [];
  const [outcome, test] = worker === undefined ? beforeOutcome(text) : [said, text.slice(worker.length)];
  return test !== undefined && begunIn.test(test) ? failed(outcome, test) : undefined;
}

function beforeOutcome(text: string): [outcome?: string, test?: string] {
  const at = text.endsWith(']') ? text.lastIndexOf(' [') : -1;
  const said = at >= 0 && percentage.test(text.slice(at + 2)) ? text.slice(0, at).trimEnd() : text;
  const outcome = outcomes.find((each) => said.endsWith(` ${each}`));
  return outcome === undefined ? [] : [outcome, said.slice(0, -outcome.length - 1)];
}

/** The test that a line of the summary says has failed. */
function summedTest(line: string): string | undefined {
  const [begin, outcome] = ofSummary.exec(line) ?? [];
  const test = begin === undefined ? undefined : testOf(line.slice(begin.length));
  return test === undefined ? undefined : failed(outcome, test);
}

/** What stands before the reason. */
function testOf(text: string): string | undefined {
  const [file] = failedIn.exec(text) ?? [];
  if (file === undefined || !text.startsWith('::', file.length)) return file;
  const start = file.length + 2;
  const [name] = withParameters.exec(text.slice(start)) ?? [];
  if (name !== undefined) return text.slice(0, start + name.length);
  const end = text.indexOf(reason, start + 1);
  return end < 0 ? text : text.slice(0, end);
}

function failed(outcome: string | undefined, test: string): string {
  return outcome === 'ERROR' ? errorOf + test : test;
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
  return test.replace(ofFile, '$1').replaceAll('::', '.');
}

/**
 * Ids of the problems that say what another one says better.
 *
 * @param chunks follow each other without a gap
 */
export function saidAgain(chunks: readonly Chunk[], firstId: number): ReadonlySet<number> {
  const again = new Set<number>();
  const sources = new Map<number, Failures>();
  for (const { mentions } of chunks) {
    for (const mention of mentions) {
      if (mention.id < firstId) continue;
      if (mention.kind === 'start') sources.clear();
      else if (mention.kind === 'run') sources.delete(mention.source);
      else {
        const failures: Failures = sources.get(mention.source) ?? {
          ...{ errors: noneListed(), warnings: noneListed() },
          ...{ tests: new Map(), begun: [], reasons: [] },
        };
        sources.set(mention.source, failures);
        for (const less of take(failures, mention, again)) again.add(less);
      }
    }
  }
  return again;
}

/** Of a run. Those of tests of several files may have the same name. */
interface Failures {
  errors: Listed;
  warnings: Listed;
  tests: Map<number, { begun: number[]; sections: number }>;
  /** Whatever their tests. */
  begun: number[];
  reasons: number[];
}

/** Returns the mentions that say less than another one of their failure. */
function take(failures: Failures, mention: Mention, again: ReadonlySet<number>): number[] {
  const { id, kind, test } = mention;
  const { begun, reasons } = failures;
  if (isOfSums(mention)) return takeSummed(failures.errors, failures.warnings, mention);
  const of = failures.tests.get(test) ?? { begun: [], sections: 0 };
  if (kind === 'reason') {
    reasons.push(id);
    return nextOf(begun, again);
  }
  failures.tests.set(test, of);
  if (kind === 'progress') {
    of.begun.push(id);
    begun.push(id);
    return [];
  }
  if (kind === 'section') of.sections++;
  else if (of.sections > 0) {
    of.sections--;
    return [id];
  } else return [...nextOf(of.begun, again), ...nextOf(reasons, again)];
  return nextOf(of.begun, again);
}

/** The first one that was not said better since. */
function nextOf(ids: number[], again: ReadonlySet<number>): number[] {
  while (ids.length > 0) {
    const id = ids.shift() as number;
    if (!again.has(id)) return [id];
  }
  return [];
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
