import { keyHelp } from '../app/keys.ts';
import { clampFontSize, type Settings } from '../app/settings.ts';
import type { ViewActions } from '../app/viewer.ts';
import { Popover } from './popover.tsx';

const themes = ['auto', 'light', 'dark'] as const;

export function SettingsMenu({ settings, actions }: { settings: Settings; actions: ViewActions }) {
  return (
    <Popover name="settings" icon="settings" label="Settings and keys">
      <Toggle label="Wrap long lines" name="wrap" isOn={settings.wrap} set={(wrap) => actions.change({ wrap })} />
      <Toggle label="Show times" name="times" isOn={settings.times} set={(times) => actions.change({ times })} />
      <FontSize size={settings.fontSize} set={(fontSize) => actions.change({ fontSize })} />
      <Theme theme={settings.theme} set={(theme) => actions.change({ theme })} />
      <Keys />
    </Popover>
  );
}

function Toggle({ label, name, isOn, set }: { label: string; name: string; isOn: boolean; set(isOn: boolean): void }) {
  return (
    <label class="setting">
      <span>{label}</span>
      <input
        type="checkbox"
        role="switch"
        aria-checked={isOn}
        name={name}
        checked={isOn}
        onChange={(event) => set(event.currentTarget.checked)}
      />
    </label>
  );
}

function FontSize({ size, set }: { size: number; set(size: number): void }) {
  return (
    <div class="setting">
      <span>Text size</span>
      <span class="stepper">
        <button type="button" aria-label="Smaller text" onClick={() => set(clampFontSize(size - 1))}>
          −
        </button>
        <output>{size}</output>
        <button type="button" aria-label="Larger text" onClick={() => set(clampFontSize(size + 1))}>
          +
        </button>
      </span>
    </div>
  );
}

function Theme({ theme, set }: { theme: Settings['theme']; set(theme: Settings['theme']): void }) {
  return (
    <fieldset class="setting">
      <legend>Theme</legend>
      <span class="choices">
        {themes.map((name) => (
          <label key={name}>
            <input type="radio" name="theme" value={name} checked={name === theme} onChange={() => set(name)} />
            <span>{name}</span>
          </label>
        ))}
      </span>
    </fieldset>
  );
}

function Keys() {
  return (
    <dl class="keys">
      {keyHelp.map(([keys, words]) => (
        <div key={keys}>
          <dt>{keys}</dt>
          <dd>{words}</dd>
        </div>
      ))}
    </dl>
  );
}
