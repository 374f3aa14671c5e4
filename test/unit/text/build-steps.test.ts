import { describe, expect, it } from 'vitest';
import { createBuildStepReader } from '../../../agent/text/build-steps.ts';

function markersOf(lines: readonly string[]) {
  const reader = createBuildStepReader();
  return lines.flatMap((line, i) => reader.read(line, i + 1));
}

const key = 'buildkit';

describe('a step of BuildKit', () => {
  it.each([
    '[4/6] RUN npm ci',
    '[stage-1 2/3] copy --from=builder /app /app',
    '[linux/amd64->arm64 builder 1/5] FROM docker.io/library/golang:1.25',
    '[internal] load .dockerignore',
    '[web internal] load build definition from Dockerfile',
    '[auth] library/node:pull token for registry-1.docker.io',
    '[context base] load metadata for docker.io/library/alpine:latest',
    'resolve image config for docker-image://docker.io/docker/dockerfile:1',
    'docker-image://docker.io/docker/dockerfile:1@sha256:b6afd42',
  ])('begins with its number and its name: %s', (title) => {
    expect(markersOf([`#8 ${title}`])).toEqual([{ type: 'step', title, key, flow: '8' }]);
  });

  it.each([
    ['DONE 15.4s', { type: 'close', ms: 15_400 }],
    ['DONE', { type: 'close' }],
    ['CACHED', { type: 'close', ms: 0 }],
    ['CANCELED', { type: 'close' }],
    ['ERROR: executor failed running [/bin/sh -c exit 1]: exit code: 1', { type: 'close', isFailed: true }],
    ['...', { type: 'pause' }],
  ])('ends, or is left for another one: %s', (said, marker) => {
    expect(markersOf([`#8 ${said}`])).toEqual([{ ...marker, key, flow: '8' }]);
  });

  it('of any name begins after another one, or after the builder has said what it is', () => {
    const begun = (before: string) => markersOf([before, '', '#9 exporting to image']).at(-1);
    const step = { type: 'step', title: 'exporting to image', key, flow: '9' };
    for (const before of ['#8 DONE 0.1s', '#8 CACHED', '#8 ...']) expect(begun(before)).toEqual(step);
    expect(begun('#0 building with "default" instance using docker driver')).toEqual(step);
    expect(begun('#8 sha256:bf1a5f4c 2.10MB / 48.48MB 0.2s')).toBe(undefined);
  });

  it('that failed took as long as it printed', () => {
    const failed = ['#8 [1/1] RUN make', '#8 0.345 cc a.c', '#8 123.4 ld', '#8 ERROR: exit code: 2'];
    expect(markersOf(failed).at(-1)).toEqual({ type: 'close', isFailed: true, ms: 123_400, key, flow: '8' });
    // Another step's time says nothing about it.
    const other = ['#7 123.4 ld', '#8 ERROR: exit code: 2'];
    expect(markersOf(other).at(-1)).toEqual({ type: 'close', isFailed: true, key, flow: '8' });
  });

  it.each([
    '#8 fixed a bug',
    '#8 [WIP] say why',
    '#8 [1/3] first of three patches',
    '#8 [internal] bump',
    '#8 0.345 [4/6] RUN npm ci',
    '#8 transferring context: 2B done',
    '#1 {main}',
    '#0 /srv/a.php(12): f()',
    '#8: DONE',
    '# 8 DONE',
    '#8 DONE by Monday',
    '#123456 [1/2] RUN x',
  ])('is not begun or ended by: %s', (line) => {
    expect(markersOf([line])).toEqual([]);
  });
});
