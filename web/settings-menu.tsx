import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon } from './icons.tsx';
import { keyHelp } from './keys.ts';
import { clampFontSize, type Settings } from './settings.ts';
import type { ViewActions } from './viewer.ts';

const themes = ['auto', 'light', 'dark'] as const;

export function SettingsMenu({ settings, actions }: { settings: Settings; actions: ViewActions }) {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (!isOpen) return;
    const closeOutside = (event: Event) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    const closeOnEscape = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      setOpen(false);
      button.current?.focus();
    };
    document.addEventListener('pointerdown', closeOutside);
    document.addEventListener('keydown', closeOnEscape);
    return () => {
      document.removeEventListener('pointerdown', closeOutside);
      document.removeEventListener('keydown', closeOnEscape);
    };
  }, [isOpen]);

  return (
    <div class="settings" ref={root}>
      <button
        ref={button}
        type="button"
        class="tool settings-button"
        title="Settings and keys"
        aria-label="Settings and keys"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name="settings" />
      </button>
      {isOpen && (
        <div class="settings-menu" role="dialog" aria-label="Settings and keys">
          <Toggle label="Wrap long lines" name="wrap" isOn={settings.wrap} set={(wrap) => actions.change({ wrap })} />
          <Toggle label="Show times" name="times" isOn={settings.times} set={(times) => actions.change({ times })} />
          <FontSize size={settings.fontSize} set={(fontSize) => actions.change({ fontSize })} />
          <Theme theme={settings.theme} set={(theme) => actions.change({ theme })} />
          <Keys />
        </div>
      )}
    </div>
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
