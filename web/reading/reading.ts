import { visibleText } from '../../agent/text/escapes/strip.ts';
import type { Filter, Level } from '../lines/filter.ts';
import type { Line, LineStore } from '../lines/line-store.ts';
import type { Dressing } from '../list/dressing.ts';
import type { List } from '../list/list.ts';
import { closestTo } from '../text/element.ts';
import type { TimeStyle } from '../text/times.ts';
import { choiceIn, type ReadingChoice, searchWithChoice } from './choice.ts';
import { createColumnHeads } from './column-heads.ts';
import { createFileLinks } from './file-links.ts';
import { highlighting } from './highlights.ts';
import { levelAt, showLevel, statedLevel } from './level-column.ts';
import { ownTimes } from './line-times.ts';
import { localTimes } from './local-times.ts';
import { pauseBefore, showPause } from './pauses.ts';
import { markStamp } from './stamp.ts';
import { createStructured } from './structured.ts';

/** What rows show besides their text; loaded after the first lines. */
export interface Reading {
  /** When a line is from, as the reader wants it, in milliseconds since the epoch; 0 where that is not known. */
  timeOf(line: Line, id: number): number;
  /** The reader changed a setting. */
  lookChanged(): void;
  choose(choice: Partial<ReadingChoice>): void;
  /** The address is another one. */
  followAddress(): void;
  /** Another log is shown. */
  startOver(): void;
}

export interface ReadingLook {
  /** Whether each line's level is shown. */
  levels: boolean;
  /** Whether lines of JSON and logfmt are shown as fields. */
  fields: 'auto' | 'off';
  times: boolean;
  timeStyle: TimeStyle;
  /** The time that lines say they are from, where they do; or when they arrived. */
  timeFrom: 'line' | 'arrival';
  /** Seconds without a line that are shown; 0: none are. */
  pauses: number;
}

export interface ReadingOptions {
  list: List;
  store: LineStore;
  look(): ReadingLook;
  filter(): Filter;
  /** The time zone that the log is written in; undefined where that is not known. */
  zone(): string | undefined;
  choose(filter: Filter): void;
  /** The choice is this from now on. */
  chosen(choice: ReadingChoice): void;
  /** Replaces the query of the page's address. */
  setSearch(search: string): void;
}

export function createReading({ list, store, look, filter, zone, choose, chosen, setSearch }: ReadingOptions): Reading {
  let choice = choiceIn(location.search);
  let highlight = highlighting(choice.highlights);
  const local = localTimes(zone);
  const ownTimeOf = ownTimes(store, local);
  const nameColumns = createColumnHeads(list);
  const fileLinks = createFileLinks(document.documentElement.dataset);
  const structured = createStructured({
    rows: list.rows,
    columns: () => choice.columns,
    filter,
    local,
    choose,
    addLinks: (text) => fileLinks?.add(text),
    highlight: (fields) => highlight(fields),
    toggleColumn,
    changed() {
      list.stay();
      list.measure();
    },
  });

  function dressing(): Dressing {
    const { fields, timeStyle, pauses, levels } = look();
    // What shows keeps its height: its place is counted from the edge of a row.
    let hasPauses = list.rows.querySelector('.pause') !== null;
    const pauseOf = (id: number) => pauseBefore(store, id, { leastMs: pauses * 1000, timeStyle }, timeOf);
    return {
      get isUneven() {
        return structured.hasOpen || hasPauses;
      },
      extraRows: (id) => (pauseOf(id) === undefined ? 0 : 1),
      stateOf(id) {
        const pause = pauseOf(id);
        // Until there is one, all rows are known to be equally high.
        if (pause !== undefined && !hasPauses) {
          hasPauses = true;
          list.measure();
        }
        return `${pause} ${structured.isOpen(id)}`;
      },
      dressText,
      dressRow(row) {
        showPause(row.element, pauseOf(row.id));
        showLevel(row.element, levels ? (levelOf(row.line) ?? 'none') : undefined);
        if (fields === 'auto') structured.show(row, timeStyle);
      },
    };
  }

  function timeOf(line: Line, id: number): number {
    const { times, timeFrom } = look();
    // While none shows, pauses are those of the output: of old lines that came at once, nobody waited for any.
    return times && timeFrom === 'line' ? ownTimeOf(line, id) : line.origin.time;
  }

  function levelOf(line: Line): Level | undefined {
    return structured.levelIn(line) ?? statedLevel(visibleText(line.text));
  }

  list.rows.addEventListener('click', ({ target }) => {
    const level = levelAt(closestTo(target, '.level-cell'));
    if (level) choose({ ...filter(), level: [level] });
  });

  function dressText(text: HTMLElement): void {
    markStamp(text, look());
    fileLinks?.add(text);
    highlight(text);
  }

  function toggleColumn(key: string): void {
    const { columns } = choice;
    setChoice({ columns: columns.includes(key) ? columns.filter((one) => one !== key) : [...columns, key] });
  }

  function setChoice(change: Partial<ReadingChoice>): void {
    choice = { ...choice, ...change };
    highlight = highlighting(choice.highlights);
    setSearch(searchWithChoice(location.search, choice));
    show();
  }

  function show(): void {
    nameColumns(choice.columns);
    chosen(choice);
    list.dress(dressing());
  }

  show();

  return {
    timeOf,
    lookChanged: () => list.dress(dressing()),
    choose: setChoice,
    followAddress: () => setChoice(choiceIn(location.search)),
    startOver: structured.clear,
  };
}
