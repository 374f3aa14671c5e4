import { expect, test, vi } from 'vitest';
import { saveSettings } from '../../../../web/app/settings.ts';

test('only what was chosen is kept, beside what other tabs chose', () => {
  let kept = 'not JSON';
  vi.stubGlobal('localStorage', {
    getItem: () => kept,
    setItem: (_key: string, value: string) => {
      kept = value;
    },
  });
  saveSettings({ wrap: true });
  expect(JSON.parse(kept)).toEqual({ wrap: true });
  kept = JSON.stringify({ wrap: true, theme: 'dark' });
  saveSettings({ wrap: false, fontSize: 15 });
  expect(JSON.parse(kept)).toEqual({ wrap: false, theme: 'dark', fontSize: 15 });
  vi.unstubAllGlobals();
});
