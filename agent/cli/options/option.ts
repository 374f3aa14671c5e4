import type { StartAt } from '../../sources/file/file.ts';
import type { WindowSize } from '../../sources/source.ts';
import type { SubcommandName, Task } from './subcommands.ts';

/** What to stream, by kind. */
export type InputKind = 'files' | 'command' | 'stdin';

/** One option: the parser, `--help`, the man page and the tables in the docs are made from these entries. */
export interface Option<Value = unknown> {
  short?: string;
  /** Placeholder for its value in the help; an option without one is a flag. */
  value?: string;
  group: 'Input' | 'Page' | 'Access' | 'Secrets' | 'Storage' | 'Kept logs' | 'General';
  /** One sentence without a period. */
  help: string;
  /** The default, as the help words it. */
  standard?: string;
  /** False for an option that makes no sense as an environment variable. */
  env?: false;
  /** May be repeated; the value is a list of everything given. */
  isList?: true;
  /** The value of a text, or undefined when the text is not what `expects` says. */
  parse(text: string): Value | undefined;
  /** What a value has to be: `--port expects <expects>, but got "x".` */
  expects: string;
  /** The tasks that take it; left out: streaming only. */
  takenBy?: readonly Task[];
  /** Of these only these know it by its letter; left out: all. */
  letterFor?: readonly Task[];
  /** The kinds of input it is about; left out: all. As a variable it waits for an input of its kind. */
  inputs?: readonly InputKind[];
  /** Where a subcommand means something slightly different by it. */
  meaning?: Partial<Record<SubcommandName, Pick<Option, 'help' | 'standard' | 'env'>>>;
}

export function flag(option: Omit<Option, 'parse' | 'expects' | 'value'>): Option<boolean> {
  return { ...option, parse: (text) => flagTexts[text.toLowerCase()], expects: '1 or 0' };
}

const flagTexts: Readonly<Record<string, boolean>> = {
  '1': true,
  true: true,
  yes: true,
  '0': false,
  false: false,
  no: false,
  '': false,
};

/** Any text but none: of it only its placeholder is known, unless `expects` says more. */
export function text(option: Omit<Option, 'parse' | 'expects'> & { expects?: string }): Option<string> {
  const { value = 'value' } = option;
  const expects = `${/^[aeiou]/.test(value) ? 'an' : 'a'} ${value}`;
  return { expects, ...option, parse: (given) => (given === '' ? undefined : given) };
}

/** Several texts: separated by commas in one value, or one value each. */
export function list(
  option: Omit<Option, 'parse' | 'isList'>,
  parseOne: (text: string) => string | undefined,
  split = (given: string) => given.split(','),
): Option<string[]> {
  return {
    ...option,
    isList: true,
    parse(given) {
      const parsed = split(given).map((one) => parseOne(one.trim()));
      return parsed.includes(undefined) ? undefined : (parsed as string[]);
    },
  };
}

/** Names that may hold a comma: there it stands behind a backslash. */
export function splitNames(given: string): string[] {
  return given.split(/(?<!\\),/).map((name) => name.replaceAll('\\,', ','));
}

/** `all`, `20` (the last 20 lines) or `+5` (from line 5 on). */
export function parseStart(given: string): StartAt | undefined {
  if (given === 'all') return 'all';
  const number = integerWithin(given.replace(/^\+/, ''), 0, Number.MAX_SAFE_INTEGER);
  if (number === undefined) return undefined;
  return given.startsWith('+') ? { line: Math.max(1, number) } : { last: number };
}

/** `120x40`: columns and rows. */
export function parseWindowSize(given: string): WindowSize | undefined {
  const [, columns, rows] = (/^(\d+)x(\d+)$/i.exec(given) ?? []).map((part) => integerWithin(part, 1, mostCells));
  return columns === undefined || rows === undefined ? undefined : { columns, rows };
}

/** Rows that may still change are kept and sent whole: this bounds them to a million cells. */
const mostCells = 1000;

export function integerWithin(given: string, least: number, most: number): number | undefined {
  if (!/^\d+$/.test(given)) return undefined;
  const number = Number(given);
  return number >= least && number <= most ? number : undefined;
}
