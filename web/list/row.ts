/*
 * What the list looks like in the DOM. Tests and user styles may rely on it:
 *
 *   #log                       data-first, data-last (ids of the log), data-following="true|false"
 *     .rows                    only rows that show
 *       .row[data-id="42"]     one line of the log
 *         a.number             data-number="42", href="#L42"; no text, so it is never selected or copied
 *         .time                only while times are shown
 *         .source > .tag       only in logs of several sources; the full name is its title
 *         .text                the line's own text and nothing else
 *       .row.stderr            from stderr          .row.notice     said by sse-tail itself
 *       .row.continued         goes on in the next  .row.marked     in the address (#L42)
 *       .row.loading           not here yet         .row.lost       can't be had any more
 *       .row.error, .row.warn  says what is wrong
 *       .row[data-group]       opens a group: button.fold[aria-expanded], .group-facts
 *       .row[data-repeat="n"]  stands for n lines that say the same: button.repeat shows them; of blocks of lines it
 *                              is the first row of the first one, with data-block (how many lines a block has)
 *       .row[data-record]      begins a record, such as a stack trace: button.fold[aria-expanded]
 *       .row.partial           not a line yet: no number, no data-id; data-row is the id that it would have now
 *       .row[data-fields]      JSON or logfmt: .fields shows what .text says (reading/fields.ts)
 */

import { visibleName } from '../../agent/text/drawing/invisible.ts';
import { edgeHtml, rowClasses, rowHtml } from '../../agent/text/drawing/row-html.ts';
import type { DrawLimit } from '../../agent/text/drawing/runs.ts';
import type { Origin } from '../../agent/words/line.ts';
import type { Line } from '../lines/line-store.ts';
import type { SourceTag } from '../lines/sources.ts';
import { drawLine } from '../text/ansi.ts';
import { newButton, newElement } from '../text/element.ts';
import type { Highlighter } from '../text/pattern.ts';
import { fullTime } from '../text/times.ts';
import { trustedHtml } from '../text/trusted-types.ts';
import { rowWords } from '../words.ts';
import type { Dressing } from './dressing.ts';

/** What is said of a line beside its text. */
export interface Decoration {
  /** It says what is wrong. */
  problem: 'error' | 'warn' | undefined;
  /** It opens a group of lines. */
  group: GroupLook | undefined;
  /** How many lines it stands for, where those after it say the same. */
  repeat: number | undefined;
  /** It stands for some of them only. */
  isPart: boolean;
  /** How many lines a block has that is repeated. */
  block: number;
  /** It is the first line of a record. */
  record: { lines: number; isOpen: boolean } | undefined;
}

/** Makes a row show its decoration, instead of the one that it had. */
export type Decorate = (row: HTMLElement, text: HTMLElement, decoration: Decoration | undefined) => void;

export interface GroupLook {
  title: string;
  /** How many lines it has besides this one. */
  lines: number;
  ms: number | null;
  level: 'error' | 'warn' | null;
  state: 'running' | 'done' | 'failed';
  isOpen: boolean;
}

/** What of a row can change while it shows. */
export interface RowLook {
  content: Line | 'loading' | 'lost';
  isMarked?: boolean;
  /** Whether the line is a further piece of the one before. */
  isContinuation?: boolean;
  /** The line's time, where that is shown. */
  time: string | undefined;
  /** Of its source, where that is shown. */
  tag: SourceTag | undefined;
  /** What is beyond it is left out until it is asked for: drawing it would hold up the page. */
  extent: DrawLimit;
  /** What is searched for. */
  highlighter: Highlighter | undefined;
  /** Index of the place that the search is at, where that is in this line. */
  currentMark?: number | undefined;
  decoration?: Decoration | undefined;
  decorate?: Decorate | undefined;
  dressing: Dressing | undefined;
  /** What the dressing adds to this row. */
  dressed?: string;
}

export interface Row {
  readonly element: HTMLElement;
  readonly text: HTMLElement;
  /** Makes the element show this; does nothing where it does already. */
  update(look: RowLook): void;
}

const noText = { html: '', edge: undefined };

/** A row for the line of this id; of what is not a line yet, the negative of the id that it would have. */
export function createRow(key: number): Row {
  const id = key > 0 ? key : undefined;
  const element = newElement('div', '');
  element.innerHTML = trustedHtml(rowHtml(id, noText));
  const text = element.lastElementChild as HTMLElement;
  element.dataset[id ? 'id' : 'row'] = String(Math.abs(key));
  let shown: RowLook | undefined;

  return {
    element,
    text,
    update(look) {
      if (shown && sameLook(shown, look)) return;
      element.className = classOf(look, id === undefined);
      const isTextAnew = !shown || !sameDrawing(shown, look);
      if (isTextAnew) showText(text, look);
      showOrigin(element, look);
      if (shown?.decoration !== look.decoration) look.decorate?.(element, text, look.decoration);
      if (isTextAnew || shown?.dressed !== look.dressed) dressRow(id, element, text, look);
      shown = look;
    },
  };
}

function sameLook(a: RowLook, b: RowLook): boolean {
  return (
    sameContent(a.content, b.content) &&
    a.isMarked === b.isMarked &&
    a.isContinuation === b.isContinuation &&
    a.time === b.time &&
    a.tag === b.tag &&
    a.decoration === b.decoration &&
    a.dressed === b.dressed &&
    sameDrawing(a, b)
  );
}

/** Whether the text would be drawn as it is: drawn again, it would lose the reader's selection. */
function sameDrawing(a: RowLook, b: RowLook): boolean {
  return (
    textOf(a.content) === textOf(b.content) &&
    a.extent === b.extent &&
    a.highlighter === b.highlighter &&
    a.currentMark === b.currentMark &&
    a.dressing === b.dressing &&
    !a.decoration?.group === !b.decoration?.group
  );
}

type Content = RowLook['content'];

/** An unfinished row comes anew with every event, changed or not. A line is the same object as long as it shows. */
function sameContent(a: Content, b: Content): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function textOf(content: Content): string {
  return (content as Partial<Line>).text ?? '';
}

function originOf(content: Content): Origin | undefined {
  return (content as Partial<Line>).origin;
}

function classOf({ content, isContinuation, isMarked, decoration }: RowLook, isUnfinished: boolean): string {
  return rowClasses(originOf(content), isContinuation, [
    isUnfinished && 'partial',
    isMarked && 'marked',
    decoration?.problem,
    typeof content === 'string' && content,
  ]);
}

function showText(text: HTMLElement, look: RowLook): void {
  const { content, extent, highlighter, currentMark, decoration, dressing } = look;
  for (const after of text.parentElement?.querySelectorAll('.more, .edge') ?? []) after.remove();
  const full = textOf(content);
  const extras = { spansOf: highlighter?.spansOf, current: currentMark, opensGroup: decoration?.group !== undefined };
  const { end, edge } = drawLine(text, full, extent, extras);
  dressing?.dressText(text);
  text.classList.toggle('edged', edge !== undefined);
  text.classList.toggle('cut', end < full.length);
  if (edge !== undefined) text.insertAdjacentHTML('afterend', trustedHtml(edgeHtml(edge)));
  if (end < full.length) text.after(newButton('more', rowWords.more(full.length - end)));
}

function dressRow(id: number | undefined, element: HTMLElement, text: HTMLElement, look: RowLook): void {
  const { content: line, dressing, highlighter, currentMark } = look;
  if (id !== undefined && typeof line !== 'string')
    dressing?.dressRow({ id, element, text, line, highlighter, currentMark });
}

function showOrigin(element: HTMLElement, look: RowLook): void {
  const origin = originOf(look.content);
  const number = element.firstElementChild as HTMLElement;
  number.title = origin ? describe(origin) : '';
  element.querySelector('.time')?.remove();
  element.querySelector('.source')?.remove();
  if (look.tag) number.after(sourceLabel(look.tag));
  if (look.time !== undefined) number.after(label('time', look.time));
}

/** An element around a text that is not the line's own. */
export function label(className: string, content: string): HTMLElement {
  return newElement('span', className, content);
}

function sourceLabel(tag: SourceTag): HTMLElement {
  const element = label('source', '');
  element.append(label('tag', tag.label));
  element.title = tag.name;
  element.style.setProperty('--hue', String(tag.hue));
  return element;
}

function describe(origin: Origin): string {
  const source = origin.source && visibleName(origin.source);
  const parts = [origin.time ? fullTime(origin.time) : undefined, source, origin.stream];
  return parts.filter(Boolean).join(' · ');
}
