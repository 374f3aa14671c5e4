/*
 *   form.go-to-line input   the "go to line" box
 */

import { useLayoutEffect, useRef } from 'preact/hooks';
import { count } from '../../agent/words/amounts.ts';
import type { ViewActions } from '../app/view-actions.ts';
import type { ViewState } from '../app/view-state.ts';
import { bareField } from '../chrome/bare-field.ts';
import { overLinesWords } from '../words.ts';

export function GoToLine({ state, actions }: { state: ViewState; actions: ViewActions }) {
  const input = useRef<HTMLInputElement>(null);
  // Before the next key can come: it belongs to the number.
  useLayoutEffect(() => input.current?.focus(), []);
  const close = () => {
    actions.set({ goToLineIsOpen: false });
    document.getElementById('lines')?.focus();
  };
  return (
    <form
      class="go-to-line"
      onSubmit={(event) => {
        event.preventDefault();
        const id = Number(input.current?.value.replace(/[^\d]/g, ''));
        if (id > 0) actions.goTo(id);
        close();
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        close();
      }}
      onFocusOut={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) actions.set({ goToLineIsOpen: false });
      }}
    >
      <label>
        {overLinesWords.goToLine}
        <input
          ref={input}
          inputMode="numeric"
          {...bareField}
          placeholder={`${count(state.first)} – ${count(state.last)}`}
        />
      </label>
    </form>
  );
}
