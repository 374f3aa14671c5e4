import { describe, expect, it } from 'vitest';
import {
  commonFolder,
  isShown,
  namesWith,
  onlySources,
  shortened,
  tagsOf,
  withSources,
} from '../../../../web/lines/sources.ts';

describe('looking for sources', () => {
  const names = ['/srv/web5/api-1/Out.log', '/srv/web5/api-5/out.log', '/srv/web5/db/out.log'];

  it('finds those that have the words in what tells them apart, not all for the folder that they share', () => {
    expect(namesWith('5', names)).toEqual([names[1]]);
    expect(namesWith(' OUT.LOG ', names)).toEqual(names);
    expect(namesWith('web', names)).toEqual([]);
    expect(namesWith('', names)).toEqual(names);
  });

  it('finds a path that holds the shared folder, too', () => {
    expect(namesWith('web5/api', names)).toEqual(names.slice(0, 2));
    expect(namesWith('/srv/web5/db/out.log', names)).toEqual([names[2]]);
  });
});

describe('the tag of a source', () => {
  it('leaves out the folder that all of them are in', () => {
    const labels = (...names: string[]) => [...tagsOf(names, 24).values()].map(({ label }) => label);
    expect(labels('/var/log/a.log', '/var/log/b.log')).toEqual(['a.log', 'b.log']);
    expect(labels('/var/log/web/a.log', '/var/log/db/a.log')).toEqual(['web/a.log', 'db/a.log']);
    expect(labels('/var/log/a.log', '/var/logs/a.log')).toEqual(['log/a.log', 'logs/a.log']);
    expect(labels('/var/log/a.log')).toEqual(['a.log']);
    expect(labels('/a.log', '/srv/b.log')).toEqual(['a.log', 'srv/b.log']);
    expect(labels('stdin', '/srv/b.log')).toEqual(['stdin', '/srv/b.log']);
    expect(labels('a.log', 'b.log')).toEqual(['a.log', 'b.log']);
    expect(commonFolder([])).toBe('');
  });

  it('is cut in the middle where it is long', () => {
    expect(shortened('a.log', 10)).toBe('a.log');
    expect(shortened('service-a/instance-7.log', 10)).toBe('ser…-7.log');
    expect([...shortened('x'.repeat(50), 24)]).toHaveLength(24);
    expect(shortened('😀'.repeat(20), 10)).toBe(`${'😀'.repeat(3)}…${'😀'.repeat(6)}`);
  });

  it('shows what a name holds', () => {
    expect(tagsOf(['a\u202egol.log'], 24).get('a\u202egol.log')).toMatchObject({
      name: 'a‹U+202E›gol.log',
      label: 'a‹U+202E›gol.log',
    });
  });

  it('has a color of its own, which sources that join later leave as it is', () => {
    const names = Array.from({ length: 60 }, (_, at) => `api-${at}.log`);
    const hues = [...tagsOf(names, 24).values()].map(({ hue }) => hue);
    expect(new Set(hues.slice(0, 24)).size).toBe(24);
    for (const hue of hues) expect(hue).toSatisfy((degrees: number) => degrees >= 0 && degrees < 360);
    const few = [...tagsOf(names.slice(0, 3), 24).values()].map(({ hue }) => hue);
    expect(few).toEqual(hues.slice(0, 3));
    expect(tagsOf(['db.log'], 24).get('db.log')?.hue).toBe(tagsOf(['db.log', 'x'], 24).get('db.log')?.hue);
  });
});

describe('choosing sources', () => {
  const all = ['a', 'b', 'c'];

  it('hiding one leaves those that join later shown; showing it again is as before', () => {
    const hidden = withSources({}, ['b'], false, all);
    expect(hidden).toEqual({ hide: ['b'] });
    expect(isShown(hidden, 'later')).toBe(true);
    expect(withSources(hidden, ['b'], true, all)).toEqual({});
  });

  it('none, and then some, is a choice: those that join later stay hidden', () => {
    const none = withSources({}, all, false, all);
    expect(none).toEqual({ source: [] });
    const some = withSources(none, ['b'], true, all);
    expect(some).toEqual({ source: ['b'] });
    expect(isShown(some, 'later')).toBe(false);
    expect(withSources(some, ['a', 'c'], true, all)).toEqual({});
  });

  it('only some', () => {
    expect(onlySources({ hide: ['a'], stream: ['stderr'] }, ['a'])).toEqual({ source: ['a'], stream: ['stderr'] });
  });

  it('touches nothing but sources', () => {
    expect(withSources({ stream: ['stderr'] }, ['a'], false, all)).toEqual({ stream: ['stderr'], hide: ['a'] });
  });
});
