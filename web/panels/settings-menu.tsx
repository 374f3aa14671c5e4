import { useState } from 'preact/hooks';
import { choices, clampFontSize, pauseSeconds, type Settings, tabWidths } from '../app/settings.ts';
import type { ViewActions } from '../app/view-actions.ts';
import { bareField } from '../chrome/bare-field.ts';
import { Button } from '../chrome/button.tsx';
import { settingsWords } from '../late-words.ts';
import { Radios } from './radios.tsx';

interface Props {
  settings: Settings;
  actions: ViewActions;
}

type Flag = 'wrap' | 'numbers' | 'times' | 'sources' | 'levels' | 'highContrast';
type ChoiceName = 'timeStyle' | 'timeFrom' | 'palette' | 'density' | 'repeats' | 'fields' | 'records';

export function SettingsMenu({ settings, actions }: Props) {
  const { change } = actions;
  const toggle = (name: Flag) => <Toggle name={name} isOn={settings[name]} set={(isOn) => change({ [name]: isOn })} />;
  const select = <Name extends ChoiceName>(name: Name, words: Readonly<Record<Settings[Name], string>>) => (
    <Choice
      name={name}
      value={settings[name]}
      options={choices[name].map((one) => [one, words[one as Settings[Name]]])}
      set={(value) => change({ [name]: value })}
    />
  );
  const selectNumber = (name: 'pauses' | 'tabWidth', numbers: readonly number[], words: (one: number) => string) => (
    <Choice
      name={name}
      value={String(settings[name])}
      options={numbers.map((one) => [String(one), words(one)])}
      set={(value) => change({ [name]: Number(value) })}
    />
  );
  return (
    <>
      {toggle('wrap')}
      {toggle('numbers')}
      {toggle('times')}
      {settings.times && select('timeStyle', settingsWords.timeStyles)}
      {settings.times && select('timeFrom', settingsWords.timesFrom)}
      {toggle('sources')}
      {toggle('levels')}
      {select('repeats', settingsWords.repeatChoices)}
      {select('records', settingsWords.recordChoices)}
      {selectNumber(
        'pauses',
        [...pauseSeconds].sort((a, b) => a - b),
        settingsWords.pauseChoice,
      )}
      {select('fields', settingsWords.fieldChoices)}
      <hr />
      <FontSize size={settings.fontSize} set={(fontSize) => change({ fontSize })} />
      {select('density', settingsWords.densities)}
      {selectNumber('tabWidth', tabWidths, String)}
      <Radios
        name="theme"
        legend={settingsWords.theme}
        options={choices.theme.map((one) => [one, settingsWords.themes[one]])}
        chosen={settings.theme}
        choose={(theme) => change({ theme })}
      />
      {select('palette', settingsWords.palettes)}
      {toggle('highContrast')}
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
      <Toggle name="notify" isOn={settings.notify} set={(notify) => void set({ notify }, notify)} />
      <label class="setting">
        <span>{settingsWords.notifyText}</span>
        <input
          class="setting-text"
          name="notifyText"
          value={settings.notifyText}
          placeholder={settingsWords.notifyNothing}
          {...bareField}
          onChange={({ currentTarget: { value } }) => void set({ notifyText: value }, value !== '')}
        />
      </label>
      {isRefused && <p class="setting-news">{settingsWords.notifyRefused}</p>}
    </>
  );
}

interface ToggleProps {
  name: Flag | 'notify';
  isOn: boolean;
  set(isOn: boolean): void;
}

function Toggle({ name, isOn, set }: ToggleProps) {
  return (
    <label class="setting">
      <span>{settingsWords[name]}</span>
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
  name: ChoiceName | 'pauses' | 'tabWidth';
  value: string;
  options: readonly (readonly [value: string, words: string])[];
  set(value: string): void;
}

function Choice({ name, value, options, set }: ChoiceProps) {
  return (
    <label class="setting">
      <span>{settingsWords[name]}</span>
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
