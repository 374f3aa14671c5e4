import { styled } from '../../agent/text/color/convert.ts';
import { encodeXML } from '../../agent/text/color/encode-xml.ts';
import { canonicalSgr } from '../../agent/text/color/palette.ts';
import { type Run, runsOf } from '../../agent/text/drawing/runs.ts';
import { type Copy, joinedLines } from './copied-text.ts';
import type { Selected } from './selection.ts';

/** Puts the selected part of consecutive lines together as HTML that has their colors wherever it is pasted. */
export function createColoredCopy({ from, to }: Selected): Copy {
  const colorOf = createColors();
  const joined = joinedLines(to, (line, id) => {
    const runs = runsWithin(runsOf(line), id === from.id ? from.offset : 0, id === to.id ? to.offset : undefined);
    const html = runs.map(({ text, style }) => styled(canonicalSgr(style), encodeXML(text))).join('');
    return html.replace(themed, colorOf);
  });
  return {
    get lines() {
      return joined.lines;
    },
    get length() {
      return joined.length;
    },
    add: joined.add,
    done() {
      const style = `font-family:monospace;color:${colorOf('var(--text)')};background-color:${colorOf('var(--page)')}`;
      return `<pre style="${style}">${joined.done()}</pre>`;
    },
  };
}

/** A color that only this page knows. */
const themed = /light-dark\([^()]*\)|var\([^()]*\)/g;

/** The browser says what such a color is, in the theme that is on. */
function createColors(): (color: string) => string {
  const known = new Map<string, string>();
  return (color) => {
    const before = known.get(color);
    if (before !== undefined) return before;
    const probe = document.createElement('span');
    probe.style.color = color;
    document.body.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    known.set(color, found);
    return found;
  };
}

function runsWithin(runs: readonly Run[], start: number, end = Number.POSITIVE_INFINITY): Run[] {
  const within: Run[] = [];
  let at = 0;
  for (const run of runs) {
    const text = run.text.slice(Math.max(0, start - at), Math.max(0, end - at));
    if (text !== '') within.push({ ...run, text });
    at += run.text.length;
  }
  return within;
}
