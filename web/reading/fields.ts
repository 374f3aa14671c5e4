/*
 * A line of JSON or logfmt as its fields, beside its own text. Tests and user styles may rely on it:
 *
 *   .row[data-fields="closed|open"]
 *     .fields
 *       button.unfold                aria-expanded
 *       .prefix  .level-name[data-level]  .line-time  .column[data-key]  .message
 *       .field[data-key]             .key, .value; a click on the value shows only lines with it
 *       table.details                only while open: one row for each field, button[data-do="only|without|column"]
 */

import { visibleName as visible } from '../../agent/text/drawing/invisible.ts';
import { fieldWords } from '../late-words.ts';
import { label } from '../list/row.ts';
import { newButton, newElement } from '../text/element.ts';
import type { Field, LineFields } from '../text/json-line.ts';
import { markSpans } from '../text/marks.ts';
import type { Highlighter } from '../text/pattern.ts';

export interface FieldsLook {
  isOpen: boolean;
  /** Keys that are shown before the message, each at the same place in every row. */
  columns: readonly string[];
  timeOf(at: number): string;
  /** Draws text that may hold colors and links. */
  draw(element: HTMLElement, text: string): void;
}

/** What is longer is cut: the row's button shows all of it. */
const longestValue = 120;
const mostCharacters = 1500;

export function drawFields(line: LineFields, look: FieldsLook): HTMLElement {
  const { isOpen, columns } = look;
  const root = label('fields', '');
  const unfold = button('unfold', fieldWords.unfold(isOpen));
  unfold.setAttribute('aria-expanded', String(isOpen));
  root.append(unfold);
  if (line.prefix) add(root, label('prefix', visible(line.prefix)));
  if (line.level) add(root, levelOf(line.level));
  if (line.time) add(root, timeOf(line.time, look));
  for (const key of columns) add(root, columnOf(key, line.fields));
  if (line.message !== undefined) add(root, messageOf(line.message, look));
  let room = mostCharacters;
  for (const field of line.fields) {
    if (columns.includes(field.key)) continue;
    room -= field.key.length + Math.min(field.value.length, longestValue);
    if (room < 0) break;
    add(root, fieldOf(field));
  }
  if (room < 0) add(root, label('cut', '…'));
  return root;
}

/** Every field with all of its text, and what can be done with it; at last the line as it came. */
export function drawDetails(line: LineFields, original: string, { columns, draw }: FieldsLook): HTMLElement {
  // A stack trace keeps its lines.
  const drawn = (className: string, text: string) => {
    const cell = newElement('td', className);
    for (const part of text.split('\n')) {
      const row = newElement('div', '');
      draw(row, part);
      cell.append(row);
    }
    return cell;
  };
  const table = newElement('table', 'details');
  for (const [at, field] of line.fields.entries()) {
    const row = table.insertRow();
    const isColumn = columns.includes(field.key);
    const buttons = newElement('td', 'details-buttons');
    buttons.append(
      action('only', at, '=', fieldWords.only(field.key)),
      action('without', at, '≠', fieldWords.without(field.key)),
      action('column', at, '▥', fieldWords.column(field.key, isColumn), isColumn),
    );
    row.append(buttons, newElement('th', 'field-name', visible(field.key)), drawn('value-text', field.value));
  }
  const last = table.insertRow();
  last.insertCell();
  last.append(newElement('th', 'field-name', fieldWords.original), drawn('original', original));
  return table;
}

/** Marks what is searched for; says whether any of it shows. */
export function markFields(root: HTMLElement, highlighter: Highlighter, current: number | undefined): boolean {
  const spans = highlighter.spansOf(root.textContent);
  markSpans(root, spans, current === undefined ? undefined : Math.min(current, spans.length - 1));
  return spans.length > 0;
}

function levelOf({ name, kind }: NonNullable<LineFields['level']>): HTMLElement {
  const element = label('level-name', visible(name).toUpperCase().slice(0, 5).padEnd(5));
  element.dataset.level = kind ?? '';
  element.title = visible(name);
  return element;
}

function timeOf({ text, at }: NonNullable<LineFields['time']>, look: FieldsLook): HTMLElement {
  const element = label('line-time', at === undefined ? visible(text) : look.timeOf(at));
  element.title = visible(text);
  return element;
}

function columnOf(key: string, fields: readonly Field[]): HTMLElement {
  const at = fields.findIndex((field) => field.key === key);
  const field = fields[at];
  const column = label('column', '');
  column.dataset.key = key;
  column.title = `${visible(key)}=${visible(field?.value ?? '')}`;
  if (field) column.append(...pairOf(field));
  return column;
}

function messageOf(message: string, look: FieldsLook): HTMLElement {
  const element = label('message', '');
  look.draw(element, message);
  return element;
}

function fieldOf(field: Field): HTMLElement {
  const element = label('field', '');
  element.dataset.key = field.key;
  element.append(...pairOf(field));
  return element;
}

function pairOf({ key, value }: Field): HTMLElement[] {
  const cut = value.length > longestValue ? `${value.slice(0, longestValue)}…` : value;
  const text = cut === '' || /^[^[{].*\s/s.test(cut) ? JSON.stringify(cut) : cut;
  const shown = label('value', visible(text));
  shown.title = fieldWords.only(key);
  return [label('key', `${visible(key)}=`), shown];
}

function add(root: HTMLElement, element: HTMLElement): void {
  root.append(element, ' ');
}

function button(className: string, label: string): HTMLButtonElement {
  const element = newButton(className);
  element.title = label;
  element.setAttribute('aria-label', label);
  return element;
}

function action(what: string, at: number, sign: string, label: string, isPressed?: boolean): HTMLButtonElement {
  const element = button('field-action', label);
  element.dataset.do = what;
  element.dataset.field = String(at);
  element.textContent = sign;
  if (isPressed !== undefined) element.setAttribute('aria-pressed', String(isPressed));
  return element;
}
