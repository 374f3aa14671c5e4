import type { Origin } from '../../agent/words/line.ts';
import type { LineHistory } from '../history/history.ts';
import type { LineStore } from '../lines/line-store.ts';
import { shownText } from '../text/runs.ts';
import type { LogSelection, Selected } from './selection.ts';

/** What copying has to tell the reader. */
export type CopyNews =
  | { kind: 'reading'; lines: number }
  | { kind: 'copied'; lines: number }
  | { kind: 'ready'; lines: number }
  | { kind: 'tooMany'; lines: number }
  | { kind: 'failed' };

export interface CopyingOptions {
  selection: LogSelection;
  store: LineStore;
  history: LineHistory;
  told(news: CopyNews): void;
}

const mostLines = 200_000;
const mostCharacters = 64 << 20;

/** Copies what is selected as clean text, lines that are not in the page included. */
export function takeCopies({ selection, store, history, told }: CopyingOptions): void {
  let ready: { selected: Selected; copy: Copy } | undefined;
  let reading: AbortController | undefined;

  document.addEventListener('copy', (event) => {
    const { selected } = selection;
    if (!selected || !event.clipboardData) return;
    const copy = ready && sameSelection(ready.selected, selected) ? ready.copy : copyInStore(selected);
    event.preventDefault();
    if (copy === undefined) {
      void fetchAndCopy(selected);
    } else {
      event.clipboardData.setData('text/plain', copy.done());
      if (copy.lines > 1) told({ kind: 'copied', lines: copy.lines });
    }
    ready = undefined;
  });

  function copyInStore(selected: Selected): Copy | undefined {
    const copy = createCopy(selected);
    if (linesIn(selected) > mostLines) return undefined;
    for (let id = store.next(selected.from.id - 1); id <= selected.to.id; id = store.next(id)) {
      const line = store.get(id);
      if (!line && !store.isLost(id)) return undefined;
      if (line) copy.add(line.text, line.origin, id);
    }
    return copy;
  }

  function linesIn({ from, to }: Selected): number {
    return to.id - from.id + 1 - store.hiddenIn(from.id, to.id);
  }

  async function fetchAndCopy(selected: Selected): Promise<void> {
    const lines = linesIn(selected);
    if (lines > mostLines) return told({ kind: 'tooMany', lines });
    reading?.abort();
    const controller = new AbortController();
    reading = controller;
    told({ kind: 'reading', lines });
    const copy = createCopy(selected);
    const range = { from: selected.from.id, to: selected.to.id };
    const isWhole = await history.read(
      range,
      (line, origin, id) => {
        copy.add(line, origin, id);
        if (copy.length > mostCharacters) controller.abort();
      },
      controller.signal,
    );
    if (copy.length > mostCharacters) return told({ kind: 'tooMany', lines });
    if (controller.signal.aborted) return;
    if (!isWhole) return told({ kind: 'failed' });
    try {
      await navigator.clipboard.writeText(copy.done());
      told({ kind: 'copied', lines: copy.lines });
    } catch {
      // Without HTTPS a page may only write to the clipboard while a key is pressed.
      ready = { selected, copy };
      told({ kind: 'ready', lines: copy.lines });
    }
  }
}

/** The text of lines that are copied. */
export interface Copy {
  /** How many lines are in it: what the reader is told. */
  readonly lines: number;
  /** In characters. */
  readonly length: number;
  add(line: string, origin: Origin, id: number): void;
  done(): string;
}

/** Puts the selected part of consecutive lines together. */
export function createCopy({ from, to }: Selected): Copy {
  const parts: string[] = [];
  let length = 0;
  let lines = 0;

  return {
    get lines() {
      return lines;
    },
    get length() {
      return length;
    },
    add(line, origin, id) {
      lines++;
      const shown = shownText(line);
      const part = shown.slice(id === from.id ? from.offset : 0, id === to.id ? to.offset : undefined);
      // A line over the limit is in pieces, which are one line again when copied.
      parts.push(part, id === to.id || origin.continued ? '' : '\n');
      length += part.length + 1;
    },
    done: () => parts.join(''),
  };
}

function sameSelection(a: Selected, b: Selected): boolean {
  return (
    a.from.id === b.from.id && a.from.offset === b.from.offset && a.to.id === b.to.id && a.to.offset === b.to.offset
  );
}
