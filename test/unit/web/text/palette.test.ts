import Convert from 'ansi-to-html';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applySgr, defaultStyle } from '../../../../agent/text/escapes/sgr.ts';
import { canonicalSgr, colors } from '../../../../web/text/palette.ts';

const convert = new Convert({ escapeXML: true, colors });

/** How ansi-to-html draws an `x` in the style that these SGR parameters lead to. */
function drawn(...params: string[]): string {
  return convert.toHtml(`${canonicalSgr(params.reduce(applySgr, defaultStyle))}x`);
}

test('codes that ansi-to-html does not take together come out right', () => {
  expect(drawn('1;38;5;196')).toBe('<span style="color:#ff0000"><b>x</b></span>');
  expect(drawn('38;2;10;200;100;48;2;40;0;60')).toBe(
    '<span style="color:#0ac864"><span style="background-color:#28003c">x</span></span>',
  );
  expect(drawn('38:2::255:120:0')).toBe('<span style="color:#ff7800">x</span>');
  expect(drawn('4:3')).toBe('<u>x</u>');
});

test('the sixteen colors are the theme’s', () => {
  expect(drawn('31')).toBe('<span style="color:var(--ansi-1)">x</span>');
  expect(drawn('92')).toBe('<span style="color:var(--ansi-10)">x</span>');
  expect(drawn('38;5;9')).toBe('<span style="color:var(--ansi-9)">x</span>');
});

test('on a background the theme’s colors are those that can be read there', () => {
  expect(drawn('30;42')).toBe(
    '<span style="color:var(--ansi-on-0)"><span style="background-color:var(--ansi-bg-2)">x</span></span>',
  );
  expect(drawn('47')).toBe(
    '<span style="color:var(--ansi-on-0)"><span style="background-color:var(--ansi-bg-7)">x</span></span>',
  );
  expect(drawn('41')).toBe(
    '<span style="color:var(--ansi-on-15)"><span style="background-color:var(--ansi-bg-1)">x</span></span>',
  );
});

test('inverse is resolved to colors', () => {
  expect(drawn('7')).toBe('<span style="color:var(--page)"><span style="background-color:var(--text)">x</span></span>');
  expect(drawn('7;31')).toBe(
    '<span style="color:var(--page)"><span style="background-color:var(--ansi-bg-1)">x</span></span>',
  );
  expect(drawn('7', '27')).toBe('x');
});

test('bold off is bold off', () => {
  expect(drawn('1', '22')).toBe('x');
  expect(drawn('1;3', '22')).toBe('<i>x</i>');
  expect(drawn('31;41', '39;49')).toBe('x');
});

test('whatever the style, text comes out escaped and nothing of a sequence with it', () => {
  const params = fc.array(fc.array(fc.integer({ min: 0, max: 260 })).map((codes) => codes.join(';')));
  const property = fc.property(params, (sequences) => {
    const style = sequences.reduce(applySgr, defaultStyle);
    const html = convert.toHtml(`${canonicalSgr(style)}<script>&"`);
    expect(html.replace(/<\/?(?:span|b|i|u|strike|blink)(?: style="[a-z0-9:#().;-]*")?>/g, '')).toBe(
      '&lt;script&gt;&amp;&quot;',
    );
  });
  fc.assert(property, { numRuns: 200 });
});
