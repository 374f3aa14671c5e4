/** The texts of what is loaded after the first lines. */
import { count } from '../agent/words/amounts.ts';
import type { OmittedProblems } from '../agent/words/finding.ts';
import { counted } from './words.ts';

export const bannerWords = {
  outdated: 'sse-tail was updated. Reload the page for the new version.',
  held: 'A proxy buffers the live stream. New lines are fetched once a second; unfinished ones aren’t shown.',
  heldHow: 'How to fix it',
  hiddenMark: (id: number) => `Line ${count(id)} is hidden by the current filter.`,
  noMark: (id: number, first: number, last: number, isOver: boolean) =>
    id < first
      ? `Line ${count(id)} was deleted to save space. The log starts at line ${count(first)}.`
      : `The log has ${counted(last, 'line')}. Line ${count(id)} ${isOver ? 'doesn’t exist' : 'isn’t there yet'}.`,
  newLog: (previous: string) => `A new log has started. The previous one, ${previous}, was kept.`,
  reset: 'The log was reset: the server has fewer lines than this page had. Its lines are shown now.',
  newerLog: (name: string) => `A newer run is live: ${name}.`,
  openPrevious: 'Open it',
  openNewer: 'Open the newer run',
  showAll: 'Show all lines',
};

/** Stops a proxy from holding the live stream back. */
export const proxySettings = [
  ['nginx', 'proxy_buffering off;'],
  ['Apache', 'ProxyPass … flushpackets=on'],
  ['Traefik', 'no “buffering” middleware; “compress” with excludedContentTypes: text/event-stream'],
  ['HAProxy', 'option http-no-delay'],
] as const;

export const copyWords = {
  failed: 'Copy failed: some lines couldn’t be loaded.',
  reading: (lines: number) => `Loading ${counted(lines, 'line')} …`,
  copied: (lines: number) => (lines > 1 ? `${counted(lines, 'line')} copied` : 'Copied'),
  linkCopied: (lines: number) => `Link to ${counted(lines, 'line')} copied`,
  as: { text: 'as plain text', colors: 'with colors', link: 'as a link' },
  ready: (lines: number) => `${counted(lines, 'line')} ready: press Ctrl+C again to copy`,
  tooMany: (lines: number) => `${counted(lines, 'line')} are too many to copy.`,
  download: 'Download them instead',
};

export const settingsWords = {
  wrap: 'Wrap long lines',
  times: 'Times',
  fontSize: 'Text size',
  smaller: 'Smaller text',
  larger: 'Larger text',
  theme: 'Theme',
  themes: { auto: 'auto', light: 'light', dark: 'dark' },
  highContrast: 'High contrast',
  palette: 'Colors',
  palettes: { standard: 'standard', 'color-blind': 'color-blind safe', solarized: 'Solarized', xterm: 'xterm' },
  numbers: 'Line numbers',
  sources: 'Source names',
  levels: 'Levels',
  timeStyle: 'Time format',
  timeStyles: { local: 'local', utc: 'UTC', start: 'since start', previous: 'since previous line' },
  timeFrom: 'Time shown',
  timesFrom: { arrival: 'of arrival', line: 'from the line' },
  density: 'Spacing',
  densities: { normal: 'normal', compact: 'compact', relaxed: 'relaxed' },
  tabWidth: 'Tab width',
  repeats: 'Repeated lines',
  notify: 'Notify me when the log ends',
  notifyText: 'Notify me when a line contains',
  notifyNothing: 'text',
  notifyRefused: 'This browser blocks notifications here.',
  records: 'Stack traces',
  recordChoices: { open: 'show', folded: 'fold' },
  pauses: 'Pauses',
  pauseChoice: (seconds: number) =>
    seconds === 0 ? 'don’t show' : `from ${seconds < 60 ? `${seconds} s` : `${seconds / 60} min`}`,
  fields: 'JSON and logfmt',
  fieldChoices: { auto: 'as fields', off: 'as printed' },
  repeatChoices: { equal: 'fold if equal', numbers: 'fold if only numbers differ', off: 'show all' },
  keys: 'Keyboard shortcuts',
};

/** The page's keys, as the settings menu lists them. */
export const keyWords: readonly (readonly [string, string])[] = [
  ['End, G', 'go to the end and follow'],
  ['Home, g', 'go to the first line'],
  ['Page ↑ ↓, Space', 'scroll by a page'],
  ['↑ ↓, k j', 'scroll by a line'],
  ['/, Ctrl+F', 'search'],
  ['Enter, n', 'next match'],
  ['Shift+Enter, N', 'previous match'],
  ['e, E', 'next and previous error'],
  ['Enter, then ↑ ↓', 'buttons and links in lines'],
  ['o', 'outline'],
  ['t', 'timeline'],
  ['f', 'filter lines'],
  ['c', 'filtered lines or the full log'],
  ['x', 'hide all lines so far'],
  ['l, :', 'go to line'],
  ['Ctrl+K', 'go to another log'],
  ['b', 'list of logs'],
  ['w', 'wrap long lines'],
  ['T', 'show or hide times'],
  ['p', 'pause or resume following'],
  ['z', 'hide or show the header'],
  ['?', 'keyboard shortcuts'],
  ['Esc', 'close'],
];

export const outlineWords = {
  close: 'Close',
  expandAll: 'Expand all',
  collapseAll: 'Collapse all',
  none: 'This log has no groups.',
  reading: 'Reading the log …',
  more: (groups: number) => `${counted(groups, 'more group')}`,
  states: { running: 'running', done: 'done', failed: 'failed' },
};

/** `2 errors`, `1 warning`; what there is none of is left out. */
function problems(errors: number, warnings: number): string[] {
  return [counted(errors, 'error'), counted(warnings, 'warning')].filter((words) => !words.startsWith('0'));
}

export const timelineWords = {
  close: 'Close',
  none: 'No lines',
  bucket: (time: string, lines: number, errors: number, warnings: number) =>
    [time, counted(lines, 'line'), ...problems(errors, warnings)].join(' · '),
  whole: (from: string, to: string, lines: number) => `${from} – ${to} · ${counted(lines, 'line')}`,
  goToTime: 'Go to time',
  placeholder: (isOneDay: boolean) => (isOneDay ? 'hh:mm' : 'yyyy-mm-dd hh:mm'),
};

export const problemWords = {
  line: (id: number) => `line ${count(id)}`,
  omitted: ({ from, to, errors, warnings }: OmittedProblems) =>
    `${problems(errors, warnings).join(' and ')} between lines ${count(from)} and ${count(to)}`,
  more: 'Show more',
  hidden: (number: number) => `${count(number)} hidden by the filter: show all lines`,
  levels: { error: 'error', warn: 'warning' },
};

export const sourceMenuWords = {
  find: (sources: number) => `Find among ${count(sources)} sources`,
  findLabel: 'Find sources',
  showAll: 'Show all',
  hideAll: 'Hide all',
  showThese: 'Show these',
  hideThese: 'Hide these',
  onlyThese: 'Only these',
  none: 'No matching sources.',
  only: 'only',
  onlyLabel: (name: string) => `Only ${name}`,
  output: 'Output',
  both: 'both',
};

export const filterWords = {
  kind: 'Kind of filter',
  kinds: { q: 'contains', regex: 'matches', not: 'does not contain', highlight: 'highlight' },
  text: 'Text to filter by',
  placeholder: 'Filter lines',
  add: 'Add filter',
  levels: 'Levels',
  remove: (words: string) => `Remove filter: ${words}`,
  contains: (text: string) => `contains “${text}”`,
  lacks: (text: string) => `without “${text}”`,
  column: (key: string) => `column ${key}`,
  highlight: (text: string) => `highlight “${text}”`,
  recolor: (text: string) => `Change the color of “${text}”`,
  regex: 'regex',
  case: 'match case',
  word: 'whole words',
  since: (time: string) => `since ${time}`,
  until: (time: string) => `until ${time}`,
  from: (id: number) => `from line ${count(id)}`,
  origins: (kind: 'source' | 'hide' | 'stream', values: readonly string[]) => {
    const what = values.length > 2 ? counted(values.length, 'source') : values.join(', ');
    return kind === 'hide' ? `without ${what}` : `only ${what}`;
  },
  context: 'Context',
  record: 'whole record',
  inLog: 'Show in full log',
  inLogTitle: 'Show it in the full log (c)',
  back: 'Back to filtered lines',
  clear: 'Clear filters',
  clearLines: 'Hide lines so far',
  close: 'Close',
};

export const searchWords = {
  label: 'Search the whole log',
  placeholder: 'Search',
  number: (number: number, all: number, isLeast: boolean) => `${count(number)} of ${count(all)}${isLeast ? '+' : ''}`,
  none: 'No matches',
  searching: 'Searching …',
  found: (all: number) => counted(all, 'match').replace(/hs$/, 'hes'),
  searched: (share: number) => `searching, ${Math.floor(share * 100)}% done`,
  asPrinted: 'Lines are searched as printed: with times, quotes and escapes.',
  filtered: 'Hidden lines were not searched.',
  failed: 'Search failed',
  case: 'Match case',
  word: 'Whole words',
  regex: 'Regular expression',
  previous: 'Previous match (Shift+Enter)',
  next: 'Next match (Enter)',
  close: 'Close (Esc)',
  onlyMatching: 'Show only matching lines',
};

export const decorationWords = {
  repeat: (times: number, isPart: boolean, lines: number) =>
    `× ${count(times)}${isPart ? '+' : ''}${lines > 1 ? ` (${lines} lines)` : ''}`,
  record: 'details',
  repeatTitle: (lines: number) => `Show all ${count(lines)} lines`,
  fold: (title: string, isOpen: boolean) => `${isOpen ? 'Collapse' : 'Expand'} ${title}`,
  groupFacts: (lines: number, time: string | undefined) => [counted(lines, 'line'), time].filter(Boolean).join(' · '),
};

export const pauseWords = {
  pause: (time: string) => `${time} without output`,
};

export const fieldWords = {
  unfold: (isOpen: boolean) => (isOpen ? 'Hide fields' : 'Show all fields'),
  only: (key: string) => `Only lines with this ${key}`,
  without: (key: string) => `Hide lines with this ${key}`,
  column: (key: string, isColumn: boolean) => (isColumn ? `Remove the ${key} column` : `Show ${key} as a column`),
  original: 'original',
};

export const severalWords = {
  title: 'Logs',
  all: 'All logs',
  close: 'Close',
  more: (logs: number) => `${counted(logs, 'more log')}`,
  unread: (lines: number) => counted(lines, 'new line'),
  runs: 'Other runs',
  previous: 'Previous run',
  newest: 'Newest run',
  old: 'Not the newest run.',
  switch: 'Go to log',
  switchKeys: 'Enter: open · Shift+Enter: side by side',
  beside: 'Side by side',
  besideLabel: (name: string) => `${name}, side by side`,
  closeSide: 'Close this side',
  none: 'No other matching logs.',
  noOthers: 'No other logs are kept here.',
};

export const agentLinkWords = {
  allLogs: 'All logs',
  allLogsTitle: 'All logs on this machine',
  raw: 'Plain text',
  rawTitle: (isFiltered: boolean) => `${isFiltered ? 'The lines shown' : 'The log'} as plain text`,
  download: 'Download',
};

export const downloadWords = {
  which: 'Lines',
  shown: 'shown',
  all: 'all',
  kinds: {
    html: ['Web page', 'opens offline, with search and groups'],
    raw: ['Text with colors', 'as printed'],
    stripped: ['Plain text', 'without colors'],
    ndjson: ['JSON lines', 'with times and levels'],
    csv: ['CSV', 'for spreadsheets'],
  },
} as const;

export const snapshotWords = {
  part: (filter: readonly (readonly [name: string, value: string])[]) =>
    `Only lines that match ${filter.map((pair) => pair.join('=')).join(' ')} were exported.`,
  wasLive: 'This log was still being written when it was exported.',
  gone: (last: number) =>
    `${last === 1 ? 'Line 1 was' : `Lines 1 to ${count(last)} were`} deleted to save space before the export.`,
  incomplete: (last: number, of: number) =>
    `This file is incomplete: it ends after line ${count(last)} of ${count(of)}. Export or download it again.`,
  broken: 'This file is damaged, so its log can’t be shown. Export or download it again.',
  oldBrowser:
    'This browser is too old to unpack the log: it needs DecompressionStream (Chrome 80, Firefox 113, Safari 16.4).',
};
