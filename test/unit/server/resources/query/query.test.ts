import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../../../../agent/finding/pattern/matcher.ts';
import { parseEventsQuery, parseRawQuery } from '../../../../../agent/server/resources/query/query.ts';
import { SseTailError } from '../../../../../agent/words/errors.ts';

const events = (text: string, header?: string) => parseEventsQuery(text, header, compilePattern);
const raw = (text: string) => parseRawQuery(text, compilePattern);

function factsOf(parse: () => unknown): Record<string, unknown> {
  try {
    parse();
  } catch (error) {
    if (error instanceof SseTailError && error.kind === 'request') return { ...error.facts };
    throw error;
  }
  throw new Error('it was accepted');
}

describe('parameters of events', () => {
  it('without any, the whole log is asked for, then live', () => {
    expect(events('')).toEqual({ follow: true });
  });

  it('all of them are understood', () => {
    expect(events('from=2&to=9&tail=0&limit=3&follow=0&skim=5&lastEventId=7')).toEqual({
      from: 2,
      to: 9,
      tail: 0,
      limit: 3,
      follow: false,
      skim: 5,
      lastEventId: 7,
    });
  });

  it('unknown ones are ignored', () => {
    expect(events('nonsense=1&_=99')).toEqual({ follow: true });
  });

  it.each([
    ['from=abc', 'from', 'abc'],
    ['from=', 'from', ''],
    ['from=0', 'from', '0'],
    ['from=-1', 'from', '-1'],
    ['from=1.5', 'from', '1.5'],
    ['from=1e3', 'from', '1e3'],
    ['from=%201', 'from', ' 1'],
    ['from=99999999999999999999', 'from', '99999999999999999999'],
    ['to=x', 'to', 'x'],
    ['to=0', 'to', '0'],
    ['from=5&to=4', 'to', '4'],
    ['tail=-5', 'tail', '-5'],
    ['limit=0', 'limit', '0'],
    ['skim=0', 'skim', '0'],
    ['follow=yes', 'follow', 'yes'],
    ['follow', 'follow', ''],
    ['from=1&from=2', 'from', '1, 2'],
  ])('%s is refused by name', (text, parameter, given) => {
    const facts = factsOf(() => events(text));
    expect(facts).toMatchObject({ status: 400, parameter, given });
    expect(facts.expected).not.toBe('');
  });

  it('find lines by what they say', () => {
    expect(events('q=a%20b&word=1&not=c&not=D&level=error,warning&level=info&context=2&after=3').find).toEqual({
      pattern: { text: 'a b', isRegex: false, case: 'smart', isWord: true },
      not: ['c', 'D'].map((text) => ({ text, isRegex: false, case: 'smart', isWord: false })),
      level: ['error', 'warn', 'info'],
      before: 2,
      after: 3,
    });
    expect(raw('q=x&case=1').find?.pattern).toMatchObject({ text: 'x', case: 'exact' });
    expect(events('q=x&q=Y&q=&has=a%3D1&regex=1').find).toMatchObject({
      pattern: { text: 'x', isRegex: true },
      also: [
        { text: 'Y', isRegex: true, case: 'smart' },
        { text: 'a=1', isRegex: false, case: 'exact' },
      ],
    });
  });

  it('find lines by the values that they hold, as whole words and in their case', () => {
    const value = (text: string) => ({ text, isRegex: false, case: 'exact', isWord: true, isValue: true });
    expect(events('has=a%3D1&has=b%3D2&lacks=c%3D3&regex=1').find).toEqual({
      pattern: value('a=1'),
      also: [value('b=2')],
      not: [value('c=3')],
      before: 0,
      after: 0,
    });
    expect(events('q=x&has=a%3D1').find).toMatchObject({ pattern: { text: 'x' }, also: [value('a=1')] });
  });

  it('an empty text is in every line', () => {
    expect(events('q=').find).toEqual({ not: [], before: 0, after: 0 });
  });

  it('find lines by their time', () => {
    const now = Date.now();
    expect(events('since=2026-01-31T12:00:00Z&until=1763622000123').find).toMatchObject({
      since: Date.UTC(2026, 0, 31, 12),
      until: 1_763_622_000_123,
    });
    expect(events('since=2026-01-31T12:00:00+02:00').find).toMatchObject({ since: Date.UTC(2026, 0, 31, 10) });
    expect(Math.abs((events('since=10m').find?.since ?? 0) - (now - 600_000))).toBeLessThan(10_000);
  });

  it.each([
    ['q=a&regex=yes', 'regex'],
    ['case=2', 'case'],
    ['word=', 'word'],
    ['level=', 'level'],
    ['level=fatal,constructor', 'level'],
    ['q=a&context=-1', 'context'],
    ['before=x', 'before'],
    ['after=10001', 'after'],
    ['since=yesterday', 'since'],
    ['since=2026-99-99', 'since'],
    ['until=10x', 'until'],
    ['until=', 'until'],
  ])('the filter in %s is refused by name', (text, parameter) => {
    expect(factsOf(() => events(text))).toMatchObject({ status: 400, parameter });
  });

  it('select lines by where they come from', () => {
    expect(events('source=a,b&hide=c&stream=stderr').selection).toEqual({
      source: ['a', 'b'],
      hide: ['c'],
      stream: ['stderr'],
    });
    expect(raw('source=').selection).toEqual({ source: [] });
    for (const text of ['stream=', 'stream=both', 'stream=stdout,x']) {
      expect(factsOf(() => events(text))).toMatchObject({ status: 400, parameter: 'stream' });
    }
  });

  it('the header Last-Event-ID wins over the parameter', () => {
    expect(events('lastEventId=7', '12').lastEventId).toBe(12);
  });

  it.each(['', 'abc', '-1', '1.5', '0x10', ' 5', '５'])('a Last-Event-ID %j is as good as none', (given) => {
    expect(events('', given).lastEventId).toBeUndefined();
    expect(events('lastEventId=7', given).lastEventId).toBe(7);
    expect(events(`lastEventId=${encodeURIComponent(given)}`).lastEventId).toBeUndefined();
  });

  it('a Last-Event-ID larger than any id is past every end', () => {
    expect(events('', '9'.repeat(400)).lastEventId).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('parameters of raw', () => {
  it('without any, the log so far is asked for', () => {
    expect(raw('')).toEqual({ follow: false, strip: false, download: false });
  });

  it('all of them are understood', () => {
    expect(raw('from=1&to=2&tail=3&limit=4&follow=1&strip=1&download=1')).toEqual({
      from: 1,
      to: 2,
      tail: 3,
      limit: 4,
      follow: true,
      strip: true,
      download: true,
    });
  });

  it.each(['strip', 'download', 'follow'])('%s takes 1 or 0', (name) => {
    expect(factsOf(() => raw(`${name}=true`))).toMatchObject({ parameter: name, expected: '1 or 0' });
  });
});
