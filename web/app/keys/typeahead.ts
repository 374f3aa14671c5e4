/** What is typed after the key that opens a field, and before that field is there: its script may still be loaded. */
export interface Typeahead {
  /** A field was asked for. */
  expect(): void;
  /** Whether this key is one for the field that is awaited; it is kept then. */
  takes(event: KeyboardEvent): boolean;
  cancel(): void;
}

/** Then the field will not come any more. */
const longestMs = 10_000;

export function createTypeahead(): Typeahead {
  let typed: string | undefined;
  let endsAt = 0;

  const cancel = () => {
    typed = undefined;
  };
  addEventListener('pointerdown', cancel);
  document.addEventListener('paste', ({ clipboardData }) => {
    if (typed !== undefined) typed += clipboardData?.getData('text').trim() ?? '';
  });
  document.addEventListener('focusin', ({ target }) => {
    if (typed === undefined || !(target instanceof HTMLInputElement)) return;
    const [text = '', ...entered] = typed.split('\n');
    cancel();
    // Whoever gives it the focus selects what is in it right after.
    queueMicrotask(() => hand(target, text, entered.length > 0));
  });

  return {
    expect() {
      typed = '';
      endsAt = performance.now() + longestMs;
    },
    takes({ key, ctrlKey, metaKey }) {
      if (performance.now() > endsAt) cancel();
      if (typed === undefined || ctrlKey || metaKey) return false;
      if (key === 'Backspace') typed = typed.slice(0, -1);
      else if (key === 'Enter') typed += '\n';
      else if (key.length === 1) typed += key;
      return true;
    },
    cancel,
  };
}

function hand(field: HTMLInputElement, text: string, isEntered: boolean): void {
  if (text !== '') {
    field.setRangeText(text, field.selectionStart ?? 0, field.selectionEnd ?? 0, 'end');
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }
  if (!isEntered) return;
  const enter = new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true });
  if (field.dispatchEvent(enter)) field.form?.requestSubmit();
}
