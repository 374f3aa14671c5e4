import type { Span } from '../../agent/text/drawing/markers.ts';

/**
 * Puts `mark` elements around places in an element's text, whatever elements that is made of.
 * @param current index of the place that the reader is at
 */
export function markSpans(element: HTMLElement, spans: readonly Span[], current: number | undefined): void {
  wrapSpans(element, spans, (text, at) => markOf(text, at === current));
}

/** An element's text in which links are blank: what is one already is left alone. */
export function textOutsideLinks(element: HTMLElement): string {
  return textNodesOf(element)
    .map(({ data, parentElement }) => (parentElement?.closest('a') ? '\0'.repeat(data.length) : data))
    .join('');
}

function textNodesOf(element: HTMLElement): Text[] {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const nodes: Text[] = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) nodes.push(node as Text);
  return nodes;
}

/** Puts elements around places in an element's text: `wrap` makes one for each piece of the `at`-th place. */
export function wrapSpans(
  element: HTMLElement,
  spans: readonly Span[],
  wrap: (text: string, at: number) => Node,
): void {
  if (spans.length === 0) return;
  const nodes = textNodesOf(element);
  let nodeStart = 0;
  let next = 0;
  for (const node of nodes) {
    const nodeEnd = nodeStart + node.length;
    const pieces: Node[] = [];
    let at = nodeStart;
    for (let span = spans[next]; span && span[0] < nodeEnd; span = spans[next]) {
      const [start, end] = [Math.max(span[0], nodeStart), Math.min(span[1], nodeEnd)];
      if (start > at) pieces.push(textOf(node, at - nodeStart, start - nodeStart));
      pieces.push(wrap(node.data.slice(start - nodeStart, end - nodeStart), next));
      at = end;
      // The rest of it is in the nodes that follow.
      if (span[1] > nodeEnd) break;
      next++;
    }
    if (pieces.length > 0) {
      if (at < nodeEnd) pieces.push(textOf(node, at - nodeStart, nodeEnd - nodeStart));
      node.replaceWith(...pieces);
    }
    nodeStart = nodeEnd;
  }
}

function textOf(node: Text, start: number, end: number): Text {
  return document.createTextNode(node.data.slice(start, end));
}

function markOf(text: string, isCurrent: boolean): HTMLElement {
  const mark = document.createElement('mark');
  mark.textContent = text;
  if (isCurrent) mark.setAttribute('aria-current', 'true');
  return mark;
}
