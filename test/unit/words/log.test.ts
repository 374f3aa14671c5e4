import { describe, expect, it } from 'vitest';
import { isLogId, logIdFor } from '../../../agent/words/log.ts';

describe('a log id', () => {
  it.each([
    ['build.log', 'build.log-1f3a'],
    ['npm run build', 'npm-run-build-1f3a'],
    ['./scripts/release --tag v1', 'scripts-release-tag-v1-1f3a'],
    ['.env', 'env-1f3a'],
    ['日本語', 'log-1f3a'],
    ['', 'log-1f3a'],
  ])('of %j is %s', (name, id) => {
    expect(logIdFor(name, '1f3a')).toBe(id);
    expect(isLogId(id)).toBe(true);
  });

  it('of a long command is cut behind a word', () => {
    const name = 'docker compose -f deploy/compose.yaml up --build --remove-orphans';
    expect(logIdFor(name, '1f3a')).toBe('docker-compose-f-deploy-compose-1f3a');
  });

  it('of one long word is cut inside it', () => {
    expect(logIdFor(`a ${'b'.repeat(80)}`, '1f3a')).toBe(`a-${'b'.repeat(33)}-1f3a`);
  });

  it('is never longer than forty characters', () => {
    for (let length = 0; length < 100; length++) {
      expect(logIdFor('word and '.repeat(12).slice(0, length), 'ffff').length).toBeLessThanOrEqual(40);
    }
  });
});
