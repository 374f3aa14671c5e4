/** The texts of the page's first scripts; late-words.ts has those of what loads later. */
import { count } from '../agent/words/amounts.ts';
import type { LogKind, LogStatus } from '../agent/words/log.ts';

/** `1 line`, `1,204 lines` */
export function counted(amount: number, noun: string): string {
  return `${count(amount)} ${noun}${amount === 1 ? '' : 's'}`;
}

export const listWords = {
  lines: 'Log lines',
  scrollbar: 'Position in the log',
};

export const rowWords = {
  more: (characters: number) => `show all (${counted(characters, 'more character')})`,
};

export const printWords = {
  note: (lines: number, url: string) =>
    `This printout shows only the lines that were on screen. The whole log (${counted(lines, 'line')}) as text: ${url}`,
};

export const stateWords = {
  following: 'following',
  waiting: 'waiting for the file',
  stopped: 'stopped',
  ended: 'ended',
  running: (time: string) => `running · ${time}`,
  /** While the agent can't be heard. */
  was: (state: string) => `was ${state}`,
  exited: (how: string, time: string) => `${how} · ${time}`,
  exitCode: (code: number) => `exit ${code}`,
};

export const headerWords = {
  tools: 'Log',
  side: 'List of logs',
  olderGone: (first: number, last: number) =>
    `lines ${count(first)} to ${count(last)}; older lines were deleted to save space`,
  hidden: (lines: number, isLeast: boolean) => ` · ${count(lines)}${isLeast ? '+' : ''} hidden`,
  hiddenLeast: 'in the part of the log viewed so far',
};

/** The header's tools, and the panels that they open. */
export const toolWords = {
  search: 'Search',
  outline: 'Outline',
  timeline: 'Lines over time',
  filters: 'Filters',
  filter: 'Filter lines',
  settings: 'Settings',
  problems: 'Errors and warnings',
  /**
   * Of errors, where there are any, else of warnings.
   * @param number which one the reader is at
   * @param shown how many of `all` a filter shows
   */
  problemCount: (kind: 'error' | 'warning', all: number, number: number, shown: number) => {
    if (number > 0) return `${count(number)} of ${counted(shown, kind)}`;
    return shown < all ? `${count(shown)} of ${counted(all, kind)} shown` : counted(all, kind);
  },
  besides: (warnings: number) => `, ${counted(warnings, 'warning')}`,
};

export const connectionStateWords = {
  connecting: 'Connecting',
  reconnecting: 'Reconnecting',
  reconnectingIn: (seconds: number) => `Reconnecting in ${seconds} s`,
  live: 'Live',
  polling: 'Live, every second',
  stranger: 'Blocked',
  complete: 'Complete',
  exported: (time: string) => `Exported ${time}`,
  refused: (status: number) => `Refused (${status})`,
  badFilter: 'Invalid filter',
  lost: 'connection lost, retrying',
  unreachable: 'Unreachable',
};

export const connectionWords = {
  unreachable: 'Can’t reach sse-tail.',
  unreachableKept: 'Can’t reach sse-tail. The lines received so far are still here.',
  gateway: (status: number) => `The proxy can’t reach sse-tail (HTTP ${status}). sse-tail may have ended.`,
  stranger:
    'Something other than sse-tail answered. Your login at a proxy may have expired: reload the page to log in again.',
  reload: 'Reload the page',
  slow: 'Still waiting for an answer from sse-tail …',
  noAccess: 'You don’t have access to this log. Open the full URL that sse-tail printed, including the token.',
  logGone: 'This log no longer exists.',
  badFilter: (why: string) => `The filter can’t be used: ${why}`,
  clearFilters: 'Clear filters',
  refused: (status: number) => `The server refused to send this log (HTTP ${status}).`,
  retry: 'Retry now',
  close: 'Close',
};

export const overLinesWords = {
  noLines: 'This log has no lines.',
  waiting: 'Waiting for the first line …',
  cleared: 'All lines so far are hidden.',
  noMatch: 'No lines match the current filter.',
  showAll: 'Show all lines',
  newLines: (lines: number) => counted(lines, 'new line'),
  follow: 'Follow',
  toEnd: 'Jump to end',
  goToLine: 'Go to line',
};

export const sourceWords = {
  title: 'Filter by source',
  summary: (shown: number, all: number) => `${shown} of ${all}`,
};

/** How a command ended, in a word or two. The code of standard input is nobody's. */
export function exitWords(status: Extract<LogStatus, { state: 'exited' }> & { kind?: LogKind | undefined }): string {
  if (status.signal) return status.signal;
  return status.code === null || (status.code === 0 && status.kind === 'stdin')
    ? stateWords.ended
    : stateWords.exitCode(status.code);
}
