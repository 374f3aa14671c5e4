import { defined } from './defined.ts';
import type { Origin, Stream } from './line.ts';

/** Which lines of a log are asked for, by where they come from. What is left out selects nothing away. */
export interface Selection {
  /** Only lines of these sources; none at all where it is empty. */
  source?: readonly string[];
  /** Lines of these sources are left out. */
  hide?: readonly string[];
  /** Only lines of these streams. */
  stream?: readonly Stream[];
}

export function isStream(name: string): name is Stream {
  return name === 'stdout' || name === 'stderr';
}

/** Whether a selection may leave out lines. */
export function isSelective({ source, hide, stream }: Selection): boolean {
  return source !== undefined || hide !== undefined || stream !== undefined;
}

/** Decides over lines by their origin. `firstSource` is the source of lines whose origin names none. */
export type Selects = (origin: Origin | PartialOrigin, firstSource: string | undefined) => boolean;

type PartialOrigin = Pick<Origin, 'source' | 'stream'>;

export function selects({ source, hide, stream }: Selection): Selects {
  const shown = source && new Set(source);
  const hidden = new Set(hide);
  return (origin, firstSource) => {
    const name = origin.source ?? firstSource ?? '';
    return (!shown || shown.has(name)) && !hidden.has(name) && (!stream || stream.includes(origin.stream ?? 'stdout'));
  };
}

/** A selection as it stands in a query, `source=a.log&source=b.log&stream=stderr`; empty where it selects all. */
export function selectionText({ source, hide, stream }: Selection): string {
  const pairs = [...listText('source', source), ...listText('hide', hide), ...listText('stream', stream)];
  return pairs.join('&');
}

/** The selection that a query asks for; a `stream` that is none is among its streams all the same. */
export function parseSelection(search: string): Selection {
  const [source, hide, stream] = ['source', 'hide', 'stream'].map((name) => listIn(search, name));
  return defined({ source, hide, stream: stream as Stream[] | undefined });
}

function listText(name: string, values: readonly string[] | undefined): string[] {
  if (values?.length === 0) return [`${name}=`];
  return (values ?? []).map((value) => `${name}=${encodeURIComponent(value)}`);
}

/**
 * Repeated, or separated by commas: a comma that belongs to a name comes as `%2C`, so it is looked for before decoding.
 */
function listIn(search: string, name: string): string[] | undefined {
  const values: string[] = [];
  let isGiven = false;
  for (const pair of search.replace(/^\?/, '').split('&')) {
    const equals = pair.indexOf('=');
    const key = equals === -1 ? pair : pair.slice(0, equals);
    if (decoded(key) !== name) continue;
    isGiven = true;
    if (equals !== -1 && equals + 1 < pair.length)
      values.push(
        ...pair
          .slice(equals + 1)
          .split(',')
          .map(decoded),
      );
  }
  return isGiven ? values : undefined;
}

/** As forms encode it, and never failing. */
function decoded(text: string): string {
  return new URLSearchParams(`x=${text}`).get('x') ?? '';
}
