import { dockerfilePlace, explained, pytestHead, pythonHead, rustHead, thrownLine, unsolved } from './record.ts';

/** What a record whose first line only says where or in what something happened says that it was. */
export interface Headline {
  /** As far as the first line says it. */
  readonly text: string;
  /** Traces of Python come with their last call last: so is what was thrown, and where. */
  readonly isLast: boolean;
  /** @returns the text, where a line that belongs to the first one says it, or says it better */
  after(visible: string): string | undefined;
}

/** More of a line is not looked at. */
const headLength = 1000;

/** Node's `Error: no route`, also with its code, or in brackets where it has no stack trace. */
const thrown = /^(?:Uncaught |\[)?(?:[A-Za-z_$][\w$]*\.)*[A-Z]\w*(?: \[\w+\])?: \S/;
/** Python's `ValueError: no route`; `KeyError` too, which says nothing else. */
const raised = /^[A-Za-z_][\w.]*(?:: |$)/;

/** @param first a record's first line, without what a build server put before it; undefined where it says enough */
export function headlineOf(first: string): Headline | undefined {
  const text = first.slice(0, headLength);
  if (pythonHead.test(text)) return headline(text, (line) => (raised.test(line) ? line : undefined), true);
  if (thrownLine.test(text)) return headline(text, (line) => (thrown.test(line) ? line : undefined));
  if (rustHead.test(text)) return headline(text, (line) => `${text} ${line}`);
  if (dockerfilePlace.test(text)) return headline(text, (line) => (unsolved.test(line) ? line : undefined));
  const test = pytestHead.exec(text)?.[1];
  return test === undefined ? undefined : headlineOfTest(test);
}

/**
 * Of a chain of exceptions the last one made the test fail; each is explained by lines that follow each other, or with
 * `--tb=native` by the last one of its traceback.
 */
function headlineOfTest(test: string): Headline {
  let isAmid = false;
  let isTraced = false;
  return {
    text: test,
    isLast: false,
    after(visible) {
      const line = visible.slice(0, headLength);
      isTraced ||= pythonHead.test(line);
      const said = explained.exec(line)?.[1] ?? (isTraced && raised.test(line) ? line : undefined);
      const isFirst = said !== undefined && !isAmid;
      isAmid = said !== undefined;
      return isFirst ? `${test}: ${said}` : undefined;
    },
  };
}

function headline(text: string, said: (visible: string) => string | undefined, isLast = false): Headline {
  let isSaid = false;
  return {
    text,
    isLast,
    after(visible) {
      const found = isSaid && !isLast ? undefined : said(visible.slice(0, headLength));
      isSaid ||= found !== undefined;
      return found;
    },
  };
}
