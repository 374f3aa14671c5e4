import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { visibleText } from '../../../../agent/text/escapes/strip.ts';
import { createSplitter } from '../../../../agent/text/lines/splitter.ts';
import { parsePattern } from '../../../../agent/text/redact/pattern.ts';
import { createRedactor, type Secrets } from '../../../../agent/text/redact/redact.ts';
import { createRedactedSplitter, type RedactedSplitter } from '../../../../agent/text/redact/redacted-splitter.ts';
import { growthOf, leastTime, leastTimes, linear, processorTime } from '../../../support/growth.ts';

const secret = 'hunter2-hunter2';

describe('many plain lines', () => {
  it('have no secrets, wherever one stands in them', () => {
    const line = fc.oneof(fc.stringMatching(/^[ -~]{0,90}$/), fc.constantFrom(secret, `a ${secret}`, `${secret}!`));
    fc.assert(
      fc.property(fc.array(line, { minLength: 20, maxLength: 80 }), (texts) => {
        const expected = texts.map((text) => text.replaceAll(secret, '***'));
        expect(linesOf(texts.map((text) => `${text}\n`).join(''))).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('after a mask is set have no longer what it names', () => {
    const lines = Array.from({ length: 100 }, (_, at) => `line ${at} has swordfish in it`);
    expect(linesOf(['::add-mask::swordfish', ...lines, ''].join('\n')).slice(1)).toEqual(
      lines.map((text) => text.replace('swordfish', '***')),
    );
  });
});

interface Redacting {
  splitter: RedactedSplitter;
  lines: string[];
  continued: boolean[];
}

function redacting({ values = [secret], patterns = [] }: Partial<Secrets> = {}, maxLineBytes?: number): Redacting {
  const lines: string[] = [];
  const continued: boolean[] = [];
  const splitter = createRedactedSplitter(
    {
      line(bytes, start, end, goesOn) {
        lines.push(bytes.toString('utf8', start, end));
        continued.push(goesOn);
      },
      lines(bytes, start, end) {
        for (const line of bytes.toString('utf8', start, end).split('\n').slice(0, -1)) {
          lines.push(line);
          continued.push(false);
        }
      },
    },
    createRedactor({ values, patterns }),
    maxLineBytes === undefined ? {} : { maxLineBytes },
  );
  return { splitter, lines, continued };
}

function linesOf(text: string, secrets?: Partial<Secrets>): string[] {
  const { splitter, lines } = redacting(secrets);
  splitter.write(Buffer.from(text));
  splitter.end();
  return lines;
}

function maskOf(_: unknown, at: number): string {
  return `::add-mask::${createHash('md5').update(`${at}`).digest('hex')}`;
}

const pattern = (source: string) => parsePattern(source);

describe('a secret in a line', () => {
  it('is replaced wherever it stands and however often', () => {
    expect(linesOf(`a ${secret} b${secret}${secret}\nnothing\n${secret}`)).toEqual(['a *** b******', 'nothing', '***']);
  });

  it('is replaced whichever way the bytes are cut', () => {
    const text = `one\nkey=${secret};\n\x1b[32mkey=hunter2\x1b[0m-hunter2.\nlast`;
    for (let cut = 0; cut <= text.length; cut++) {
      const { splitter, lines } = redacting();
      splitter.write(Buffer.from(text.slice(0, cut)));
      splitter.write(Buffer.from(text.slice(cut)));
      splitter.end();
      expect(lines).toEqual(['one', 'key=***;', '\x1b[32mkey=***\x1b[0m.', 'last']);
    }
  });

  it('is found when it is colored in the middle, and the colors stay', () => {
    expect(linesOf('\x1b[1mhunter2\x1b[31m-hun\x1b[0mter2\x1b[34m blue\x1b[0m')).toEqual([
      '\x1b[1m***\x1b[31m\x1b[0m\x1b[34m blue\x1b[0m',
    ]);
  });

  it.each([
    ...['\x07', '\x0e', '\x00', '\x01', '\x7f', '\u0085', '\x1b(B', '\x1b]', '\x1b]0;title\x07', '\x1b]P1ff0000'],
    ...['\u009b1m', '\x1b]0;t\u009c', '\u009d0;t\u009c'],
  ])('is found with %j in the middle', (unseen) => {
    for (const before of ['', '.'.repeat(2000)]) {
      const lines = linesOf(`${before}\n[hunter2-${unseen}hunter2]\n`).map(visibleText);
      expect(lines).toEqual([before, '[***]']);
    }
    const masked = linesOf(`::add-mask::swordfish\n[sword${unseen}fish]\n`, { values: [] }).map(visibleText);
    expect(masked[1]).toBe('[***]');
  });

  it('is found where an escape sequence is not complete on its line', () => {
    expect(linesOf(`\x1b]0;never ended\n${secret}\nhunter2\x1b[1m-hunter2\n`).slice(1)).toEqual(['***', '***\x1b[1m']);
  });

  it('is found in the address of a link and in a title', () => {
    const link = `\x1b]8;;https://me:${secret}@example.org/\x1b\\text\x1b]8;;\x1b\\`;
    expect(linesOf(`${link}\n\x1b]0;${secret}\x07x`)).toEqual([link.replace(secret, '***'), '\x1b]0;***\x07x']);
  });

  it.each(['https://host/?t=%', 'id=%;https://host/', 'https://host/?t=%&b=1'])(
    'is found in %j on every line that the link goes over',
    (address) => {
      const open = `\x1b]8;${address.includes(';') ? '' : ';'}${address.replace('%', secret)}\x1b\\`;
      for (const color of ['', '\x1b[31m']) {
        const texts = [`${color}${open}first\n`, 'second\n', 'third\r\n', '\n', '\x1b]8;;\x1b\\last\n'];
        for (const chunks of [[texts.join('')], texts]) {
          const { splitter, lines } = redacting();
          for (const chunk of chunks) splitter.write(Buffer.from(chunk));
          splitter.write(Buffer.from('fourth'));
          expect([...lines, splitter.partial()].join('\n')).not.toContain(secret);
          expect(lines.map(visibleText)).toEqual(['first', 'second', 'third', '', 'last']);
          expect(lines[1]).toContain(address.replace('%', '***'));
        }
      }
    },
  );

  it('is found after a progress bar was folded', () => {
    expect(linesOf(`10%\rtok ${secret}\x1b[K\n`)[0]).toContain('tok ***');
    expect(linesOf(`hunter2-huntex\b\b r2\n`).join()).not.toContain(secret);
  });

  it('in a JSON string and in a URL', () => {
    const values = ['pass"word/ü&x'];
    expect(linesOf('{"p":"pass\\"word/ü&x"}\nhttp://x/?p=pass%22word%2F%C3%BC%26x\n', { values })).toEqual([
      '{"p":"***"}',
      'http://x/?p=***',
    ]);
  });

  it('that has several lines is replaced line by line', () => {
    const values = ['-----BEGIN KEY-----\nMIIEvQIBADANBg\r\nkqhkiG9w0BAQEF\n-----END KEY-----\n'];
    expect(linesOf(`key:\n  ${values[0]}done`, { values })).toEqual(['key:', '  ***', '***', '***', '***', 'done']);
  });

  it('one secret inside another leaves nothing of either', () => {
    expect(linesOf('xabcdefghy abcdef', { values: ['abcdef', 'cdefgh', 'abcdefgh'] })).toEqual(['x***y ***']);
  });

  it('a color that is in force goes on as if nothing had been replaced', () => {
    const given: string[] = [];
    const plain = createSplitter({ line: (bytes, start, end) => given.push(bytes.toString('utf8', start, end)) });
    const text = `\x1b[31mhunter2-\x1b[1mhunter2\nred\n`;
    plain.write(Buffer.from(text));
    expect(linesOf(text)[1]).toBe(given[1]);
  });
});

describe('a line longer than the limit', () => {
  const limit = 256;

  it.each([1, 7, 10_000])('has no secret across the border of its pieces, in chunks of %d bytes', (chunkBytes) => {
    for (let before = limit - secret.length - 2; before <= limit + 2; before++) {
      const { splitter, lines, continued } = redacting({}, limit);
      const text = `${'.'.repeat(before)}${secret}${'.'.repeat(300)}`;
      const bytes = Buffer.from(`${text}\nnext\n`);
      for (let at = 0; at < bytes.length; at += chunkBytes) splitter.write(bytes.subarray(at, at + chunkBytes));
      expect(lines.slice(0, -1).join('')).toBe(text.replace(secret, '***'));
      expect(continued.slice(0, -1)).toEqual([...Array(lines.length - 2).fill(true), false]);
      expect(lines.at(-1)).toBe('next');
    }
  });

  it('nor one that a pattern finds', () => {
    const { splitter, lines } = redacting({ values: [], patterns: [pattern('key-\\d{20}')] }, limit);
    const text = `${'.'.repeat(limit - 10)}key-${'7'.repeat(20)}...`;
    splitter.write(Buffer.from(text));
    splitter.end();
    expect(lines.join('')).toBe(`${'.'.repeat(limit - 10)}***...`);
  });

  it('is read again from the piece that was held back', () => {
    const { splitter, lines } = redacting({}, limit);
    const text = `${'.'.repeat(limit - 4)}${secret}`;
    splitter.write(Buffer.from(text.padEnd(limit + 2, '.')));
    expect(lines).toEqual([]);
    expect(splitter.pending).toBe(Math.max(text.length, limit + 2));
    expect(splitter.partial()).toBe('');
    splitter.write(Buffer.from('\n'));
    expect(splitter.pending).toBe(0);
    expect(lines.join('')).toBe(`${'.'.repeat(limit - 4)}***`);
  });

  it('a piece held back comes when the text ends', () => {
    const { splitter, lines } = redacting({}, limit);
    splitter.write(Buffer.from(`${'.'.repeat(limit - 1)}hh`));
    splitter.end();
    expect(lines.join('')).toBe(`${'.'.repeat(limit - 1)}hh`);
    expect(splitter.pending).toBe(0);
  });
});

describe('a secret of which the text ends in the middle', () => {
  const secret = 'swordfish-of-1999';

  /** The text that is written, and what comes of it, where it ends after each of the texts. */
  const ended = (texts: string[], secrets?: Partial<Secrets>) => {
    const { splitter, lines } = redacting({ values: [secret], ...secrets });
    for (const text of texts) {
      splitter.write(Buffer.from(text));
      splitter.end();
    }
    return lines;
  };

  it('shows no more than two of its characters, wherever that is', () => {
    for (let length = 1; length < secret.length; length++) {
      const half = secret.slice(0, length);
      expect(ended([`tok ${half}`])).toEqual([`tok ${length < 3 ? half : '***'}`]);
      expect(ended([`tok ${half.slice(0, 1)}\x1b[31m${half.slice(1)}\x1b[0m`]).map(visibleText)).toEqual([
        `tok ${length < 3 ? half : '***'}`,
      ]);
      expect(ended([`tok ${half}\n`])).toEqual([`tok ${half}`]);
    }
  });

  it('does not show its rest either, if the next text begins with that', () => {
    for (let length = 1; length < secret.length; length++) {
      const [half, rest] = [secret.slice(0, length), secret.slice(length)];
      expect(ended([`tok ${half}`, `${rest} more\n${rest}`]).slice(1)).toEqual([' more', rest]);
      expect(ended([`tok ${half}`, `other ${rest}\n`]).slice(1)).toEqual([`other ${rest}`]);
    }
    const { splitter } = redacting({ values: [secret] });
    splitter.write(Buffer.from('tok swordfish'));
    splitter.end();
    splitter.write(Buffer.from('-of-1999 '));
    expect(splitter.partial()).toBe(' ');
  });

  it('after a piece that was held back', () => {
    const { splitter, lines } = redacting({ values: [secret] }, 256);
    splitter.write(Buffer.from(`${'.'.repeat(250)}${secret.slice(0, 14)}`));
    splitter.end();
    expect(lines.join('')).toBe(`${'.'.repeat(250)}***`);
  });

  it.each([
    ['tok swo', true],
    ['tok s', true],
    ['tok swa', false],
    [`tok ${secret}`, false],
    ['tok swordfish\n', false],
    [`${'.'.repeat(9000)}s`, true],
    [`${'.'.repeat(9000)}.`, false],
    ['', false],
  ])('is known while its rest may come: %j', (text, mayCut) => {
    const { splitter } = redacting({ values: [secret] });
    splitter.write(Buffer.from(text));
    expect(splitter.mayCutSecret).toBe(mayCut);
  });

  it('may be any that a pattern finds', () => {
    const { splitter } = redacting({ values: [], patterns: [pattern('key-\\d{20}')] });
    expect(splitter.mayCutSecret).toBe(false);
    splitter.write(Buffer.from('tok key-1'));
    expect(splitter.mayCutSecret).toBe(true);
  });
});

describe('rows of a screen', () => {
  const redactor = createRedactor({ values: [secret], patterns: [] });

  it('have no secret that goes over the right edge, and nothing that may become one', () => {
    for (let length = 1; length < secret.length; length++) {
      const shown = redactor.rows([`one ${secret.slice(0, length)}`, `${secret.slice(length)} two`, 'hunt', '']);
      expect(shown).toEqual(['one ***', ' two', '***', '']);
    }
    expect(redactor.rows(['::add-mask::abc', 'hu'])).toEqual(['::add-mask::***', 'hu']);
  });
});

describe('an unfinished line', () => {
  const partialOf = (text: string, secrets?: Partial<Secrets>) => {
    const { splitter } = redacting(secrets);
    splitter.write(Buffer.from(text));
    return splitter.partial();
  };

  it('has no secrets', () => {
    expect(partialOf(`tok ${secret} `)).toBe('tok *** ');
    expect(partialOf('tok hunter2\x1b[31m-hunter2 ')).toBe('tok ***\x1b[31m ');
  });

  it('never shows more than two characters of a secret at its end', () => {
    for (let length = 3; length < secret.length; length++) {
      expect(partialOf(`tok ${secret.slice(0, length)}`)).toBe('tok ***');
    }
    expect(partialOf('tok hu')).toBe('tok hu');
  });

  it('does not show the value of a mask that is being told', () => {
    expect(partialOf('::add-mask::new-secr', { values: [] })).toBe('::add-mask::***');
  });
});

describe('an unfinished line with patterns', () => {
  const secrets = { values: [], patterns: [pattern('ghp_[a-z]{36}')] };
  const token = `ghp_${'k'.repeat(36)}`;

  it('shows whole words only, of which none is half a match', () => {
    const text = `\x1b[1mkey ${token} more`;
    for (let length = 0; length <= text.length; length++) {
      const { splitter } = redacting(secrets);
      splitter.write(Buffer.from(text.slice(0, length)));
      const shown = visibleText(splitter.partial());
      expect(shown).toBe(length < 8 ? '' : length < 49 ? 'key ' : 'key *** ');
    }
  });

  it('nor is the last row of a screen', () => {
    const rows = createRedactor(secrets).rows(['one two', `tok ${token.slice(0, -1)}`]);
    expect(rows).toEqual(['one two', 'tok ']);
  });
});

describe('::add-mask::', () => {
  it('takes a value out from its own line on', () => {
    const text = 'new-value\n::add-mask::new-value\nis new-value\n  ::add-mask::100%25 sure\n100% sure\n';
    expect(linesOf(text, { values: [] })).toEqual([
      'new-value',
      '::add-mask::***',
      'is ***',
      '  ::add-mask::***',
      '***',
    ]);
  });

  it('counts in every channel at once', () => {
    const lines: string[] = [];
    const redactor = createRedactor({ values: [], patterns: [] });
    const receiver = { line: (b: Buffer, s: number, e: number) => lines.push(b.toString('utf8', s, e)) };
    const [one, other] = [createRedactedSplitter(receiver, redactor), createRedactedSplitter(receiver, redactor)];
    one.write(Buffer.from('::add-mask::swordfish\n'));
    other.write(Buffer.from('a swordfish\n'));
    expect(lines[1]).toBe('a ***');
  });

  it('of too little is none: it would be found everywhere', () => {
    expect(linesOf('::add-mask::a\nbanana\n::add-mask::\n', { values: [] })).toContain('banana');
  });

  it('of any length is replaced, whichever part of it is found', () => {
    const value = Array.from({ length: 3000 }, (_, at) => `${at} `)
      .join('')
      .trim();
    const text = `::add-mask::${value}\nis ${value}.\n${value.slice(-5000)}\n`;
    const shown = linesOf(text, { values: [] }).map((line) => line.replace(/\*+/g, '*'));
    expect(shown).toEqual(['::add-mask::*', 'is *.', expect.not.stringContaining('2999')]);
  });

  it.each([
    [
      'short ones',
      (size: number) =>
        Array.from({ length: 100 }, (_, at) => `::add-mask::aaaa${at}`)
          .join('\n')
          .padEnd(size, 'a'),
    ],
    ['random ones', (size: number) => Array.from({ length: 1000 }, maskOf).join('\n').padEnd(size, 'some line\n')],
    [
      'a long one',
      (size: number) => `::add-mask::${'a'.repeat(size / 4)}\n${'a'.repeat(size)}\n${'a'.repeat(size / 2)}b`,
    ],
    [
      'many long ones',
      (size: number) =>
        Array.from({ length: size / 5000 }, (_, at) => `::add-mask::${'ab'.repeat(2500)}${at}`).join('\n'),
    ],
  ])('takes time in proportion to the text: %s', (_, textOf) => {
    const size = 256 * 1024;
    const mostMs = 5000;
    const pass = () => {
      const { splitter } = redacting({ values: [] });
      splitter.write(Buffer.from(`${textOf(size)}\n`));
      splitter.write(Buffer.from('a'.repeat(size)));
      splitter.partial();
    };
    // What is looked through again for each mask or line takes minutes.
    expect(leastTime(pass, mostMs)).toBeLessThanOrEqual(mostMs);
  });

  it('inside a line is text', () => {
    expect(linesOf('say ::add-mask::swordfish\nswordfish\n', { values: [] })[1]).toBe('swordfish');
  });
});

describe('a thousand secrets', () => {
  const letters = 'a'.repeat(64);
  const texts = (length: number) => ({
    'of that letter': 'a'.repeat(length),
    'of that letter and an end of one': 'aaaaaaaaaaaaaaa1'.repeat(length / 16),
    'of something else': 'some line of a build\n'.repeat(length / 21),
    'in color': '\x1b[32maaaa\x1b[0m '.repeat(length / 14),
  });
  const secretsOf: Record<string, (at: number) => string> = {
    'that begin alike': (at) => `${letters}${at}`,
    'that end alike': (at) => `${at}${letters}`,
    'that are parts of each other': (at) => 'a'.repeat(4 + at),
    'that differ in their middle': (at) => `${letters}${at}${letters}`,
    'that are random': (at) => createHash('md5').update(`${at}`).digest('hex'),
  };
  const timeOf = (secretOf: (at: number) => string, count: number, text: string) => {
    const { splitter } = redacting({ values: Array.from({ length: count }, (_, at) => secretOf(at)) });
    splitter.write(Buffer.from('warm up\n'));
    return processorTime(() => {
      splitter.write(Buffer.from(text));
      splitter.partial();
      splitter.write(Buffer.from('\n'));
    });
  };

  describe.each(Object.entries(secretsOf))('%s', (_, secretOf) => {
    it.each(Object.entries(texts(64 * 1024)))('take little longer than thirty in a text %s', (_name, text) => {
      const isLittleLonger = ([many = 0, few = 0]: number[]) => many < 4 * few + 20;
      const works = [1000, 30].map((count) => () => timeOf(secretOf, count, text));
      expect(leastTimes(works, isLittleLonger)).toSatisfy(isLittleLonger);
    });
  });
});

describe('a pattern', () => {
  it('is replaced, or only its group where it has one', () => {
    const patterns = [pattern('AKIA[0-9A-Z]{16}'), pattern('password=(\\S+)')];
    expect(linesOf('AKIAIOSFODNN7EXAMPLE, password=x1 \x1b[1mpass\x1b[0mword=y', { values: [], patterns })).toEqual([
      '***, password=*** \x1b[1mpass\x1b[0mword=***',
    ]);
  });

  it('that matches nothing at all replaces nothing', () => {
    expect(linesOf('abc', { values: [], patterns: [pattern('x*')] })).toEqual(['abc']);
  });

  it.each([
    ['(a)\\1', 'character 4 of "(a)\\1": backreferences'],
    ['(?<n>a)\\k<n>', 'character 8'],
    ['key(?=x)', 'character 4 of "key(?=x)": lookaheads are not supported'],
    ['(', 'character 1'],
    ['', '"" would match everywhere'],
    ['(?:a{1,100}){1,100}', 'character'],
  ])('%j is refused in a sentence that says where', (source, sentence) => {
    expect(() => parsePattern(source)).toThrow(sentence);
  });

  it.each([
    ['a+b*c', 'aabc'],
    ['\\(a+\\)+', '(aa)'],
    ['(?:foo|bar)', 'bar'],
    ['(?:\\d{4}-){3}\\d{4}', '1234-1234-1234-1234'],
    ['eyJ[\\w-]+\\.[\\w-]+', 'eyJh.x-y'],
    ['[\\]|]+', ']|'],
    ['(?<=key=)\\S+', ''],
    ['(?<key>\\u00e9[^])', 'éx'],
    ['(?i)secret', 'SeCrEt'],
  ])('%j is taken and matches %j', (source, text) => {
    expect(linesOf(`< ${text || 'key=value'} >`, { values: [], patterns: [pattern(source)] })).toEqual([
      text === '' ? '< key=*** >' : `< *** >`,
    ]);
  });

  it.each([
    ['\\w+\\w+\\w+=', 'a'],
    ['(a+)+$', 'ab'],
    ['(x+x+)+y', 'x'],
    ['(?:a?){200}a{200}', 'ab'],
    ['.*b|a', 'a'],
    ['\\S+@\\S+|\\d{16}', '1'],
    ['\\w+@', 'a'],
  ])('%s takes time in proportion to the line', (source, unit) => {
    const patterns = [pattern(source)];
    const growth = growthOf((size) => linesOf(`${unit.repeat(size)}\n`, { values: [], patterns }), 5000);
    expect(growth).toBeLessThan(linear);
  });

  it('that would have to look through a whole text for each match replaces the rest of it', () => {
    const patterns = [pattern('(?:a{0,300})*b|a')];
    const [line = ''] = linesOf(`${'a'.repeat(4000)}\n`, { values: [], patterns });
    expect(line.replaceAll('*', '')).toBe('');
  });

  it('finds a match of any length in a long line', () => {
    const text = `${'.'.repeat(4090)}key-${'7'.repeat(5000)}${'.'.repeat(5000)}`;
    expect(linesOf(text, { values: [], patterns: [pattern('key-\\d+')] })[0]).not.toContain('7');
  });
});

describe('a sequence that breaks off right before a secret', () => {
  it.each(['\x1b', '\x1b ', '\x1b[', '\x1b[31', '\x1b[?'])('does not take the mark for its rest: %j', (broken) => {
    const [line = ''] = linesOf(`bcd${broken}ü€😀xde-fgh`, { values: ['ü€😀x', 'bcde-fgh'] });
    expect(visibleText(line)).toBe('bcd***de-fgh');
  });
});

describe('any text', () => {
  const secrets = ['abab', 'bcde-fgh', 'ü€😀x'];
  const piece = fc.oneof(
    fc.constantFrom(
      ...secrets,
      ...secrets.map((value) => value.slice(0, 3)),
      ...secrets.map((value) => value.slice(2)),
    ),
    fc.constantFrom(
      '\x1b[31m',
      '\x1b[0m',
      '\x1b]8;;http://abab/\x1b\\',
      '\x1b]0;abab\x07',
      '\r',
      '\n',
      '\b',
      '\x1b[K',
      '\x07',
      '\x1b',
    ),
    fc.string({ maxLength: 4 }),
  );
  const sequences = [
    '\x1b[1m',
    '\x1b]P0123456',
    '\x1b]0;t\u009c',
    '\u009d0;t\x07',
    '\u009b1m',
    '\x1bPq\x1b\\',
    '\x1b]',
    '\x1b',
  ];
  const controls = Array.from({ length: 0xa0 }, (_, code) => code).filter((code) => code < 0x20 || code >= 0x7f);
  const unseen = fc.oneof(
    fc.constantFrom(...sequences),
    fc.constantFrom(...controls.map((code) => String.fromCharCode(code))),
  );

  it('shows no secret of which the characters stand apart by what is not shown', () => {
    const parts = fc.array(fc.tuple(fc.nat(secret.length), fc.array(unseen, { minLength: 1, maxLength: 2 })), {
      maxLength: 3,
    });
    const hidden = parts.map((between) => {
      let text = secret;
      for (const [at, signs] of between) text = text.slice(0, at) + signs.join('') + text.slice(at);
      return text;
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(hidden, fc.constantFrom('', '\n', 'x'.repeat(1100), '\x1b[31m'))), (given) => {
        for (const line of linesOf(given.flat().join(''))) expect(visibleText(line)).not.toContain(secret);
      }),
      { numRuns: 500 },
    );
  });

  /** Whether a text's last characters, three or more, begin one of the secrets: one may be cut, or erased in part. */
  const endsWithin = (text: string): boolean =>
    [...secrets, ...secrets.map(encodeURIComponent)].some((value) => {
      const characters = [...value];
      return characters.some((_, at) => at >= 2 && text.endsWith(characters.slice(0, at + 1).join('')));
    });

  it('gives lines without secrets, however it is cut, and where there is none the lines of a plain splitter', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.array(fc.nat(200), { maxLength: 5 }), (pieces, cuts) => {
        const bytes = Buffer.from(pieces.join(''));
        const plainLines: string[] = [];
        const plain = createSplitter(
          { line: (b, s, e) => plainLines.push(b.toString('utf8', s, e)) },
          { maxLineBytes: 256 },
        );
        const { splitter, lines } = redacting({ values: secrets }, 256);
        let at = 0;
        for (const cut of [...cuts.sort((a, b) => a - b), bytes.length]) {
          plain.write(bytes.subarray(at, Math.max(at, cut)));
          splitter.write(bytes.subarray(at, Math.max(at, cut)));
          at = Math.max(at, cut);
        }
        plain.end();
        splitter.end();
        expect(lines.length).toBe(plainLines.length);
        for (const line of lines) for (const value of secrets) expect(visibleText(line)).not.toContain(value);
        // That may be the beginning of a secret.
        if (endsWithin(visibleText(plainLines.at(-1) ?? ''))) return;
        // What breaks off at a line's end reaches over it in one of these, and not in the other.
        const all = plainLines.join('');
        const looks = [all, visibleText(all), plainLines.map(visibleText).join('')];
        if (!secrets.some((value) => looks.some((look) => look.includes(value)))) {
          expect(lines).toEqual(plainLines);
        }
      }),
      { numRuns: 500 },
    );
  });
});
