import { wholeExtent } from '../../agent/text/drawing/row-html.ts';
import { visibleText } from '../../agent/text/escapes/strip.ts';
import type { LocalTime } from '../../agent/text/time/timestamp.ts';
import type { Filter, Level } from '../lines/filter.ts';
import type { Line } from '../lines/line-store.ts';
import type { DressedRow } from '../list/dressing.ts';
import { drawLine } from '../text/ansi.ts';
import { type Field, fieldsOf, type LineFields } from '../text/json-line.ts';
import { columnTime, type TimeStyle } from '../text/times.ts';
import { drawDetails, drawFields, type FieldsLook, markFields } from './fields.ts';

/** Lines of JSON and logfmt, shown as their fields. */
export interface Structured {
  isOpen(id: number): boolean;
  readonly hasOpen: boolean;
  /** The level that a line's fields say; undefined where it has none. */
  levelIn(line: Line): Level | undefined;
  /** Shows a row's fields, where its line has any. */
  show(row: DressedRow, style: TimeStyle): void;
  clear(): void;
}

export interface StructuredOptions {
  rows: HTMLElement;
  columns(): readonly string[];
  filter(): Filter;
  local(): LocalTime | undefined;
  choose(filter: Filter): void;
  /** Adds to a message what the text of lines has added. */
  addLinks(text: HTMLElement): void;
  highlight(fields: HTMLElement): void;
  /** Shows a key as a column, or no longer. */
  toggleColumn(key: string): void;
  /** A row was opened or closed. */
  changed(): void;
}

const longMessage = { characters: 4000, runs: 500 };

export function createStructured(options: StructuredOptions): Structured {
  const known = new WeakMap<Line, LineFields | 'none'>();
  const shown = new WeakMap<Element, LineFields>();
  const open = new Set<number>();

  function fieldsIn(line: Line): LineFields | undefined {
    let fields = known.get(line);
    if (fields === undefined) {
      fields = (line.origin.kind !== 'notice' && fieldsOf(visibleText(line.text), options.local())) || 'none';
      known.set(line, fields);
    }
    return fields === 'none' ? undefined : fields;
  }

  options.rows.addEventListener('click', (event) => {
    const target = event.target instanceof Element ? event.target : undefined;
    const row = target?.closest<HTMLElement>('.row[data-fields]');
    const fields = row && shown.get(row);
    if (!target || !row || !fields) return;
    if (target.closest('.unfold')) return toggle(Number(row.dataset.id));
    if (!(document.getSelection()?.isCollapsed ?? true)) return;
    const level = target.closest('.level-name') && fields.level?.kind;
    if (level) return options.choose({ ...options.filter(), level: [level] });
    const action = target.closest<HTMLElement>('.field-action');
    if (action) return act(action.dataset.do, fields.fields[Number(action.dataset.field)]);
    const key = target.closest('.value')?.closest<HTMLElement>('[data-key]')?.dataset.key;
    act(
      'only',
      fields.fields.find((field) => field.key === key),
    );
  });

  function act(what: string | undefined, field: Field | undefined): void {
    if (!field) return;
    if (what === 'column') options.toggleColumn(field.key);
    else options.choose(withField(options.filter(), what === 'without' ? 'lacks' : 'has', field));
  }

  function toggle(id: number): void {
    if (!open.delete(id)) open.add(id);
    options.changed();
  }

  return {
    isOpen: (id) => open.has(id),
    levelIn: (line) => fieldsIn(line)?.level?.kind,
    get hasOpen() {
      return open.size > 0;
    },
    show({ id, element, text, line, highlighter, currentMark }, style) {
      element.querySelector('.fields')?.remove();
      const fields = fieldsIn(line);
      const look = lookOf(options, open.has(id), style);
      const root = fields && drawFields(fields, look);
      const isSeen = !highlighter || !root || markFields(root, highlighter, currentMark);
      // Where the search is at is seen, if need be in the line as it came.
      const isShown = fields !== undefined && (isSeen || currentMark === undefined);
      text.ariaHidden = null;
      if (!isShown || !root) {
        delete element.dataset.fields;
        return;
      }
      text.ariaHidden = 'true';
      element.dataset.fields = open.has(id) ? 'open' : 'closed';
      shown.set(element, fields);
      options.highlight(root);
      if (open.has(id)) root.append(drawDetails(fields, line.text, look));
      text.after(root);
    },
    clear: () => open.clear(),
  };
}

function lookOf({ columns, addLinks }: StructuredOptions, isOpen: boolean, style: TimeStyle): FieldsLook {
  return {
    isOpen,
    columns: columns(),
    timeOf: (at) => columnTime(style === 'utc' ? 'utc' : 'local', at, undefined, undefined),
    draw(element, text) {
      drawLine(element, text, isOpen ? wholeExtent : longMessage);
      addLinks(element);
    },
  };
}

/** Of the lines that the other filters let through, those that hold this field with this value, or those that don't. */
function withField(filter: Filter, list: 'has' | 'lacks', { inLine }: Field): Filter {
  return { ...filter, [list]: [...new Set([...(filter[list] ?? []), inLine])] };
}
