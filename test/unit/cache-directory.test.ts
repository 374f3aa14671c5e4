import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheDirectory } from '../../agent/cache-directory.ts';

describe('the directory for what can be made again', () => {
  let home = '';
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'cache-directory-'));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const inHome = () => cacheDirectory('compiled', {}, () => home);

  it('is made for this user alone, in the home', () => {
    const path = inHome();
    expect(path).toBe(join(home, '.cache/sse-tail/compiled'));
    expect(statSync(path ?? '').mode & 0o777).toBe(0o700);
    expect(statSync(join(home, '.cache/sse-tail')).mode & 0o777).toBe(0o700);
    expect(inHome()).toBe(path);
  });

  it('is where XDG_CACHE_HOME says, if that is an absolute path', () => {
    expect(cacheDirectory('compiled', { XDG_CACHE_HOME: home }, () => '/nowhere')).toBe(
      join(home, 'sse-tail/compiled'),
    );
    expect(cacheDirectory('compiled', { XDG_CACHE_HOME: 'cache' }, () => home)).toBe(
      join(home, '.cache/sse-tail/compiled'),
    );
  });

  it.each(['', '.cache', '.cache/sse-tail', '.cache/sse-tail/compiled'])(
    'is not used where others can write ~/%s',
    (part) => {
      mkdirSync(join(home, part), { recursive: true, mode: 0o700 });
      chmodSync(join(home, part), 0o777);
      expect(inHome()).toBeUndefined();
    },
  );

  it.each(['.cache/sse-tail', '.cache/sse-tail/compiled'])('is not used where ~/%s is a link', (part) => {
    const elsewhere = join(home, 'elsewhere');
    mkdirSync(join(elsewhere, 'compiled'), { recursive: true, mode: 0o700 });
    mkdirSync(join(home, part, '..'), { recursive: true, mode: 0o700 });
    symlinkSync(elsewhere, join(home, part));
    expect(inHome()).toBeUndefined();
  });

  it.each(['/proc', '/dev/null', '/nowhere'])('is no error where the home is %s', (path) => {
    expect(cacheDirectory('compiled', {}, () => path)).toBeUndefined();
  });

  it('is no error where there is no home', () => {
    const none = () => {
      throw new Error('no home');
    };
    expect(cacheDirectory('compiled', {}, none)).toBeUndefined();
  });
});
