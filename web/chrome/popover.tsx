import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Icon, type IconName } from './icons.tsx';

interface Props {
  /** Class of the whole; the button has `<name>-button`, what it opens `<name>-menu`. */
  name: string;
  icon: IconName;
  label: string;
  /** Words on the button beside its icon; `more` where there is room. */
  words?: string | undefined;
  more?: string | false | undefined;
  children: ComponentChildren;
}

/** A button of the header and what it opens; Escape or a click elsewhere closes that. */
export function Popover({ name, icon, label, words, more, children }: Props) {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);

  // Once closed it takes no key, not even one that comes before the next frame.
  useLayoutEffect(() => {
    if (!isOpen) return;
    const closeOutside = (event: Event) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    const closeOnEscape = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      setOpen(false);
      button.current?.focus();
    };
    document.addEventListener('pointerdown', closeOutside);
    // Before the page's own keys: one press closes one thing.
    document.addEventListener('keydown', closeOnEscape, true);
    return () => {
      document.removeEventListener('pointerdown', closeOutside);
      document.removeEventListener('keydown', closeOnEscape, true);
    };
  }, [isOpen]);

  return (
    <div class={`popover ${name} ${icon}`} ref={root}>
      <button
        ref={button}
        type="button"
        class={`tool ${name}-button${words ? ' worded' : ''}`}
        title={label}
        aria-label={words ? `${words}${more || ''}. ${label}` : label}
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name={icon} />
        {words && (
          <span class="tool-words">
            {words}
            {more && <span class="more-words">{more}</span>}
          </span>
        )}
      </button>
      {isOpen && (
        <div class={`menu ${name}-menu`} role="dialog" aria-label={label}>
          {children}
        </div>
      )}
    </div>
  );
}
