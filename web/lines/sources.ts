import { visibleName } from '../../agent/text/drawing/invisible.ts';
import type { LogKind, LogStatus } from '../../agent/words/log.ts';
import type { Selection } from '../../agent/words/selection.ts';
import { sourceWords } from '../words.ts';
import type { Filter } from './filter.ts';

/** How a source is shown beside its lines. */
export interface SourceTag {
  /** Its name, readable. */
  name: string;
  /** The name without the folder that all names have in common, and not longer than a column has room for. */
  label: string;
  /** Degrees on the color wheel: the same for a name wherever it is shown. */
  hue: number;
}

/** A tag for each name. Those that come first keep their colors whatever comes later. */
export function tagsOf(names: readonly string[], mostColumns: number): Map<string, SourceTag> {
  const folder = commonFolder(names);
  const colors = createColors();
  return new Map(
    names.map((name) => {
      const label = shortened(visibleName(name.slice(folder.length)), mostColumns);
      return [name, { name: visibleName(name), label, hue: colors(name) }];
    }),
  );
}

const hueSteps = 12;
/** Has no divisor in common with the steps, so that it leads to all of them; and next ones are far apart. */
const stride = 5;

/**
 * A color depends on the name, unless another source has it already; once all are taken, those between them are next.
 */
function createColors(): (name: string) => number {
  const taken = new Set<number>();
  let count = 0;
  return (name) => {
    const round = Math.floor(count++ / hueSteps);
    if (taken.size === hueSteps) taken.clear();
    let step = hashOf(name) % hueSteps;
    while (taken.has(step)) step = (step + stride) % hueSteps;
    taken.add(step);
    return (step + (round % 2) / 2) * (360 / hueSteps);
  };
}

/** The folder that all names are in, with its last `/`; empty where there is none. */
export function commonFolder(names: readonly string[]): string {
  const [first = ''] = names;
  let end = first.lastIndexOf('/') + 1;
  for (const name of names) {
    while (end > 0 && !name.startsWith(first.slice(0, end))) end = first.lastIndexOf('/', end - 2) + 1;
  }
  return first.slice(0, end);
}

/** Names that hold the words in what tells them apart: the folder of all is searched only for a path. */
export function namesWith(words: string, names: readonly string[]): string[] {
  const wanted = words.toLowerCase().trim();
  const from = wanted.includes('/') ? 0 : commonFolder(names).length;
  return names.filter((name) => name.slice(from).toLowerCase().includes(wanted));
}

/** Cut in the middle: files differ in their names' ends, and hosts in their beginnings. */
export function shortened(name: string, mostColumns: number): string {
  const characters = [...name];
  if (characters.length <= mostColumns) return name;
  const atEnd = Math.ceil((mostColumns - 1) * 0.6);
  return `${characters.slice(0, mostColumns - 1 - atEnd).join('')}…${characters.slice(-atEnd).join('')}`;
}

/** FNV-1a. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/** Whether lines of the log can be from stdout or stderr: those of a command. */
export function hasStreams(status: (LogStatus & { kind?: LogKind | undefined }) | undefined): boolean {
  return status?.kind === 'command';
}

/** What is shown, in a word or two; undefined where it is everything. */
export function filterSummary(sources: readonly string[], filter: Filter): string | undefined {
  const shown = sources.filter((name) => isShown(filter, name)).length;
  const ofSources = shown === sources.length ? undefined : sourceWords.summary(shown, sources.length);
  const words = [ofSources, filter.stream?.join(', ')].filter(Boolean);
  return words.length > 0 ? words.join(' · ') : undefined;
}

/** Whether lines of a source are shown. */
export function isShown({ source, hide }: Selection, name: string): boolean {
  return (source === undefined || source.includes(name)) && !hide?.includes(name);
}

/**
 * The selection in which these sources are shown, or not, and everything else is as it was. `all` are all sources there
 * are.
 */
export function withSources(
  selection: Selection,
  names: readonly string[],
  areShown: boolean,
  all: readonly string[],
): Selection {
  const { source, hide, ...rest } = selection;
  const changed = new Set(names);
  const shown = all.filter((name) => (changed.has(name) ? areShown : isShown(selection, name)));
  if (shown.length === all.length) return rest;
  // Sources that join later are shown unless the reader has chosen those to be shown.
  const isChoice = source !== undefined || (changed.size === all.length && !areShown);
  if (isChoice) return { ...rest, source: shown };
  const isNowShown = new Set(shown);
  return { ...rest, hide: all.filter((name) => !isNowShown.has(name)) };
}

/** The selection in which of all sources only these are shown. */
export function onlySources({ source: _source, hide: _hide, ...rest }: Selection, names: readonly string[]): Selection {
  return { ...rest, source: names };
}
