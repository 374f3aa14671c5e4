import { expect, test } from 'vitest';
import { hashOf, logUrl, markedLines } from '../../../../web/app/address.ts';
import { parseSettings, type Settings } from '../../../../web/app/settings.ts';
import { knownStatusWords, statusWords, titleWords, toneOf } from '../../../../web/app/status-words.ts';
import { faviconUrl } from '../../../../web/app/tab/favicon.ts';
import { columnTime, duration } from '../../../../web/text/times.ts';

const exited = { state: 'exited', code: 0, signal: null, startedAt: 1000, endedAt: 13_340 } as const;

test('durations read as people say them', () => {
  const words = [-5, 0, 420, 9_940, 12_340, 59_600, 185_000, 3_600_000, 190_000_000].map(duration);
  expect(words).toEqual([
    '0.0 s',
    '0.0 s',
    '0.4 s',
    '9.9 s',
    '12 s',
    '1 min 00 s',
    '3 min 05 s',
    '1 h 00 min',
    '2 d 4 h',
  ]);
});

test('a status says what happened and how long it took', () => {
  expect(statusWords({ state: 'running', startedAt: 1000 }, 6900)).toBe('running · 5 s');
  expect(statusWords(exited, 0)).toBe('exit 0 · 12 s');
  expect(statusWords({ ...exited, code: null, signal: 'SIGTERM' }, 0)).toBe('SIGTERM · 12 s');
  // Nobody knows how what wrote to a pipe ended.
  expect(statusWords({ ...exited, kind: 'stdin' }, 0)).toBe('ended · 12 s');
  expect(titleWords('stdin', { ...exited, kind: 'stdin' })).toBe('✓ stdin · ended');
  expect(statusWords({ ...exited, kind: 'command' }, 0)).toBe('exit 0 · 12 s');
  expect(toneOf({ ...exited, code: null, signal: 'SIGTERM' })).toBe('failure');
});

test('the title begins with what matters', () => {
  expect(titleWords('build', { state: 'running', startedAt: 0 })).toBe('● build');
  const running = { state: 'running', startedAt: 0 } as const;
  const progress = { state: 'normal', percent: 41.6 } as const;
  expect(titleWords('build', { ...running, progress })).toBe('42% build');
  expect(titleWords('build', { ...running, progress: { state: 'indeterminate' } })).toBe('● build');
  expect(statusWords({ ...running, progress }, 3000)).toBe('running · 3 s · 42%');
  expect(titleWords('build', exited)).toBe('✓ build · exit 0');
  expect(titleWords('build', { ...exited, code: 2 })).toBe('✗ build · exit 2');
  expect(titleWords('api.log', { state: 'following' })).toBe('api.log');
  expect(titleWords('api.log', { state: 'following' }, 1204)).toBe('(1,204) api.log');
});

test('nothing is said to run while nobody says so', () => {
  const running = { state: 'running', startedAt: 0, progress: { state: 'normal', percent: 42 } } as const;
  expect(titleWords('build', running, 0, 3000)).toBe('○ build · was running · 3 s · 42%');
  expect(titleWords('api.log', { state: 'following' }, 7, 3000)).toBe('(7) ○ api.log · was following');
  expect(toneOf(running, 3000)).toBe('quiet');
  expect(knownStatusWords(running, 9000, 3000)).toBe('was running · 3 s · 42%');
  // What has ended stays as it is.
  expect(titleWords('build', exited, 0, 20_000)).toBe('✓ build · exit 0');
  expect(toneOf(exited, 20_000)).toBe('success');
});

test('the address marks a line or a range of lines', () => {
  expect(markedLines('#L42')).toEqual({ from: 42, to: 42 });
  expect(markedLines('#L50-L42')).toEqual({ from: 42, to: 50 });
  for (const hash of ['', '#', '#L', '#L0', '#Lx', '#L1-', '#L99999999999999999999', '#xL1']) {
    expect(markedLines(hash)).toBeUndefined();
  }
  expect(hashOf({ from: 42, to: 50 })).toBe('#L42-L50');
});

test('another log is beside this one, wherever the page lives', () => {
  expect(logUrl('/', 'b')).toBe('logs/b/');
  expect(logUrl('/prefix/', 'b')).toBe('logs/b/');
  expect(logUrl('/prefix/logs/a/', 'b')).toBe('../b/');
});

test('settings survive whatever was stored', () => {
  const defaults: Settings = {
    ...{
      wrap: true,
      numbers: true,
      times: false,
      timeStyle: 'local',
      timeFrom: 'arrival',
      sources: true,
      theme: 'auto',
      levels: false,
      highContrast: false,
    },
    ...{
      palette: 'standard',
      fontSize: 13,
      density: 'normal',
      tabWidth: 8,
      repeats: 'equal',
      fields: 'auto',
      records: 'open',
      pauses: 30,
      notify: false,
      notifyText: '',
    },
  };
  for (const stored of [null, '', 'x', '[]', 'null', '{"wrap":1,"theme":"red","fontSize":"big"}']) {
    expect(parseSettings(stored, defaults)).toEqual(defaults);
  }
  expect(parseSettings('{"wrap":false,"theme":"dark","fontSize":99}', defaults)).toEqual({
    ...defaults,
    wrap: false,
    theme: 'dark',
    fontSize: 24,
  });
});

test('the favicon is a picture that a browser can read', () => {
  const ring = decodeURIComponent(faviconUrl('running', { state: 'error', percent: 30 }));
  expect(ring).toMatch(/^data:image\/svg\+xml,<svg .*stroke="#e5484d".*stroke-dasharray="30 100".*<\/svg>$/);
  expect(faviconUrl('running', { state: 'indeterminate' })).toBe(faviconUrl('running'));
  expect(decodeURIComponent(faviconUrl('failure'))).toMatch(/^data:image\/svg\+xml,<svg .*<\/svg>$/);
});

test('the time column is of one width, whatever it counts from', () => {
  const start = Date.UTC(2026, 0, 31, 12);
  const time = start + 3_723_456;
  expect(columnTime('utc', time, undefined, start)).toBe('13:02:03.456Z');
  expect(columnTime('start', time, undefined, start)).toBe(' 1:02:03.456');
  expect(columnTime('start', start + 120, undefined, start)).toBe('    0:00.120');
  expect(columnTime('previous', time, time - 1500, start)).toBe('   +0:01.500');
  expect(columnTime('previous', time, undefined, start)).toHaveLength(12);
});
