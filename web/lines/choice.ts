import type { Origin } from '../../agent/words/line.ts';
import { selects } from '../../agent/words/selection.ts';
import { type Filter, isFiltering, queryText } from './filter.ts';
import { type SourceTag, tagsOf } from './sources.ts';

/** The sources of the log that is shown, and which of them the reader wants to see. */
export interface Choice {
  readonly sources: readonly string[];
  readonly filter: Filter;
  /** Whether lines are left out. */
  readonly isSelective: boolean;
  /**
   * The filter as part of a request for some range of lines; empty where it selects all, and where it would be too
   * long for a request: then all lines come and the page alone leaves some out.
   */
  readonly query: string;
  /** Characters of the longest source's label; 0 where there is one source, which is not shown. */
  readonly columns: number;
  isShown(origin: Origin): boolean;
  tagOf(origin: Origin): SourceTag | undefined;
  choose(filter: Filter): void;
  /** Takes the names of another log's sources. */
  setSources(names: readonly string[]): void;
  /** Returns whether there is a new one among these. */
  addSources(names: readonly string[]): boolean;
}

/**
 * @param mostColumns characters that there is room for beside each line
 * @param isPart lines are left out whatever the filter
 */
export function createChoice(initial: Filter, mostColumns: () => number, isPart = false): Choice {
  let sources: readonly string[] = [];
  let known = new Set<string>();
  let filter = initial;
  let isSelected = selects(initial);
  let tags = new Map<string, SourceTag>();
  let columns = 0;

  function setSources(names: readonly string[]): void {
    sources = names;
    known = new Set(names);
    tags = tagsOf(names, mostColumns());
    columns = 0;
    if (names.length > 1) for (const { label } of tags.values()) columns = Math.max(columns, [...label].length);
  }

  return {
    get sources() {
      return sources;
    },
    get filter() {
      return filter;
    },
    get isSelective() {
      return isPart || isFiltering(filter);
    },
    get query() {
      const { from: _from, ...rest } = filter;
      return queryText(rest);
    },
    get columns() {
      return columns;
    },
    isShown: (origin) => isSelected(origin, sources[0]),
    tagOf({ source, kind }) {
      // What sse-tail says without naming a source is about the log as a whole.
      const name = source ?? (kind === 'notice' ? undefined : sources[0]);
      return name === undefined ? undefined : tags.get(name);
    },
    choose(next) {
      filter = next;
      isSelected = selects(next);
    },
    setSources,
    addSources(names) {
      const added = names.filter((name) => !known.has(name));
      if (added.length > 0) setSources([...sources, ...new Set(added)]);
      return added.length > 0;
    },
  };
}
