import { describe, expect, it } from 'vitest';
import { restoreHidden } from '../../../../agent/text/escapes/hidden.ts';
import { visibleText } from '../../../../agent/text/escapes/strip.ts';
import { createSplitter, type Splitter } from '../../../../agent/text/lines/splitter.ts';
import { createMarkerReader } from '../../../../agent/text/markers.ts';
import { createScreenSplitter } from '../../../../agent/text/screen/screen-splitter.ts';

const clear = '\x1b[0K';

/** By what reads them: what a tool prints before its CR. */
const markers: Readonly<Record<string, readonly [marker: string, says: string]>> = {
  'a section of GitLab': [`${clear}section_start:1560896352:b.c-d_1`, 'open gitlab:b.c-d_1'],
  'its short erasure': ['\x1b[Ksection_start:1560896352:b', 'open gitlab:b'],
  'no erasure': ['section_start:1560896352:b', 'open gitlab:b'],
  'a folded section': [`${clear}section_start:1560896352:b[collapsed=true,hide_duration=true]`, 'open gitlab:b'],
  'options with blanks': ['section_start:1560896352:b[a = b]', 'open gitlab:b'],
  'its end': [`${clear}section_end:1560896353:b`, 'close gitlab:b'],
  'as GitLab keeps it': [`2026-11-28T08:00:00.000000Z 00O ${clear}section_start:1560896352:b`, 'open gitlab:b'],
  'in a color': ['\x1b[33msection_start:1560896352:b', 'open gitlab:b'],
  'a fold of Travis': ['travis_fold:start:git.checkout', 'open travis:git.checkout'],
  'the end of a fold': ['travis_fold:end:git.checkout', 'close travis:git.checkout'],
  'the time of a fold': ['travis_time:end:0d7:start=1000000,finish=3000000,duration=2000000', 'took travis:'],
  'two at once': [`travis_time:end:0d7:start=1000000,finish=3000000\r${clear}travis_fold:end:a`, 'close travis:a'],
  'two of GitLab': [`section_end:1560896353:a\r${clear}${clear}section_start:1560896353:b`, 'open gitlab:b'],
};

/** By who ends a line so. */
const lineEnds: Readonly<Record<string, string>> = {
  'a pipe': `\r${clear}\n`,
  'a pipe, and no erasure': '\r\n',
  'a terminal': '\r\r\n',
  'a terminal, after Windows’ line end': '\r\r\r\n',
  'a terminal, and an erasure': `\r${clear}\r\n`,
  'a short erasure': '\r\x1b[K\r\n',
};

/** The lines that are made of a text, cut at this byte. */
type Reader = (text: string, cut: number) => string[];
const readers: Readonly<Record<string, Reader>> = {
  'a pipe': (text, cut) => linesOf((splitter) => splitter, text, cut),
  'a terminal': (text, cut) =>
    linesOf((splitter) => createScreenSplitter(splitter, { size: () => ({ columns: 120, rows: 24 }) }), text, cut),
};

function linesOf(over: (splitter: Splitter) => Pick<Splitter, 'write' | 'end'>, text: string, cut: number): string[] {
  const lines: string[] = [];
  const splitter = over(
    createSplitter({
      line: (bytes, start, end) => void lines.push(bytes.toString('utf8', start, end)),
      lines: (bytes, start, end) =>
        void lines.push(
          ...bytes
            .toString('utf8', start, end - 1)
            .split('\n')
            .map((line) => line.replace(/\r$/, '')),
        ),
    }),
  );
  const bytes = Buffer.from(text);
  splitter.write(bytes.subarray(0, cut));
  splitter.write(bytes.subarray(cut));
  splitter.end();
  return lines;
}

function saidBy(line: string): string {
  const last = createMarkerReader().read(line, visibleText(line), 1).at(-1);
  return last === undefined || !('key' in last) ? '' : `${last.type} ${last.key}`;
}

describe.each(Object.entries(readers))('a marker that %s hands on', (_, read) => {
  describe.each(Object.entries(lineEnds))('with the line end of %s', (_, lineEnd) => {
    it.each(Object.entries(markers))('is one and not seen, wherever its bytes are cut: %s', (_, [marker, says]) => {
      const before = 'ordinary\r\n';
      const text = `${before}${marker}${lineEnd}next\r\n`;
      for (let cut = 0; cut <= text.length; cut++) {
        const [first, line = '', next, ...rest] = read(text, cut);
        expect([visibleText(first ?? ''), visibleText(next ?? ''), ...rest], `cut at ${cut}`).toEqual([
          'ordinary',
          'next',
        ]);
        expect(visibleText(line).replace('2026-11-28T08:00:00.000000Z 00O ', ''), `cut at ${cut}`).toBe('');
        expect(saidBy(line), `cut at ${cut}`).toBe(says);
        // As GitLab's own reader wants it: with the CR that ends it.
        expect(restoreHidden(line).startsWith(`${marker}\r`), `cut at ${cut}`).toBe(true);
      }
    });
  });
});

describe('what ends as a marker does', () => {
  it.each([
    '+ echo travis_fold:start:x',
    "+ echo -en 'section_start:1560896352:b",
    '$ printf section_start:1560896352:b',
    'a_section_start:1560896352:b',
    'section_start:now:b',
    'section_start:1560896352:',
    'section_start:1560896352:b[a',
    'travis_fold:begin:x',
  ])('is text where another command or word has it: %s', (text) => {
    for (const lineEnd of ['\n', '\r\n', '\r\r\n']) {
      expect(linesOf((splitter) => splitter, `${text}${lineEnd}`, 3)).toEqual([text]);
    }
  });

  it('is a marker at the end of the text, too', () => {
    expect(linesOf((splitter) => splitter, 'travis_fold:end:x\r', 3).map(visibleText)).toEqual(['']);
  });
});
