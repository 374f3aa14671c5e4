import { clampFontSize, type Settings } from '../app/settings.ts';
import type { ViewActions } from '../app/viewer.ts';
import { keyWords, settingsWords } from '../words.ts';

const themes = ['auto', 'light', 'dark'] as const;

export function SettingsMenu({ settings, actions }: { settings: Settings; actions: ViewActions }) {
  return (
    <>
      <Toggle label={settingsWords.wrap} name="wrap" isOn={settings.wrap} set={(wrap) => actions.change({ wrap })} />
      <Toggle
        label={settingsWords.times}
        name="times"
        isOn={settings.times}
        set={(times) => actions.change({ times })}
      />
      <FontSize size={settings.fontSize} set={(fontSize) => actions.change({ fontSize })} />
      <Theme theme={settings.theme} set={(theme) => actions.change({ theme })} />
      <Keys />
    </>
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
      <span>{settingsWords.fontSize}</span>
      <span class="stepper">
        <button type="button" aria-label={settingsWords.smaller} onClick={() => set(clampFontSize(size - 1))}>
          −
        </button>
        <output>{size}</output>
        <button type="button" aria-label={settingsWords.larger} onClick={() => set(clampFontSize(size + 1))}>
          +
        </button>
      </span>
    </div>
  );
}

function Theme({ theme, set }: { theme: Settings['theme']; set(theme: Settings['theme']): void }) {
  return (
    <fieldset class="setting">
      <legend>{settingsWords.theme}</legend>
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
      {keyWords.map(([keys, words]) => (
        <div key={keys}>
          <dt>{keys}</dt>
          <dd>{words}</dd>
        </div>
      ))}
    </dl>
  );
}
