import { type Level, levelNamed, levelNumbered, levelOfSeverity } from '../../agent/text/level-names.ts';
import { type LocalTime, timeIn } from '../../agent/text/time/timestamp.ts';

/** What a line of JSON or logfmt says, in the order in which it is read. All texts are as the log has them: unsafe. */
export interface LineFields {
  /** What stands before it: a time, the name of a container. */
  prefix: string;
  level: { name: string; kind: Level | undefined } | undefined;
  /** `at`: milliseconds since the epoch, where the text is a time. */
  time: { text: string; at: number | undefined } | undefined;
  message: string | undefined;
  /** Objects inside of objects are taken apart: `req.method`. */
  fields: readonly Field[];
}

export interface Field {
  key: string;
  value: string;
  /** Key and value as the line has them. */
  inLine: string;
}

/** Longer ones are shown as they are: to take them apart would hold up the page. */
const longestLine = 65_536;
const longestPrefix = 80;
const mostFields = 200;

/**
 * Takes a line of structured logging apart: those of pino, bunyan, zap, winston, logrus, slog, structlog, GELF, ECS,
 * and whatever else names its level, time or message in one of the usual ways.
 * @param visible the line without escape sequences
 * @param local what time it is where the line was written, where that is not here
 * @returns undefined where it is none
 */
export function fieldsOf(visible: string, local?: LocalTime): LineFields | undefined {
  if (visible.length > longestLine) return undefined;
  return (visible.includes('{') ? jsonFields(visible, local) : undefined) ?? logfmtFields(visible, local);
}

interface Pair extends Field {
  /** As it was in JSON; logfmt knows only text. */
  raw: unknown;
}

function jsonFields(visible: string, local: LocalTime | undefined): LineFields | undefined {
  const start = visible.indexOf('{');
  const text = visible.slice(start).trimEnd();
  if (start > longestPrefix || !text.endsWith('}')) return undefined;
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  return assembled(visible.slice(0, start).trimEnd(), pairsOf(text), local);
}

const jsonToken = /\s*("[^"\\]*(?:\\.[^"\\]*)*"|[^\s"{}[\],:]+|[{}[\],:])/y;
const emptyObject = /\s*\}/y;
const longestPath = 100;

/**
 * Reads an object that JSON.parse takes. That alone loses how the line writes its values, which is what a filter looks
 * for: escapes, spaces, digits of numbers that are no doubles.
 */
function pairsOf(text: string): Pair[] {
  const pairs = new Map<string, Pair>();
  let at = 1;

  function next(): string {
    jsonToken.lastIndex = at;
    const token = jsonToken.exec(text)?.[1] ?? '';
    at = jsonToken.lastIndex;
    return token;
  }

  function isEmptyNext(): boolean {
    emptyObject.lastIndex = at;
    return emptyObject.test(text);
  }

  /** To the end of the value that begins with a token. */
  function pass(token: string): void {
    for (let depth = depthOf(token); depth > 0; ) depth += depthOf(next());
  }

  function readObject(path: string): void {
    for (let key = next(); key !== '}' && pairs.size < mostFields; key = next()) {
      if (key === ',') continue;
      const from = at - key.length;
      next();
      const token = next();
      const valueAt = at - token.length;
      const name = path + JSON.parse(key);
      if (token === '{' && path.length < longestPath && !isEmptyNext()) {
        readObject(`${name}.`);
        continue;
      }
      pass(token);
      const value = text.slice(valueAt, at);
      const raw: unknown = JSON.parse(value);
      // Of a key that comes twice the last one counts.
      pairs.set(name, { key: name, raw, value: typeof raw === 'string' ? raw : value, inLine: text.slice(from, at) });
    }
  }

  readObject('');
  return [...pairs.values()];
}

function depthOf(token: string): number {
  if (token === '{' || token === '[') return 1;
  return token === '}' || token === ']' ? -1 : 0;
}

/** A pair is a key, `=`, and a word or a quoted text; a key alone is true. */
const logfmtPair = /([^\s="{}[\]()]{1,100})(?:=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*)))?(?:\s+|$)/y;
const logfmtKey = /(?:^|\s)(?:level|lvl|severity|msg|message)=/;
const fewestPairs = 2;

function logfmtFields(visible: string, local: LocalTime | undefined): LineFields | undefined {
  const hint = logfmtKey.exec(visible);
  if (hint === null) return undefined;
  const start = startOfPairs(visible);
  if (start > longestPrefix) return undefined;
  const pairs: Pair[] = [];
  logfmtPair.lastIndex = start;
  while (logfmtPair.lastIndex < visible.length) {
    const at = logfmtPair.lastIndex;
    const found = logfmtPair.exec(visible);
    if (found === null || pairs.length >= mostFields) return undefined;
    const [whole, key = '', quoted, word] = found;
    // Words between pairs are a sentence.
    if (quoted === undefined && word === undefined) return undefined;
    const value = quoted === undefined ? (word ?? '') : unescaped(quoted);
    pairs.push({ key, raw: value, value, inLine: visible.slice(at, at + whole.trimEnd().length) });
  }
  return pairs.length < fewestPairs ? undefined : assembled(visible.slice(0, start).trimEnd(), pairs, local);
}

/** Where the first key is: what stands before it has no `=`. */
function startOfPairs(visible: string): number {
  const equals = visible.indexOf('=');
  return visible.lastIndexOf(' ', equals) + 1;
}

function unescaped(quoted: string): string {
  if (!quoted.includes('\\')) return quoted;
  try {
    return String(JSON.parse(`"${quoted}"`));
  } catch {
    return quoted;
  }
}

const levelKeys = ['level', 'severity', 'lvl', 'levelname', 'log.level', '@level'];
const timeKeys = ['time', 'ts', 'timestamp', '@timestamp', 'datetime', 'asctime', 't'];
const messageKeys = ['msg', 'message', 'short_message', '@message', 'event', 'log'];
/** The same in each line of a program, and nothing that is read for. */
const dullKeys = new Set(['v', 'pid', 'hostname', 'host', '_version', 'version', '@version']);

function assembled(prefix: string, pairs: readonly Pair[], local: LocalTime | undefined): LineFields | undefined {
  const first = (keys: readonly string[], isIt: (pair: Pair) => boolean) => {
    for (const key of keys) {
      const pair = pairs.find((one) => one.key === key && isIt(one));
      if (pair) return pair;
    }
    return undefined;
  };
  const level = first(levelKeys, ({ value }) => value.length > 0 && value.length <= 12);
  const time = first(timeKeys, ({ value }) => /\d/.test(value) && value.length <= 40);
  const message = first(messageKeys, ({ raw }) => typeof raw === 'string');
  // One of them alone may stand in any data.
  if ([level, time, message].filter(Boolean).length < 2) return undefined;
  const rest = pairs.filter((pair) => pair !== level && pair !== time && pair !== message);
  const isDull = ({ key }: Pair) => dullKeys.has(key);
  const isGelf = pairs.some(({ key }) => key === 'short_message');
  return {
    prefix,
    level: level && levelIn(level, isGelf),
    time: time && { text: time.value, at: timeIn(time.value, local) },
    message: message?.value,
    fields: [...rest.filter((pair) => !isDull(pair)), ...rest.filter(isDull)].map(({ key, value, inLine }) => ({
      key,
      value,
      inLine,
    })),
  };
}

const numberNames = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

/** Numbers are those of pino and bunyan; of syslog in GELF, where they are below ten. */
function levelIn({ value, raw }: Pair, isGelf: boolean): LineFields['level'] {
  const number = typeof raw === 'number' ? raw : Number.NaN;
  if (Number.isNaN(number)) return { name: value, kind: levelNamed(value) };
  const isSyslog = number < 10 && (isGelf || number > 0);
  if (isSyslog) return { name: levelOfSeverity(number), kind: levelOfSeverity(number) };
  const name = numberNames[6 - Math.floor(number / 10)];
  return { name: name ?? value, kind: levelNumbered(number) };
}
