import type { Outline, OutlineGroup } from '../../../agent/words/finding.ts';
import { decorationWords } from '../../late-words.ts';
import type { IdRange } from '../../lines/id-ranges.ts';
import { type Decorate, type Decoration, type GroupLook, label } from '../../list/row.ts';
import { newButton } from '../../text/element.ts';
import { duration } from '../../text/times.ts';
import { insideOf } from '../outline.ts';
import type { RecordRange } from './records.ts';
import type { Run } from './repeats.ts';

const plain: Decoration = {
  problem: undefined,
  group: undefined,
  repeat: undefined,
  isPart: false,
  block: 1,
  record: undefined,
};

/** What the page knows of a log's parts. */
interface Parts {
  outline: Outline | undefined;
  runs: readonly Run[];
  records: ReadonlyMap<number, RecordRange>;
}

interface Opened {
  isOpen(group: OutlineGroup): boolean;
  isRecordOpen(from: number): boolean;
}

/**
 * What rows show of groups, problems and repeats; those that did not change are the same objects, so that their rows
 * are left alone.
 */
export function decorationsOf(
  { outline, runs, records }: Parts,
  { isOpen, isRecordOpen }: Opened,
  before: ReadonlyMap<number, Decoration>,
): Map<number, Decoration> {
  const decorations = new Map<number, Decoration>();
  const add = (id: number, part: Partial<Decoration>) =>
    decorations.set(id, { ...plain, ...decorations.get(id), ...part });
  for (const { id, level } of outline?.problems ?? []) add(id, { problem: level });
  for (const group of outline?.groups ?? []) {
    const { title, from, ms, level, state } = group;
    add(from, { group: { title, lines: linesOf(insideOf(group)), ms, level, state, isOpen: isOpen(group) } });
  }
  for (const { from, to, period, isPart } of runs) {
    const repeat = (to - from + 1) / period;
    add(from, { repeat, isPart, block: period });
  }
  for (const { from, rest } of records.values()) {
    add(from, { record: { lines: linesOf(rest), isOpen: isRecordOpen(from) } });
  }
  for (const [id, decoration] of decorations) {
    const old = before.get(id);
    if (old && JSON.stringify(old) === JSON.stringify(decoration)) decorations.set(id, old);
  }
  return decorations;
}

function linesOf(parts: readonly IdRange[]): number {
  return parts.reduce((sum, { from, to }) => sum + to - from + 1, 0);
}

export const decorate: Decorate = (row, text, decoration) => {
  showGroup(row, text, decoration?.group);
  showRecord(row, text, decoration);
  showRepeat(row, text, decoration);
};

/** Nobody wants to know of less. */
const shortestMs = 100;

/** A group's first row has a button that folds it, and says what is in it. */
function showGroup(element: HTMLElement, text: HTMLElement, group: GroupLook | undefined): void {
  for (const part of element.querySelectorAll('.fold, .group-facts')) part.remove();
  element.toggleAttribute('data-group', group !== undefined);
  if (!group) return;
  text.before(foldButton(group.title, group.isOpen));
  const facts = label(
    'group-facts',
    decorationWords.groupFacts(
      group.lines,
      group.ms === null || group.ms < shortestMs ? undefined : duration(group.ms),
    ),
  );
  facts.dataset.level = group.state === 'failed' ? 'error' : (group.level ?? '');
  facts.dataset.state = group.state;
  text.after(facts);
}

function foldButton(title: string, isOpen: boolean): HTMLElement {
  const fold = newButton('fold');
  fold.setAttribute('aria-expanded', String(isOpen));
  fold.setAttribute('aria-label', decorationWords.fold(title, isOpen));
  return fold;
}

/** A group that begins with a record folds as a group. */
function showRecord(element: HTMLElement, text: HTMLElement, decoration: Decoration | undefined): void {
  element.querySelector('.record-facts')?.remove();
  const record = decoration?.group ? undefined : decoration?.record;
  element.toggleAttribute('data-record', record !== undefined);
  if (!record) return;
  text.before(foldButton(decorationWords.record, record.isOpen));
  if (!record.isOpen) text.after(label('record-facts', decorationWords.groupFacts(record.lines, undefined)));
}

function showRepeat(element: HTMLElement, text: HTMLElement, decoration: Decoration | undefined): void {
  const { repeat, isPart = false, block = 1 } = decoration ?? {};
  element.querySelector('.repeat')?.remove();
  element.toggleAttribute('data-block', block > 1);
  if (repeat === undefined) {
    element.removeAttribute('data-repeat');
    return;
  }
  element.dataset.repeat = String(repeat);
  const button = newButton('repeat', decorationWords.repeat(repeat, isPart, block));
  if (block > 1) element.dataset.block = String(block);
  button.title = decorationWords.repeatTitle(repeat * block);
  text.after(button);
}
