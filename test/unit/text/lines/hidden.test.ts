import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markerIn, markersIn, restoreHidden } from '../../../../agent/text/escapes/hidden.ts';
import { visibleText } from '../../../../agent/text/escapes/strip.ts';
import { createSplitter } from '../../../../agent/text/lines/splitter.ts';

/** The lines of a text, however it is cut. */
function linesOf(text: string, chunkLength = text.length): string[] {
  const lines: string[] = [];
  const splitter = createSplitter({ line: (bytes, start, end) => lines.push(bytes.toString('utf8', start, end)) });
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += chunkLength) splitter.write(bytes.subarray(at, at + chunkLength));
  splitter.end();
  return lines;
}

const gitlab = '\x1b[0Ksection_start:1560896352:build[collapsed=true]\r\x1b[0K';
const clear = '\x1b[0K';
const travis = 'travis_fold:start:git.checkout\r\x1b[0Ktravis_time:start:0d7d10f8\r\x1b[0K';

describe('a marker before a CR', () => {
  it.each([
    [`${gitlab}\x1b[36mBuild\x1b[0m`, 'Build'],
    ['\x1b[0Ksection_end:1560896353:build\r\x1b[0K', ''],
    [`section_end:1:a\r\x1b[0K${gitlab}next`, 'next'],
    [`2026-11-28T08:00:00.000000Z 00O ${gitlab}Build`, '2026-11-28T08:00:00.000000Z 00O Build'],
    [`${travis}$ npm ci`, '$ npm ci'],
    ['travis_time:end:0d7:start=1,finish=2,duration=1\r\x1b[0K', ''],
  ])('%j stays with its line, is not seen, and is given back as it was printed', (printed, visible) => {
    for (const chunkLength of [1, 7, 1000]) {
      const [line = '', ...rest] = linesOf(`${printed}\n`, chunkLength);
      expect(rest).toEqual([]);
      expect(visibleText(line)).toBe(visible);
      expect(line).not.toMatch(/[\r\n]/);
      expect(restoreHidden(line)).toBe(printed);
    }
  });

  it('stays where the rest of the line is folded', () => {
    const [line = ''] = linesOf(`${gitlab}10%\r20%\r\x1b[K30%\n`);
    expect(visibleText(line)).toBe('30%');
    expect(restoreHidden(line)).toBe(`${gitlab}30%`);
  });

  it('can be read from the line', () => {
    const [line = ''] = linesOf(`\x1b_bk;t=5\x07${gitlab}a\n`);
    expect([...markersIn(line)]).toEqual(['bk;t=5', gitlab]);
  });

  it('is a line at the end of the text as well', () => {
    expect(linesOf('section_end:1:a\r\x1b[0K').map(restoreHidden)).toEqual(['section_end:1:a\r\x1b[0K']);
  });

  it('of another form is folded as ever', () => {
    expect(linesOf('section_start:now:x\rab\n')).toEqual(['abction_start:now:x']);
  });
});

describe('a control string of our own that a program printed', () => {
  it.each(['\x1b_sse-tail;rm%0D%1B[31m\x1b\\', '\x1b_sse-tail;%0A\x1b\\', '\x1b_sse-tail;\x1b\\'])(
    '%j is given back as it is',
    (text) => {
      expect(restoreHidden(`a${text}b`)).toBe(`a${text}b`);
      expect(markerIn(text.slice(2, -2))).toBeUndefined();
    },
  );

  it('never brings a line end or another sequence into the text', () => {
    const piece = fc.constantFrom('\x1b_sse-tail;', '%0D', '%1B', '%25', '[0K', 'section_end:1:a', '\x1b\\', '\n', 'x');
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('');
        const restored = restoreHidden(text);
        const withoutMarkers = restored.replaceAll(clear, '').replaceAll(/section_end:1:ax*\r/g, '');
        expect(withoutMarkers).not.toContain('\r');
        expect(restored.split('\n').length).toBe(text.split('\n').length);
      }),
    );
  });
});

describe('what is meant for other programs', () => {
  it('Buildkite’s time stays with its line, folded or not', () => {
    expect(linesOf('\x1b_bk;t=1560896352000\x07plain\n')).toEqual(['\x1b_bk;t=1560896352000\x07plain']);
    const [folded = ''] = linesOf('\x1b_bk;t=1560896352000\x0710%\r20%\n');
    expect(folded).toBe('\x1b_bk;t=1560896352000\x1b\\20%');
    expect(visibleText(folded)).toBe('20%');
  });

  it('notes of Jenkins are dropped', () => {
    const note = '\x1b[8mha:////4AbC+/=\x1b[0m';
    expect(linesOf(`${note}Started by user ${note}\x1b[1madmin\x1b[0m\n\x1b[8mhidden\x1b[0m\n`)).toEqual([
      'Started by user \x1b[1madmin\x1b[0m',
      '\x1b[8mhidden\x1b[0m',
    ]);
  });

  it('what tmux passes through is unwrapped', () => {
    const link = '\x1bPtmux;\x1b\x1b]8;;http://a/\x07\x1b\\text\x1bPtmux;\x1b\x1b]8;;\x1b\x1b\\\x1b\\\n';
    expect(linesOf(link)).toEqual(['\x1b]8;;http://a/\x07text\x1b]8;;\x1b\\']);
  });
});

describe('control strings of any length', () => {
  const image = 'A/+='.repeat(100_000);
  it.each([
    ['an image', `\x1b]1337;File=name=c2hvdA==;inline=1:${image}\x07`],
    ['a sixel image', `\x1bPq"1;1;640;480${'#0!494~$-'.repeat(40_000)}\x1b\\`],
    ['a clipboard', `\x1b]52;c;${image}\x1b\\`],
    ['an image in lines', `\x1b]1337;File=inline=1:\n${'UvImZaYMEtKJGF2VDuiBNgkWb2sRPR\r\n'.repeat(20)}\x07`],
    ['a long image in lines', `\x1b]1337;File=inline=1:\n${`${'A'.repeat(76)}\n`.repeat(8000)}\x07`],
    ['an image that tmux passes through', `\x1bPtmux;\x1b\x1b]1337;File=inline=1:${image}\x07\x1b\\`],
  ])('%s is not seen', (_, string) => {
    for (const chunkLength of [65_536, 999, 10_000_000]) {
      const lines = linesOf(`before\n${string}\nx${string}y\nafter\n`, chunkLength);
      expect(lines.map(visibleText)).toEqual(['before', '', 'xy', 'after']);
    }
  });

  it('that break off hide no words', () => {
    const lines = linesOf('\x1b]1337;File=inline=1:\nAAAA\nthe next words\nmore\n\x1b]0;a title\nend\n');
    expect(lines.map(visibleText)).toEqual([
      '1337;File=inline=1:',
      'AAAA',
      'the next words',
      'more',
      '0;a title',
      'end',
    ]);
  });

  const starts = [
    '\x1b]1337;File=inline=1:AAAA',
    '\x1b]1337;File=inline=1:',
    '\x1b]1337;FilePart=AAAA',
    '\x1bPq',
    '\x1bP0;1q"1;1#0~~',
  ];
  const json = Array.from({ length: 500 }, (_, n) => `{"level":"error","n":${n}}`);
  it.each([
    ...starts.map((start) => [`start ${start}`, json]),
    ...starts.map((start) => [start, ['AAAA', 'done', '', 'A1', '\x1b[31mred', 'ok']]),
    ...starts.map((start) => [start, ['AAAA', 'done', 'ok\x1b[0m']]),
    ...starts.map((start) => [start, Array.from({ length: 300 }, () => start)]),
    ['\x1b]1337;File=inline=1', ['AAAA', 'done']],
    ...starts.map((start) => [`${start}${'A'.repeat(300_000)}`, ['AAAA', '', 'done', 'not seen']]),
  ] as [string, string[]][])('a stray image start takes no line with it: %j', (start, texts) => {
    const printed = ['before', start, ...texts];
    for (const isEnded of [true, false]) {
      for (const chunkLength of [10_000_000, 4096, 7]) {
        if (chunkLength === 7 && start.length > 1000) continue;
        const seen = linesOf(printed.join('\n') + (isEnded ? '\n' : ''), chunkLength).map(visibleText);
        const first = visibleText(start);
        expect(seen).toEqual([
          'before',
          expect.stringContaining(first.length > 1000 ? '' : first),
          ...texts.map(visibleText),
        ]);
      }
    }
  });

  it('an image of many megabytes that breaks off leaves a trace', () => {
    const lines = linesOf(`before\n\x1b]1337;File=inline=1:\n${`${'A'.repeat(76)}\n`.repeat(60_000)}the end\n`, 65_536);
    expect(lines.map(visibleText)).toEqual(['before', '[image without an end]', 'the end']);
  });
});

describe('a link', () => {
  it('goes on in the next line until it is closed', () => {
    expect(linesOf('\x1b]8;;http://a/\x07one\ntwo\x1b]8;;\x07 three\nfour\n')).toEqual([
      '\x1b]8;;http://a/\x07one',
      '\x1b]8;;http://a/\x1b\\two\x1b]8;;\x07 three',
      'four',
    ]);
  });
});

describe('overstrike', () => {
  const bold = (text: string) => `\x1b[1m${text}\x1b[0m`;
  const underlined = (text: string) => `\x1b[4m${text}\x1b[0m`;
  it.each([
    ['N\bNA\bAM\bME\bE', bold('NAME')],
    ['_\bf_\bi', underlined('fi')],
    ['f\b_i\b_', underlined('fi')],
    ['+\bo item', 'o item'],
    ['9%\b\b10%', '10%'],
    ['|\b/\b-\b\\', '\\'],
    ['_\bä', underlined('ä')],
  ])('%j is drawn as %j', (printed, drawn) => {
    expect(linesOf(`${printed}\n`)).toEqual([drawn]);
  });
});

it('a column far right is the last of the 120 that a command was told', () => {
  expect(linesOf('\x1b[999Gx\n')[0]).toBe(`${' '.repeat(119)}x`);
});
