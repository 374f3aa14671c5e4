import { BoundedMap } from '../../system/bounded-map.ts';
import { printedOf } from '../../text/line-prefix.ts';
import { type FoundPlace, goPlace } from '../../text/place.ts';
import { own } from './own.ts';

/*
 * `go test -v` prints what a test says as it runs, and that it has failed after that; without `-v` it comes after it:
 *
 *     === RUN   TestDiv
 *         a_test.go:5: begun
 *         a_test.go:6: Div(9, 2) = 4, want 5
 *     --- FAIL: TestDiv (0.00s)
 *
 * `t.Log`, `t.Error` and `t.Fatal` look the same. A test goes on after its first error, so the first message that says
 * what is wrong is where to look. Where none says so the last one is: nothing of a test comes after `t.Fatal`. What a
 * logger prints by way of the test, with its own time, is neither unless there is nothing else.
 */

/** Reads the lines of one speaker, in order. */
export interface GoTestReader {
  /**
   * Where to look in the test that has failed, as this line says, or one that it belongs to: what is said later is
   * better.
   *
   * @param record the same object for all lines that belong together
   */
  read(line: string, record: object): FoundPlace | undefined;
}

const goesOn = /^=== (RUN|CONT|NAME|PAUSE) +(\S+)$/;
const ended = /^( *)--- (FAIL|PASS|SKIP): (\S+) \(/;
/** Tests that run at the same time. */
const mostTests = 200;
/** More of a name does not tell tests apart. */
const longestName = 1000;
/** With the sender's. */
const longestKey = 1300;
/** More of a line is not looked at for a place. */
const headLength = 1000;

/** What a message of a test is indented by, more than the test's result. */
const indent = 4;
/** How tests say what is wrong; testify's messages, and others that have several lines, begin with an empty one. */
const saysWrong =
  /^$|\bwant(?:ed)?\b|\bunexpected|^expected\b|\bexpected\b.*\b(?:got|but|actual|to)\b|\bmismatch|\bfail(?:ed|ure)?\b|\berr(?:or)?\s*[:=]|\bpanic|\btimed out\b|\bshould(?:n't| not)? (?:be|have)\b|\bdid(?:n't| not)\b|\b(?:cannot|can't)\b|\bcould(?:n't| not)\b/i;
const ofLogger = /^\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d/;

interface Said {
  place: FoundPlace;
  weight: number;
}

const weights = { logged: 0, said: 1, wrong: 2 };

/** What of two messages of a test says where to look. */
function betterOf(before: Said | undefined, next: Said): Said {
  if (before === undefined || next.weight > before.weight) return next;
  return next.weight === weights.wrong || next.weight < before.weight ? before : next;
}

/** A message that is indented by so much. */
function messageIn(visible: string, spaces: number): Said | undefined {
  if (visible.charCodeAt(spaces) === space || !visible.startsWith(' '.repeat(spaces))) return undefined;
  const [begin = '', file, line] = goPlace.exec(visible.slice(0, headLength)) ?? [];
  if (file === undefined) return undefined;
  const text = visible.slice(begin.length, begin.length + headLength);
  const weight = ofLogger.test(text) ? weights.logged : saysWrong.test(text) ? weights.wrong : weights.said;
  return { place: { file: own(file), line: Number(line) }, weight };
}

const space = 0x20;

export function createGoTestReader(): GoTestReader {
  /** By sender and name. */
  const said = new BoundedMap<string, Said>(mostTests);
  /** By sender: the test that runs. */
  const running = new BoundedMap<string, string>(mostTests);
  /** Of a test that has failed: its messages may follow. */
  const failures = new WeakMap<object, { indent: number; said: Said | undefined }>();

  return {
    read(line, record) {
      // Most lines are none of these.
      if (!line.includes('.go:') && !line.includes('=== ') && !line.includes('--- ')) return undefined;
      const { text: visible, sender } = printedOf(line);
      const keyOf = (name: string) => `${sender}\n${name}`;
      const failed = failures.get(record);
      if (failed !== undefined) {
        const next = messageIn(visible, failed.indent + indent);
        if (next !== undefined) failed.said = betterOf(failed.said, next);
        return failed.said?.place;
      }
      const runs = running.get(sender);
      const next = runs === undefined ? undefined : messageIn(visible, indent);
      if (runs !== undefined && next !== undefined) {
        const key = keyOf(runs);
        said.set(own(key, longestKey), betterOf(said.get(key), next));
        return undefined;
      }
      const [, how, begun = ''] = goesOn.exec(visible) ?? [];
      if (how !== undefined) {
        if (how === 'PAUSE') running.delete(sender);
        else running.set(own(sender), own(begun, longestName));
        return undefined;
      }
      const [, spaces = '', result, name = ''] = ended.exec(visible) ?? [];
      if (result === undefined) return undefined;
      const test = keyOf(name.slice(0, longestName));
      const before = said.get(test);
      said.delete(test);
      if (result !== 'FAIL') return undefined;
      failures.set(record, { indent: spaces.length, said: before });
      return before?.place;
    },
  };
}
