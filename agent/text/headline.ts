import {
  dockerfilePlace,
  explained,
  logged,
  pytestHead,
  pythonHead,
  rustHead,
  thrownClass,
  thrownLine,
  unsolved,
  vitestHead,
} from './record.ts';

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
  if (vitestHead.test(text)) return headline(text, (line) => (thrown.test(line) ? `${text}: ${line}` : undefined));
  if (rustHead.test(text)) return headline(text, (line) => `${text} ${line}`);
  if (dockerfilePlace.test(text)) return headline(text, (line) => (unsolved.test(line) ? line : undefined));
  const test = pytestHead.exec(text)?.[1];
  if (test !== undefined) return headlineOfTest(test);
  return headlineOfObject(text) ?? (logged.test(text) ? headlineOfLogged(text) : undefined);
}

/** What a logger has said, and what it prints after that was thrown: Python's last, Java's and .NET's first. */
function headlineOfLogged(text: string): Headline {
  let isTraced = false;
  let isSaid = false;
  return {
    text,
    get isLast() {
      return isTraced;
    },
    after(visible) {
      const line = visible.slice(0, headLength);
      isTraced ||= pythonHead.test(line);
      if (!(isTraced ? raised.test(line) : !isSaid && thrownClass.test(line))) return undefined;
      isSaid = true;
      return `${text}: ${line}`;
    },
  };
}

/** The first line of a printed object that says no more than a level. */
const objectStart = /^\W{0,3}(?:(?:error|err|fatal|critical|crit|warn|warning)\W{1,3})?\{$/i;
const field = /^(\s*)["']?(@?[A-Za-z][\w.@-]{0,60})["']?\s*:\s*(.*)$/;
/** From the one that says most of what happened; others than these say when and where. */
const messageKeys = /^@?(?:short_?|error_?)?(?:message|msg)$|^@mt?$/i;
const errorKeys = /^(?:err|error|exception|reason|error_?description|description|detail|details|title|summary)$/i;
const lesserKeys = /time|^@?ts$|^date$|level|severity|^lvl$|^pid$|^host|^v$|logger|(?:^|_)id$/i;

/**
 * What a printed object says is in one of its fields, which may come before the one that says the level. It is passed
 * all lines after the first.
 *
 * @returns undefined where the first line says enough
 */
export function headlineOfObject(first: string): Headline | undefined {
  if (!objectStart.test(first)) return undefined;
  let text = first;
  let best = 0;
  let outermost: number | undefined;
  return {
    get text() {
      return text;
    },
    isLast: false,
    after(visible) {
      const said = fieldIn(visible.slice(0, headLength));
      if (said === undefined) return undefined;
      outermost ??= said.indent;
      const rank = said.rank > lineRank && said.indent > outermost ? nestedRank : said.rank;
      if (rank <= best) return undefined;
      best = rank;
      // Not the line that it is a part of: that may be long, and other lines are waited for.
      text = Buffer.from(said.text).toString();
      return text;
    },
  };
}

const lineRank = 2;
const nestedRank = 3;

function fieldIn(line: string): { text: string; rank: number; indent: number } | undefined {
  const [, space = '', key = '', value = ''] = field.exec(line) ?? [];
  const said = stringIn(value)?.trim() ?? '';
  const indent = space.length;
  if (said !== '' && messageKeys.test(key)) return { text: said, rank: 5, indent };
  if (said !== '' && errorKeys.test(key)) return { text: said, rank: 4, indent };
  const text = line.trim().replace(/,$/, '');
  if (!/\w/.test(text)) return undefined;
  return { text, rank: lesserKeys.test(key) || (said === '' && /["'{[]$/.test(text)) ? 1 : lineRank, indent };
}

const levelInPairs = /(?:^|\s)(?:level|lvl|severity)=/;
const messageInPairs = /(?:^|\s)(?:msg|message)=(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))/;
/** A longer one is not taken apart. */
const longestLine = 65_536;
const longestPrefix = 80;

/**
 * What a line of JSON or logfmt says. For one that is too long to be kept whole: of a part of it none could say it.
 *
 * @returns undefined where it says nothing as such
 */
export function messageIn(line: string): string | undefined {
  if (line.length > longestLine) return undefined;
  const start = line.indexOf('{');
  const object = start >= 0 && start <= longestPrefix && line.trimEnd().endsWith('}') ? parsed(line.slice(start)) : {};
  const said = messageOf(object);
  if (said !== undefined || !levelInPairs.test(line)) return said;
  const [, quoted, word] = messageInPairs.exec(line) ?? [];
  return quoted === undefined ? word : stringIn(`"${quoted}"`)?.trim() || undefined;
}

function parsed(json: string): object {
  try {
    return JSON.parse(json) as object;
  } catch {
    return {};
  }
}

/** That of an object in it only where it has none itself. */
function messageOf(object: object): string | undefined {
  const entries = Object.entries(object);
  const said = (keys: RegExp) => entries.find(([key, value]) => keys.test(key) && isText(value))?.[1] as string;
  const inside = (value: unknown) => {
    const found = Object.entries(isObject(value) ? value : {}).find(
      ([key, one]) => messageKeys.test(key) && isText(one),
    );
    return found?.[1] as string | undefined;
  };
  return said(messageKeys) ?? said(errorKeys) ?? entries.map(([, value]) => inside(value)).find(isText);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** What a field's value says where it is a string, also one of which not all is there. */
function stringIn(value: string): string | undefined {
  const quote = value[0];
  if (quote !== '"' && quote !== "'" && quote !== '`') return undefined;
  if (quote !== '"') return value.slice(1, value.lastIndexOf(quote) || undefined);
  const raw = /^(?:[^"\\]|\\.)*/.exec(value.slice(1))?.[0] ?? '';
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    return raw;
  }
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
      // An explanation of several paragraphs is one.
      isAmid = said !== undefined || /^E\s*$/.test(line);
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
