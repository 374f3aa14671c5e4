import { BoundedMap } from '../../system/bounded-map.ts';
import { withoutPrefix } from '../../text/line-prefix.ts';
import { pytestHead } from '../../text/record.ts';

/*
 * pytest prints a section of each test that has failed, `____ TestCart.test_total ____`, and at the end a line of each,
 * `FAILED test_a.py::TestCart::test_total - KeyError`. Of a test with a section that line is no other problem.
 */

/** Of one speaker. */
export interface FailedTests {
  /** Takes each line that is looked at closely: with a run its sections are over. */
  read(visible: string): void;
  /** Takes the first line of a problem. Returns whether it says again what a section before it has said. */
  isSaidAgain(text: string): boolean;
}

const runBegins = /^=+ test session starts =+$/;
const runEnds = /^(?:=+ )?(?:\d+ [a-z]+, )*\d+ [a-z]+ in \d+(?:\.\d+)?s\b/;
const inSummary = /^(?:FAILED|ERROR) \S+?\.py::(.+)$/;
const beforeMessage = ' - ';
const ofFixture = /^ERROR at (?:setup|teardown) of /;
/** Sections that no line was about yet. */
const mostTests = 2000;
const headLength = 1000;

export function createFailedTests(): FailedTests {
  /** Tests of several files may have the same name. */
  const sections = new BoundedMap<string, number>(mostTests);

  return {
    read(visible) {
      if (sections.size === 0) return;
      const text = withoutPrefix(visible.slice(0, headLength));
      if (runBegins.test(text) || runEnds.test(text)) sections.clear();
    },
    isSaidAgain(text) {
      const head = text.slice(0, headLength);
      const section = pytestHead.exec(head)?.[1]?.replace(ofFixture, '');
      if (section !== undefined) sections.set(section, (sections.get(section) ?? 0) + 1);
      const summed = sections.size === 0 ? undefined : inSummary.exec(head)?.[1]?.replaceAll('::', '.');
      if (summed === undefined) return false;
      // Its parameters may hold what stands before the message.
      for (let end = summed.indexOf(beforeMessage); ; end = summed.indexOf(beforeMessage, end + 1)) {
        const test = end === -1 ? summed : summed.slice(0, end);
        const left = sections.get(test) ?? 0;
        if (left > 1) sections.set(test, left - 1);
        if (left === 1) sections.delete(test);
        if (left > 0 || end === -1) return left > 0;
      }
    },
  };
}
