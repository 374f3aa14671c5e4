import { markersIn } from '../../../agent/text/drawing/markers.ts';
import { visibleText } from '../../../agent/text/escapes/strip.ts';
import type { Line } from '../../lines/line-store.ts';

/** Which lines are a build server's marker and nothing else, such as `::endgroup::`: read, and no row for readers. */
export interface BareMarkers {
  readonly ids: ReadonlySet<number>;
  /** A line that the reader wants to see is none, found or not. */
  show(id: number): void;
  /** Looks at the lines of a range that are there. Returns whether markers were found. */
  look(from: number, to: number): boolean;
  clear(): void;
}

const mostMarkers = 20_000;

export function createBareMarkers(get: (id: number) => Line | undefined): BareMarkers {
  const ids = new Set<number>();
  const shown = new Set<number>();
  /** Lines that are none: looked at in every frame. */
  const others = new WeakSet<Line>();
  return {
    ids,
    show(id) {
      shown.add(id);
      ids.delete(id);
    },
    look(from, to) {
      if (ids.size > mostMarkers) ids.clear();
      const before = ids.size;
      for (let id = from; id <= to; id++) {
        const line = get(id);
        if (line === undefined || others.has(line) || ids.has(id) || shown.has(id)) continue;
        if (isBareMarker(line.text)) ids.add(id);
        else others.add(line);
      }
      return ids.size > before;
    },
    clear() {
      ids.clear();
      shown.clear();
    },
  };
}

/** A marker that the agent took out of the text is in an escape sequence of its own; others are the text. */
export function isBareMarker(text: string): boolean {
  const visible = visibleText(text).trimEnd();
  if (visible === '') return text.includes('\x1b_sse-tail;');
  const [only, other] = markersIn(visible, false);
  return only?.[1] === visible.length && other === undefined;
}
