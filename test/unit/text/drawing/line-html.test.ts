import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineHtml } from '../../../../agent/text/drawing/line-html.ts';
import type { Span } from '../../../../agent/text/drawing/markers.ts';
import { shownText } from '../../../../agent/text/drawing/runs.ts';
import { payloads } from '../../../support/hostile-corpus.ts';

const whole = { characters: Number.POSITIVE_INFINITY, runs: Number.POSITIVE_INFINITY };
const esc = '\x1b';

/** Every element and attribute that a line may become. */
const tag =
  /<(?:(span|b|i|u|strike|blink|mark|a)((?: (?:class|style|title|href|rel|target|draggable|aria-current)="[^"<>]*")*)|\/(\w+))>/g;

/** What a browser reads of it: its text, and whether all that was opened was closed in its order. */
function read(html: string): { text: string; open: string[]; names: string[] } {
  const open: string[] = [];
  const names: string[] = [];
  const text = html.replace(tag, (_all, name?: string, _attributes?: string, end?: string) => {
    if (name) {
      open.push(name);
      names.push(name);
    } else if (open.at(-1) === end) open.pop();
    else open.push(`/${end}`);
    return '';
  });
  expect(text).not.toMatch(/[<>"']/);
  const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return { text: text.replace(/&(\w+);/g, (_all, name: string) => entities[name] ?? '?'), open, names };
}

const piece = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom(
    '<b>',
    '"',
    "'",
    '&lt;',
    'https://example.org/?a=b&c="d"',
    '漢字',
    '█▓▒',
    '👩‍👩‍👧',
    'שלום',
    '\u202e',
    '\0',
    '##[group]',
  ),
  fc
    .constantFrom(
      '[0m',
      '[1;31m',
      '[7m',
      '[8m',
      '[48;5;200m',
      '[38;2;1;2;3m',
      '[K',
      ']8;;https://x.org/"><i>\x07',
      ']8;;\x07',
      '[999',
      '',
    )
    .map((rest) => esc + rest),
);
const line = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('').replace(/[\r\n]/g, ''));
/** Places that don't overlap, anywhere. */
const cuts = fc.uniqueArray(fc.nat(40), { maxLength: 8 }).map((all) => all.sort((a, b) => a - b));

describe('a line as HTML', () => {
  it('shows its visible text and opens nothing but elements of its own, whatever is in it and marked in it', () => {
    fc.assert(
      fc.property(line, cuts, (text, ends) => {
        const shown = shownText(text);
        const spans = ends.flatMap((end, at): Span[] =>
          at % 2 === 1 && end <= shown.length ? [[ends[at - 1] as number, end]] : [],
        );
        const { html } = lineHtml(text, whole, { spansOf: () => spans, current: 0 });
        const seen = read(html);
        expect(seen.text).toBe(shown);
        expect(seen.open).toEqual([]);
        expect(html.includes('aria-current')).toBe(spans.length > 0);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['4', '<u>a</u>'],
    ['21', '<span class="u2"><u>a</u></span>'],
    ['4:3', '<span class="u3"><u>a</u></span>'],
    ['4:5;8', '<span class="conceal u5"><u>a</u></span>'],
  ])('says of what kind an underline is: %s', (params, html) => {
    expect(lineHtml(`${esc}[${params}ma${esc}[0m`, whole, { fits: () => true }).html).toBe(html);
  });

  it('is the same text whatever the font', () => {
    fc.assert(
      fc.property(line, (text) => {
        const [cells, plain] = [undefined, () => true].map((fits) => lineHtml(text, whole, { fits }).html);
        expect(read(cells as string).text).toBe(read(plain as string).text);
      }),
    );
  });

  it.each(payloads)('lets nothing out of its place: $name', ({ bytes }) => {
    const text = bytes.toString();
    const { text: seen, names } = read(lineHtml(text, whole, {}).html);
    expect(seen).toBe(shownText(text));
    expect(names).not.toContain('script');
  });

  it('marks what stands in several colors as one place in pieces', () => {
    const { html } = lineHtml(`ab${esc}[1mcd${esc}[0mef`, whole, { spansOf: () => [[1, 5]], current: 0 });
    const open = '<mark aria-current="true">';
    expect(html).toBe(`a${open}b</mark><b>${open}cd</mark></b>${open}e</mark>f`);
  });
});
