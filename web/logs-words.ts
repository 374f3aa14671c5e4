/** The texts of the list of logs. */
import { count } from '../agent/words/amounts.ts';
import { counted } from './words.ts';

export const logListWords = {
  title: 'Logs',
  count: (logs: number) => counted(logs, 'log'),
  find: 'Find a log',
  live: 'Being written',
  today: 'Today',
  yesterday: 'Yesterday',
  more: (next: number, left: number) => `Show ${next} more of ${left}`,
  noMatch: (words: string) => `No log has “${words}” in its name, command, path or ID.`,
  none: 'No logs yet. Each of these commands creates one, and it shows up here right away:',
  examples: 'sse-tail ./build.log\nsse-tail -- npm run build\nmake 2>&1 | sse-tail',
  times: (created: string, changed: string) => `started ${created}\nlast change ${changed}`,
  workingDirectory: (directory: string) => `in ${directory}`,
};

export const lineSearchWords = {
  in: 'Search in',
  places: { names: 'log names', lines: 'log lines' },
  find: 'Search all lines',
  regex: 'Regular expression',
  case: 'Match case',
  hint: 'Type to search the lines of all logs.',
  searching: (searched: number, of: number) => `Searching … ${count(searched)} of ${counted(of, 'log')}`,
  found: (hits: number, logs: number, of: number) =>
    `${counted(hits, 'line')} in ${count(logs)} of ${counted(of, 'log')}.`,
  unread: (logs: number) => ` ${counted(logs, 'log')} couldn’t be searched completely.`,
  none: (text: string, of: number) => `No line in ${counted(of, 'log')} matches “${text}”.`,
  hits: (hits: number) => counted(hits, 'line'),
  retry: 'Search again',
  more: (lines: number) => `${counted(lines, 'more line')}`,
  failed: 'The search was interrupted. Matches found so far are shown.',
};
