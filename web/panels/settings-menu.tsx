import { useState } from 'preact/hooks';
import { choices, clampFontSize, pauseSeconds, type Settings, tabWidths } from '../app/settings.ts';
import type { ViewActions } from '../app/viewer.ts';
import { Button } from '../chrome/button.tsx';
import { settingsWords } from '../late-words.ts';

interface Props {
  settings: Settings;
  actions: ViewActions;
}

export function SettingsMenu({ settings, actions }: Props) {
  const { change } = actions;
  const { wrap, numbers, times, sources, levels, highContrast, fontSize, theme } = settings;
  const select = <Name extends 'timeStyle' | 'timeFrom' | 'palette' | 'density' | 'repeats' | 'fields' | 'records'>(
    name: Name,
    label: string,
    words: Readonly<Record<Settings[Name], string>>,
  ) => (
    <Choice
      name={name}
      label={label}
      value={settings[name]}
      options={choices[name].map((one) => [one, words[one as Settings[Name]]])}
      set={(value) => change({ [name]: value })}
    />
  );
  return (
    <>
      <Toggle label={settingsWords.wrap} name="wrap" isOn={wrap} set={(next) => change({ wrap: next })} />
      <Toggle label={settingsWords.numbers} name="numbers" isOn={numbers} set={(next) => change({ numbers: next })} />
      <Toggle label={settingsWords.times} name="times" isOn={times} set={(next) => change({ times: next })} />
      {times && select('timeStyle', settingsWords.timeStyle, settingsWords.timeStyles)}
      {times && select('timeFrom', settingsWords.timeFrom, settingsWords.timesFrom)}
      <Toggle label={settingsWords.sources} name="sources" isOn={sources} set={(next) => change({ sources: next })} />
      <Toggle label={settingsWords.levels} name="levels" isOn={levels} set={(next) => change({ levels: next })} />
      {select('repeats', settingsWords.repeats, settingsWords.repeatChoices)}
      {select('records', settingsWords.records, settingsWords.recordChoices)}
      <Choice
        name="pauses"
        label={settingsWords.pauses}
        value={String(settings.pauses)}
        options={[...pauseSeconds].sort((a, b) => a - b).map((one) => [String(one), settingsWords.pauseChoice(one)])}
        set={(value) => change({ pauses: Number(value) })}
      />
      {select('fields', settingsWords.fields, settingsWords.fieldChoices)}
      <hr />
      <FontSize size={fontSize} set={(next) => change({ fontSize: next })} />
      {select('density', settingsWords.density, settingsWords.densities)}
      <Choice
        name="tabWidth"
        label={settingsWords.tabWidth}
        value={String(settings.tabWidth)}
        options={tabWidths.map((width) => [String(width), String(width)])}
        set={(value) => change({ tabWidth: Number(value) })}
      />
      <Theme theme={theme} set={(next) => change({ theme: next })} />
      {select('palette', settingsWords.palette, settingsWords.palettes)}
      <Toggle
        label={settingsWords.highContrast}
        name="highContrast"
        isOn={highContrast}
        set={(next) => change({ highContrast: next })}
      />
      <hr />
      <Notify settings={settings} change={change} />
      <hr />
      <Button class="setting menu-button" onClick={actions.openHelp}>
        <span>{settingsWords.keys}</span>
        <kbd>?</kbd>
      </Button>
    </>
  );
}

/** The browser asks once, and never before somebody wants it. */
async function mayNotify(): Promise<boolean> {
  if (!('Notification' in globalThis)) return false;
  return (await Notification.requestPermission()) === 'granted';
}

function Notify({ settings, change }: { settings: Settings; change: ViewActions['change'] }) {
  const [isRefused, setRefused] = useState(false);
  const set = async (next: Pick<Settings, 'notify'> | Pick<Settings, 'notifyText'>, isWanted: boolean) => {
    const isAllowed = !isWanted || (await mayNotify());
    setRefused(!isAllowed);
    if (isAllowed) change(next);
  };
  return (
    <>
      <Toggle
        label={settingsWords.notify}
        name="notify"
        isOn={settings.notify}
        set={(notify) => void set({ notify }, notify)}
      />
      <label class="setting">
        <span>{settingsWords.notifyText}</span>
        <input
          class="setting-text"
          name="notifyText"
          value={settings.notifyText}
          placeholder={settingsWords.notifyNothing}
          autocomplete="off"
          onChange={({ currentTarget: { value } }) => void set({ notifyText: value }, value !== '')}
        />
      </label>
      {isRefused && <p class="setting-news">{settingsWords.notifyRefused}</p>}
    </>
  );
}

interface ToggleProps {
  label: string;
  name: string;
  isOn: boolean;
  set(isOn: boolean): void;
}

function Toggle({ label, name, isOn, set }: ToggleProps) {
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

interface ChoiceProps {
  name: string;
  label: string;
  value: string;
  options: readonly (readonly [value: string, words: string])[];
  set(value: string): void;
}

function Choice({ name, label, value, options, set }: ChoiceProps) {
  return (
    <label class="setting">
      <span>{label}</span>
      <select class="setting-choice" name={name} value={value} onChange={(event) => set(event.currentTarget.value)}>
        {options.map(([one, words]) => (
          <option key={one} value={one}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}

function FontSize({ size, set }: { size: number; set(size: number): void }) {
  return (
    <div class="setting">
      <span>{settingsWords.fontSize}</span>
      <span class="stepper">
        <Button aria-label={settingsWords.smaller} onClick={() => set(clampFontSize(size - 1))}>
          −
        </Button>
        <output>{size}</output>
        <Button aria-label={settingsWords.larger} onClick={() => set(clampFontSize(size + 1))}>
          +
        </Button>
      </span>
    </div>
  );
}

function Theme({ theme, set }: { theme: Settings['theme']; set(theme: Settings['theme']): void }) {
  return (
    <fieldset class="setting">
      <legend>{settingsWords.theme}</legend>
      <span class="choices">
        {choices.theme.map((name) => (
          <label key={name}>
            <input type="radio" name="theme" value={name} checked={name === theme} onChange={() => set(name)} />
            <span>{settingsWords.themes[name]}</span>
          </label>
        ))}
      </span>
    </fieldset>
  );
}
