import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Token, tokens } from '../../../../agent/text/escapes/escapes.ts';
import { growthOf, linear } from '../../../support/growth.ts';

function kinds(text: string): Omit<Token, 'end'>[] {
  return [...tokens(text)].map(({ end: _end, ...token }) => token);
}

describe('tokens', () => {
  it('tells text from SGR and other control sequences', () => {
    expect(kinds('a\tb\x1b[1;31mc\x1b[?25l\x1b[2K\x1b[>4;2m')).toEqual([
      { type: 'text', text: 'a\tb' },
      { type: 'sgr', params: '1;31' },
      { type: 'text', text: 'c' },
      { type: 'csi', params: '?25', final: 'l' },
      { type: 'csi', params: '2', final: 'K' },
      { type: 'csi', params: '>4;2', final: 'm' },
    ]);
  });

  it('knows the single characters that stand for ESC and another', () => {
    expect(kinds('\x9b1m\x9d0;t\x9c\x85')).toEqual([
      { type: 'sgr', params: '1' },
      { type: 'string', kind: 'OSC', text: '0;t' },
      { type: 'control', code: 0x85 },
    ]);
  });

  it('reads OSC 8 links with either terminator', () => {
    expect(kinds('\x1b]8;id=1;http://a/;b\x1b\\x\x1b]8;;\x07')).toEqual([
      { type: 'link', params: 'id=1', uri: 'http://a/;b' },
      { type: 'text', text: 'x' },
      { type: 'link', params: '', uri: '' },
    ]);
  });

  it('reads control strings of every kind', () => {
    expect(
      kinds('\x1b]0;t\x07\x1bPq#\x1b\\\x1b_bk;t=1\x07\x1b_a\x1b\\\x1b^b\x1b\\\x1bXc\x1b\\\x1bkd\x1b\\\x1b]P1234567e'),
    ).toEqual([
      { type: 'string', kind: 'OSC', text: '0;t' },
      { type: 'string', kind: 'DCS', text: 'q#' },
      { type: 'string', kind: 'APC', text: 'bk;t=1' },
      { type: 'string', kind: 'APC', text: 'a' },
      { type: 'string', kind: 'PM', text: 'b' },
      { type: 'string', kind: 'SOS', text: 'c' },
      { type: 'string', kind: 'title', text: 'd' },
      { type: 'string', kind: 'OSC', text: 'P1234567' },
      { type: 'text', text: 'e' },
    ]);
  });

  it.each(['', '\x1b[0m', '\x18', '\x1a', '\x9b0m'])(
    'hides no text behind a string without terminator (then %j)',
    (next) => {
      expect(kinds(`\x1b]0;a long text${next}`).slice(0, 2)).toEqual([
        { type: 'escape', code: ']' },
        { type: 'text', text: '0;a long text' },
      ]);
    },
  );

  it('reads escape sequences without parameters, and what is none', () => {
    expect(kinds('\x1b(B\x1b7\x1b\x1b é\x1b')).toEqual([
      { type: 'escape', code: '(B' },
      { type: 'escape', code: '7' },
      { type: 'escape', code: '' },
      { type: 'escape', code: '' },
      { type: 'text', text: 'é' },
      { type: 'escape', code: '' },
    ]);
  });

  it('ends a control sequence where something else begins', () => {
    expect(kinds('\x1b[3\r1m\x1b[1é\x1b[31')).toEqual([
      { type: 'csi', params: '3', final: '' },
      { type: 'control', code: 13 },
      { type: 'text', text: '1m' },
      { type: 'csi', params: '1', final: '' },
      { type: 'text', text: 'é' },
      { type: 'csi', params: '31', final: '' },
    ]);
  });

  it('covers any text without gap or overlap', () => {
    const unit = fc.constantFrom(
      'a',
      'é',
      '\x1b',
      '[',
      ']',
      'P',
      '\\',
      '\x07',
      '1',
      ';',
      ':',
      'm',
      '8',
      '\x9b',
      '\x9d',
      '\x9c',
      '\r',
      '(',
      '\u{1f600}',
    );
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        let at = 0;
        for (const token of tokens(text)) {
          expect(token.end).toBeGreaterThan(at);
          if (token.type === 'text') expect(text.slice(at, token.end)).toBe(token.text);
          at = token.end;
        }
        expect(at).toBe(text.length);
      }),
    );
  });

  it.each(['\x1b]', '\x9d', '\x1bP\x07', '\x1b[1;', '\x1b(((', '\x1b]8;', '\x1b]a\x01', '\x1b\\'])(
    'takes linear time for any number of %j',
    (part) => {
      const growth = growthOf((size) => {
        for (const _token of tokens(part.repeat(size / part.length))) {
          // only the time counts
        }
      }, 100_000);
      expect(growth).toBeLessThan(linear);
    },
  );
});
