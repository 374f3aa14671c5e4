import { visibleText } from '../../text/escapes/strip.ts';
import { widthOf } from '../../text/row/width.ts';
import { ago, count, sizeText } from '../../words/amounts.ts';
import type { LogKind, LogStatus, LogSummary } from '../../words/log.ts';

export interface TableOptions {
  /** Columns of the terminal; without it lines are as long as they have to be. */
  columns?: number;
  color?: boolean;
  /** Milliseconds since the epoch. */
  now: number;
}

interface Cell {
  text: string;
  /** SGR parameters. */
  color?: string;
}

interface Column {
  title: string;
  align: 'left' | 'right';
  cell(log: LogSummary, now: number): Cell;
}

/** The name stands last: it is the one that may be cut, and may hold spaces. */
const columns: readonly Column[] = [
  { title: 'ID', align: 'left', cell: ({ id }) => ({ text: id }) },
  { title: 'STATE', align: 'left', cell: stateCell },
  { title: 'STARTED', align: 'right', cell: ({ createdAt }, now) => ({ text: ago(now - createdAt) }) },
  { title: 'LINES', align: 'right', cell: ({ first, last }) => ({ text: count(last - first + 1) }) },
  { title: 'SIZE', align: 'right', cell: ({ size }) => ({ text: sizeText(size) }) },
  { title: 'NAME', align: 'left', cell: ({ name, title }) => ({ text: plain(title ?? name) }) },
];

/** Where there is no room they go, in this order; id and state stay. */
const dispensable = ['NAME', 'SIZE', 'LINES', 'STARTED'];
const gap = '  ';
/** Less of a name tells nothing. */
const shortestName = 8;

/** The logs as an aligned table with a header, one line each, in the given order. */
export function logTable(logs: readonly LogSummary[], { columns: room, color = false, now }: TableOptions): string {
  const shown = columnsThatFit(logs, room ?? Number.POSITIVE_INFINITY, now);
  const widths = shown.map((column) => widthOfColumn(column, logs, now));
  const rows = [
    shown.map(({ title }): Cell => ({ text: title, color: '2' })),
    ...logs.map((log) => shown.map((column) => column.cell(log, now))),
  ];
  return rows.map((cells) => `${line(cells, shown, widths, room, color)}\n`).join('');
}

function columnsThatFit(logs: readonly LogSummary[], room: number, now: number): Column[] {
  let shown = [...columns];
  for (const title of dispensable) {
    const widths = shown.map((column) => {
      const width = widthOfColumn(column, logs, now);
      return column.title === 'NAME' ? Math.min(width, shortestName) : width;
    });
    const total = widths.reduce((sum, width) => sum + width, 0) + gap.length * (shown.length - 1);
    if (total <= room) break;
    shown = shown.filter((column) => column.title !== title);
  }
  return shown;
}

function widthOfColumn({ title, cell }: Column, logs: readonly LogSummary[], now: number): number {
  return logs.reduce((widest, log) => Math.max(widest, widthOfText(cell(log, now).text)), title.length);
}

function line(
  cells: Cell[],
  shown: Column[],
  widths: number[],
  room = Number.POSITIVE_INFINITY,
  color: boolean,
): string {
  let left = room;
  return cells
    .map(({ text, color: sgr }, i) => {
      const isLast = i === cells.length - 1;
      const fitting = cut(text, left);
      const width = widthOfText(fitting);
      left -= Math.max(width, widths[i] as number) + gap.length;
      const padding = ' '.repeat(Math.max(0, (widths[i] as number) - width));
      const painted = color && sgr !== undefined ? `\x1b[${sgr}m${fitting}\x1b[0m` : fitting;
      if (shown[i]?.align === 'right') return padding + painted;
      return isLast ? painted : painted + padding;
    })
    .join(gap);
}

/** A log's state in a word or two: `running`, `exit 1`, `SIGKILL`, `ended` (standard input), `stopped`. */
function stateText(kind: LogKind, status: LogStatus): string {
  if (status.state !== 'exited') return status.state;
  if (status.signal !== null) return status.signal;
  return kind === 'stdin' || status.code === null ? 'ended' : `exit ${status.code}`;
}

function stateCell({ kind, status, unread }: LogSummary): Cell {
  if (unread !== undefined) return { text: 'unreadable', color: '31' };
  const text = stateText(kind, status);
  switch (status.state) {
    case 'running':
    case 'following':
      return { text, color: '34' };
    case 'exited':
      return { text, color: status.code === 0 ? '32' : '31' };
    case 'waiting':
    case 'stopped':
      return { text };
  }
}

/** A command line may hold line ends and escape sequences. */
function plain(name: string): string {
  return visibleText(name.replace(/\s+/g, ' '));
}

function widthOfText(text: string): number {
  let width = 0;
  for (const character of text) width += widthOf(character.codePointAt(0) as number);
  return width;
}

/** At most so many columns of a text, with an ellipsis where it was cut. */
function cut(text: string, room: number): string {
  if (widthOfText(text) <= room) return text;
  let kept = '';
  let left = room - 1;
  for (const character of text) {
    left -= widthOf(character.codePointAt(0) as number);
    if (left < 0) break;
    kept += character;
  }
  return room < 1 ? '' : `${kept}…`;
}
