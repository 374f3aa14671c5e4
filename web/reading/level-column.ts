import { type Level, levelNamed } from '../../agent/text/level-names.ts';
import { label } from '../list/row.ts';

/**
 * What most loggers print at the beginning of a line. Errors and warnings that the agent finds by other conventions are
 * marked in their rows; the style sheet shows those as well.
 */
const stated =
  /^(?:[[(]?\d[\d/T:.,+Z -]{5,40}[\])]?[\s|-]*)?(?:\[\s*(\w{1,11})\s*\]|<(\w{1,11})>|([A-Z]{3,9})(?=[\s:|\]]|$)|(\w{3,9}):\s)/;
const field = /(?:^|\s)(?:level|lvl|severity)="?(\w+)/i;
const inCapitals = /[\s[|-](FATAL|CRITICAL|ERROR|WARN(?:ING)?|NOTICE|INFO|DEBUG|TRACE)[\s\]|:-]/;
const headLength = 100;

/** The level that a line of plain text says it has. */
export function statedLevel(visible: string): Level | undefined {
  const head = visible.slice(0, headLength);
  for (const convention of [stated, field, inCapitals]) {
    const name = convention.exec(head)?.slice(1).find(Boolean);
    const level = name && levelNamed(name);
    if (level) return level;
  }
  return undefined;
}

/** A row's level in a column of its own: `.row > .level-cell[data-level]`, after its number, source and time. */
export function showLevel(row: HTMLElement, level: Level | 'none' | undefined): void {
  row.querySelector('.level-cell')?.remove();
  if (level === undefined) return;
  const cell = label('level-cell', '');
  cell.dataset.level = level === 'none' ? '' : level;
  const before = ['.time', '.source', '.number'].map((part) => row.querySelector(part)).find(Boolean);
  before?.after(cell);
}

/** The level that a cell of the column stands for. */
export function levelAt(cell: HTMLElement | null): Level | undefined {
  const row = cell?.closest('.row')?.classList;
  if (row?.contains('error')) return 'error';
  return row?.contains('warn') ? 'warn' : (cell?.dataset.level as Level) || undefined;
}
