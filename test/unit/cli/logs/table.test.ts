import { describe, expect, it } from 'vitest';
import { logTable } from '../../../../agent/cli/logs/table.ts';
import type { LogStatus, LogSummary } from '../../../../agent/words/log.ts';

const now = 1_763_622_000_000;
const ended = { signal: null, startedAt: 0, endedAt: 1 } as const;

function kept(id: string, status: LogStatus, more: Partial<LogSummary> = {}): LogSummary {
  const common = { kind: 'command', cwd: '/', updatedAt: now, first: 1 } as const;
  return { id, name: id, status, createdAt: now - 90_000, size: 2048, last: 12, ...common, ...more };
}

const logs = [
  kept('npm-run-build-1f3a', { state: 'running', startedAt: now }, { name: 'npm run build', last: 1234 }),
  kept('app.log-77c0', { state: 'exited', code: 1, ...ended }, { name: 'a name of many words', size: 3 * 1024 ** 2 }),
  kept('x-0000', { state: 'exited', code: null, ...ended, signal: 'SIGKILL' }, { createdAt: now - 86_400_000 }),
  kept('stdin-0000', { state: 'exited', code: 0, ...ended }, { kind: 'stdin', first: 11, last: 10, size: 0 }),
];

describe('the table of logs', () => {
  it('has a head and a line for each log, in columns', () => {
    expect(logTable(logs, { now })).toBe(
      [
        'ID                  STATE      STARTED  LINES     SIZE  NAME',
        'npm-run-build-1f3a  running  1 min ago  1,234  2.0 KiB  npm run build',
        'app.log-77c0        exit 1   1 min ago     12  3.0 MiB  a name of many words',
        'x-0000              SIGKILL  1 day ago     12  2.0 KiB  x-0000',
        'stdin-0000          ended    1 min ago      0      0 B  stdin-0000',
        '',
      ].join('\n'),
    );
  });

  it.each([20, 30, 40, 50, 60, 66, 70, 80, 120])('fits %d columns', (columns) => {
    const lines = logTable(logs, { now, columns }).trimEnd().split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(lines).toHaveLength(5);
    if (columns >= 30) expect(lines[2]).toMatch(/^app\.log-77c0 +exit 1/);
  });

  it('cuts names first, then leaves out what tells least', () => {
    const row = (columns: number) => logTable(logs, { now, columns }).split('\n')[2];
    expect(row(70)).toBe('app.log-77c0        exit 1   1 min ago     12  3.0 MiB  a name of man…');
    expect(row(60)).toBe('app.log-77c0        exit 1   1 min ago     12  3.0 MiB');
    expect(row(50)).toBe('app.log-77c0        exit 1   1 min ago     12');
  });

  it('measures names in columns, and shows nothing of them but text', () => {
    const names = ['日本語日本語', '\x1b[31mred\x1b[0m\nnext\tword', '\x1b]0;title\x07x'];
    const table = logTable(
      names.map((name) => kept('a', { state: 'stopped' }, { name })),
      { now, columns: 49 },
    );
    const [, wide, colored, title] = table.split('\n').map((line) => line.slice(38));
    expect([wide, colored, title]).toEqual(['  日本語日…', '  red next…', '  x']);
  });

  it('is colored where asked for, with the same widths', () => {
    const plain = logTable(logs, { now, columns: 70 });
    const colored = logTable(logs, { now, columns: 70, color: true });
    expect(colored).toContain('\x1b[31mexit 1\x1b[0m');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colors are what this is about
    expect(colored.replace(/\x1b\[\d*m/g, '').replace(/ +$/gm, '')).toBe(plain);
  });
});
