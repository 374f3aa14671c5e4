import { describe, expect, it } from 'vitest';
import { chooseLog, chooseNewestLog } from '../../../../agent/cli/logs/choose.ts';
import type { LogSummary } from '../../../../agent/words/log.ts';

function kept(id: string, name: string, title?: string): LogSummary {
  const common = { kind: 'command', cwd: '/', createdAt: 0, updatedAt: 0, size: 0, first: 1, last: 0 } as const;
  return { id, name, ...(title === undefined ? {} : { title }), status: { state: 'stopped' }, ...common };
}

const logs = [
  kept('build-1f3a', 'build'),
  kept('build-1f3abc', 'make', 'nightly'),
  kept('test-77c0', 'npm test'),
  kept('test-90aa', 'npm test'),
];
const idOf = (word: string) => chooseLog(logs, word).id;

describe('a word means', () => {
  it('the log of that id, though other ids begin with it', () => {
    expect(idOf('build-1f3a')).toBe('build-1f3a');
  });

  it('the log of that name or title, though ids begin with it', () => {
    expect(idOf('build')).toBe('build-1f3a');
    expect(idOf('nightly')).toBe('build-1f3abc');
  });

  it('the one log whose id begins with it', () => {
    expect(idOf('test-7')).toBe('test-77c0');
  });
});

describe('where the newest of a name is meant', () => {
  it('it is the first that has it; ids come before names, and several ids are still a mistake', () => {
    expect(chooseNewestLog(logs, 'npm test').id).toBe('test-77c0');
    expect(chooseNewestLog([...logs, kept('make', 'other')], 'make').id).toBe('make');
    expect(() => chooseNewestLog(logs, 'test-')).toThrow('matches 2 logs');
  });
});

describe('a mistake names what was given', () => {
  it.each([
    ['nothing', 'There is no log "nothing". "sse-tail logs" lists them.'],
    ['', 'There is no log "". "sse-tail logs" lists them.'],
    ['BUILD', 'There is no log "BUILD". "sse-tail logs" lists them.'],
    ['npm test', '"npm test" matches 2 logs: test-77c0, test-90aa. Use the ID of one of them.'],
    ['test', '"test" matches 2 logs: test-77c0, test-90aa. Use the ID of one of them.'],
  ])('%j', (word, message) => {
    expect(() => idOf(word)).toThrow(message);
  });

  it('five of many are named', () => {
    const many = Array.from({ length: 9 }, (_, i) => kept(`job-${i}`, 'job'));
    expect(() => chooseLog(many, 'job')).toThrow('"job" matches 9 logs: job-0, job-1, job-2, job-3, job-4 and 4 more.');
  });
});
