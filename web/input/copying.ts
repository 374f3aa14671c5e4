import type { LineHistory } from '../history/history.ts';
import type { IdRange } from '../lines/id-ranges.ts';
import type { Line, LineStore } from '../lines/line-store.ts';
import { createColoredCopy } from './colored-copy.ts';
import { type Copy, createCopy } from './copied-text.ts';
import type { LogSelection, Selected } from './selection.ts';

/** `text` is clean: no numbers, no colors. */
export type CopyForm = 'text' | 'colors';

/** What copying has to tell the reader. */
export type CopyNews =
  | { kind: 'reading'; lines: number }
  /** `others`: forms in which it can be had as well. */
  | { kind: 'copied'; lines: number; others: readonly (CopyForm | 'link')[] }
  | { kind: 'linkCopied'; lines: number }
  | { kind: 'ready'; lines: number }
  | { kind: 'tooMany'; lines: number }
  | { kind: 'failed' };

export interface CopyingOptions {
  selection: LogSelection;
  store: LineStore;
  history: LineHistory;
  /** The address of a range of lines. */
  linkTo(range: IdRange): string;
  told(news: CopyNews): void;
}

export interface Copying {
  /** Copies what is selected, or was when something was last copied. */
  copyAs(form: CopyForm | 'link'): Promise<void>;
}

const mostLines = 200_000;
const mostColoredLines = 20_000;
const mostCharacters = 64 << 20;

/** Copies what is selected as clean text, lines that are not in the page included. */
export function takeCopies({ selection, store, history, linkTo, told }: CopyingOptions): Copying {
  let ready: { selected: Selected; copies: Copies } | undefined;
  let reading: AbortController | undefined;
  let last: Selected | undefined;

  document.addEventListener('copy', (event) => {
    const { selected } = selection;
    if (!selected || !event.clipboardData) return;
    last = selected;
    const copies =
      ready && JSON.stringify(ready.selected) === JSON.stringify(selected) ? ready.copies : copyInStore(selected);
    event.preventDefault();
    if (copies === undefined) {
      void fetchAndCopy(selected, 'text');
    } else {
      event.clipboardData.setData('text/plain', copies.text.done());
      if (copies.html) event.clipboardData.setData('text/html', copies.html.done());
      tellCopied(copies);
    }
    ready = undefined;
  });

  function tellCopied({ text: { lines }, html }: Copies): void {
    told({ kind: 'copied', lines, others: html ? ['text', 'link'] : ['colors', 'link'] });
  }

  function copyInStore(selected: Selected): Copies | undefined {
    const copy = createCopy(selected);
    if (linesIn(selected) > mostLines) return undefined;
    for (let id = store.next(selected.from.id - 1); id <= selected.to.id; id = store.next(id)) {
      const line = id > store.last ? unfinished(id) : store.get(id);
      if (!line && !store.isLost(id)) return undefined;
      if (line) copy.add(line.text, line.origin, id);
    }
    return { text: copy };
  }

  function linesIn({ from, to }: Selected): number {
    return to.id - from.id + 1 - store.hiddenIn(from.id, to.id);
  }

  async function fetchAndCopy(selected: Selected, form: CopyForm): Promise<void> {
    const lines = linesIn(selected);
    if (lines > (form === 'colors' ? mostColoredLines : mostLines)) return told({ kind: 'tooMany', lines });
    reading?.abort();
    const controller = new AbortController();
    reading = controller;
    told({ kind: 'reading', lines });
    const copies: Copies = { text: createCopy(selected) };
    if (form === 'colors') copies.html = createColoredCopy(selected);
    const all = Object.values(copies);
    const isTooLong = () => all.some(({ length }) => length > mostCharacters);
    // What is not a line yet can't be asked for.
    const range = { from: selected.from.id, to: Math.min(selected.to.id, store.last) };
    const isWhole = await history.read(
      range,
      (line, origin, id) => {
        for (const copy of all) copy.add(line, origin, id);
        if (isTooLong()) controller.abort();
      },
      controller.signal,
    );
    if (isTooLong()) return told({ kind: 'tooMany', lines });
    if (controller.signal.aborted) return;
    if (!isWhole) return told({ kind: 'failed' });
    try {
      await write(copies.text.done(), copies.html?.done());
      tellCopied(copies);
    } catch {
      // Without HTTPS a page may only write to the clipboard while a key is pressed.
      ready = { selected, copies };
      told({ kind: 'ready', lines: copies.text.lines });
    }
  }

  return {
    async copyAs(form) {
      const selected = selection.selected ?? last;
      if (!selected) return;
      if (form !== 'link') return fetchAndCopy(selected, form);
      try {
        await write(linkTo({ from: selected.from.id, to: selected.to.id }));
        told({ kind: 'linkCopied', lines: linesIn(selected) });
      } catch {
        told({ kind: 'failed' });
      }
    },
  };
}

/** What is not a line yet, as it shows. */
function unfinished(id: number): Line {
  const text = document.querySelector(`[data-row="${id}"] .text`)?.textContent ?? '';
  return { text, origin: { time: 0 } };
}

interface Copies {
  text: Copy;
  /** The same with colors. */
  html?: Copy;
}

async function write(text: string, html?: string): Promise<void> {
  if (html === undefined) return navigator.clipboard.writeText(text);
  const blob = (type: string, content: string) => new Blob([content], { type });
  const item = { 'text/plain': blob('text/plain', text), 'text/html': blob('text/html', html) };
  await navigator.clipboard.write([new ClipboardItem(item)]);
}
