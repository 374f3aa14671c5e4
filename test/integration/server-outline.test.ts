import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { chunkLines } from '../../agent/finding/chunks/chunk.ts';
import { createFileStore } from '../../agent/journal/disk/logs/file-store.ts';
import { createServer } from '../../agent/server/server.ts';
import { keepHidden } from '../../agent/text/escapes/hidden.ts';
import { levelOf } from '../../agent/text/level.ts';
import type { Histogram, Outline, OutlineGroup } from '../../agent/words/finding.ts';
import { until } from '../support/deadline.ts';
import { parseEvents } from '../support/event-text.ts';
import { ask, open } from '../support/http-client.ts';
import { exited, type ServedLog, serveLog } from '../support/served-log.ts';

const time = Date.UTC(2026, 10, 28, 8);

/** The lines of a recording as they are kept. */
function recorded(name: string): string[] {
  const text = readFileSync(new URL(`../fixtures/ci/${name}.log`, import.meta.url), 'utf8');
  return text.trimEnd().split('\n').map(keepHidden);
}

it('a question that is under way when the agent ends is none that could not be answered', async () => {
  await using served = await serveLog({ lines: 50_000, graceMs: 0 });
  const slow = `q=${encodeURIComponent('(a+)+(e+)+(i+)+9')}&regex=1`;
  const paths = ['outline', `histogram?${slow}`, `raw?${slow}`, `events?${slow}`, `logs?${slow}`];
  const answers = paths.map((path) => ask(served.url(path)).catch(() => undefined));
  await until('a question', async () =>
    /^sse_tail_searches_running [1-9]/m.test((await ask(served.url('metrics'))).body),
  );
  await served.server.close();
  await Promise.all(answers);
  expect(served.unexpected).toEqual([]);
});

async function outlineOf(served: ServedLog): Promise<Outline> {
  return JSON.parse((await ask(served.url('outline'))).body);
}

/** `title from-to[,from-to] depth state [level] [ms] [exit code] [folded]` */
function brief({ title, from, to, parts, depth, state, level, ms, code, collapsed }: OutlineGroup): string {
  return [
    `${title} ${(parts ?? [[from, to]]).map((part) => part.join('-'))}`,
    depth,
    state,
    level,
    ms === null ? undefined : `${ms}ms`,
    code === undefined ? undefined : `exit ${code}`,
    collapsed ? 'folded' : null,
  ]
    .filter((part) => part !== undefined && part !== null)
    .join(' ');
}

const processFailed = 'process "/bin/sh -c python -m app" did not complete successfully: exit code: 1';

const expected: Record<string, { groups: string[]; problems: unknown[] }> = {
  github: {
    groups: ['Operating System 2-5 0 done 300ms', 'Run npm test 6-12 0 failed error 4000ms exit 2'],
    problems: [
      {
        id: 10,
        level: 'error',
        text: "src/a.ts(3,5): error TS2322: Type 'string' is not assignable to type 'number'.",
        ...{ file: 'src/a.ts', line: 3 },
      },
      { id: 11, level: 'warn', text: 'Node.js 16 actions are deprecated.' },
      { id: 12, level: 'error', text: 'Process completed with exit code 2.' },
    ],
  },
  'github-commands': {
    groups: ['Install 1-6 0 done 0ms', 'Audit 3-5 1 done 0ms', 'Test 14-15 0 done error 0ms'],
    problems: [
      { id: 7, level: 'error', text: 'Missing semicolon\nin app.js', file: 'src/app.js', line: 12 },
      { id: 8, level: 'warn', text: 'unused', file: 'src/b.js' },
      { id: 15, level: 'error', text: 'FAIL test/a.test.ts' },
    ],
  },
  gitlab: {
    groups: [
      'Preparing the "docker" executor 2-4 0 done 12000ms',
      'Executing "step_script" stage of the job script 5-10 0 done warn 18000ms folded',
      'Lint 7-9 1 done warn 7000ms',
    ],
    problems: [
      { id: 8, level: 'warn', text: 'src/a.c:3:5: warning: unused variable', file: 'src/a.c', line: 3 },
      { id: 11, level: 'error', text: 'ERROR: Job failed: exit code 1' },
    ],
  },
  azure: {
    groups: ['Build 1-9 0 failed error 9000ms', 'Inputs 3-5 1 done 200ms', 'Publish 10-11 0 done 2000ms'],
    problems: [{ id: 7, level: 'error', text: "The name 'x' does not exist", file: 'Program.cs', line: 7 }],
  },
  buildkite: {
    groups: [
      'Running agent environment hook 1-2 0 done 2000ms folded',
      ':package: Install 3-6 0 done 4000ms folded',
      ':hammer: Test 7-9 0 done error 3000ms',
      'Result 10-11 0 done 1000ms',
    ],
    problems: [{ id: 8, level: 'error', text: 'error: test failed' }],
  },
  travis: {
    groups: ['Worker information 1-3 0 done 0ms folded', '$ npm ci 4-6 0 done 3500ms folded'],
    problems: [{ id: 7, level: 'error', text: 'The command "npm test" exited with 1.' }],
  },
  teamcity: {
    groups: [
      'Build 1-14 0 done error 0ms',
      'javac 2-4 1 done warn 0ms',
      'net 5-5,7-7,9-10,13-13 1 done error 0ms',
      'disk 6-6,8-8,11-12 1 done 0ms',
      'reads 7-7,9-10 2 failed error 120ms',
      'writes 8-8,11-11 2 done 7ms',
    ],
    problems: [
      { id: 3, level: 'warn', text: 'deprecated API' },
      { id: 9, level: 'error', text: "reads: expected 'a' [1]" },
      { id: 15, level: 'error', text: '1 test failed' },
    ],
  },
  'teamcity-flows': {
    groups: [
      'Build 1-21,23-25 0 done error 0ms',
      'net 2-14 1 done error 0ms',
      'reads 4-4,7-7,9-9,12-12 2 failed error 5ms',
      'writes 6-6,8-10 2 done warn 7ms',
      'disk 15-21 1 done error 0ms',
      'never ends 18-20 2 done error 0ms',
      'by itself 22-22,26-26 0 done 0ms',
      'seeks 23-24 1 done 0ms',
    ],
    problems: [
      { id: 7, level: 'error', text: 'reads: no route' },
      { id: 8, level: 'warn', text: 'slow' },
      { id: 19, level: 'error', text: 'no disk' },
    ],
  },
  'teamcity-times': {
    groups: ['Build 1-6 0 done error 2500ms', 'reads 3-5 1 failed error 400ms'],
    problems: [{ id: 4, level: 'error', text: "reads: timestamp='2020-01-01T00:00:00'" }],
  },
  'github-steps': {
    groups: [
      'Runner Image Provisioner 1-3 0 done 200ms',
      'Run actions/checkout@v4 5-11 0 done 3000ms',
      'Fetching the repository 9-11 1 done 1000ms',
      'Run make test 12-24 0 failed error 2100ms exit 2',
    ],
    problems: [
      { id: 17, level: 'error', text: 'error[E0308]: mismatched types', file: 'src/main.rs', line: 2 },
      { id: 22, level: 'error', text: 'src/main.rs:2:18: mismatched types', file: 'src/main.rs', line: 2 },
      { id: 23, level: 'error', text: 'make: *** [Makefile:3: test] Error 101' },
      { id: 24, level: 'error', text: 'Process completed with exit code 2.' },
    ],
  },
  'gitlab-times': {
    groups: [
      'Preparing environment 3-5 0 done 1000ms',
      'Executing "step_script" stage of the job script 6-11 0 done error 3000ms',
      'Cleaning up project directory and file based variables 12-13 0 done error 1000ms',
    ],
    problems: [
      { id: 8, level: 'error', text: 'ValueError: no route', file: 'a.py', line: 3 },
      { id: 13, level: 'error', text: 'ERROR: Job failed: exit code 1' },
    ],
  },
  'azure-groups': {
    groups: ['npm test 1-6 0 done error 5000ms', 'Run the tests 2-4 1 done 2000ms'],
    problems: [{ id: 5, level: 'error', text: 'Process completed with exit code 1.' }],
  },
  'azure-jobs': {
    groups: [
      'Initialize job 1-6 0 done 1000ms',
      'Operating System 3-5 1 done 200ms',
      'npm test 7-13 0 done error 2100ms',
    ],
    problems: [
      { id: 10, level: 'warn', text: 'a.ts(3,5): unused', file: 'a.ts', line: 3 },
      { id: 11, level: 'warn', text: 'deprecated' },
      { id: 12, level: 'error', text: "Bash exited with code '1'." },
    ],
  },
  'buildkite-colors': {
    groups: ['Preparing working directory 1-2 0 done 2000ms folded', ':go: Test 3-8 0 done error 4000ms'],
    problems: [
      { id: 4, level: 'error', text: '--- FAIL: TestParse (0.00s)', file: 'a_test.go', line: 7 },
      { id: 6, level: 'error', text: 'FAIL\texample.com/app\t0.004s' },
      { id: 8, level: 'error', text: '🚨 Error: The command exited with status 1' },
    ],
  },
  'travis-nested': {
    groups: ['Build system information 1-3 0 done 0ms folded', '$ make errors 4-7 0 done warn 250ms folded'],
    problems: [
      {
        id: 6,
        level: 'warn',
        text: "a.c:3:9: warning: unused variable 'y' [-Wunused-variable]",
        ...{ file: 'a.c', line: 3 },
      },
    ],
  },
  'teamcity-steps': {
    groups: ['Step 1/2: Compile 1-4 0 done error 0ms', 'Step 2/2: Test 5-10 0 done 0ms', 'a.b 6-8 1 done 3ms'],
    problems: [{ id: 3, level: 'error', text: 'a.c:3: no route', file: 'a.c', line: 3 }],
  },
  buildkit: {
    groups: [
      '[internal] load build definition from Dockerfile 3-5 0 done 0ms',
      '[internal] load metadata for docker.io/library/node:22 7-8,13-14 0 done 1400ms',
      '[auth] library/node:pull token for registry-1.docker.io 10-11 0 done 0ms',
      '[builder 1/4] FROM docker.io/library/node:22@sha256:2fa754a9 16-20 0 done 3100ms',
      '[builder 2/4] WORKDIR /app 22-23 0 done 0ms',
      '[builder 3/4] RUN npm ci 25-27,36-38 0 done warn 12300ms',
      '[lint 1/1] RUN make lint 29-34 0 done warn 400ms',
      'exporting to image 40-43 0 done 400ms',
    ],
    problems: [
      {
        id: 26,
        level: 'warn',
        text: 'npm warn deprecated glob@7.2.3: Glob versions prior to v9 are no longer supported',
      },
      {
        id: 30,
        level: 'warn',
        text: "src/a.c:3:5: warning: unused variable 'x' [-Wunused-variable]",
        ...{ file: 'src/a.c', line: 3 },
      },
    ],
  },
  'buildkit-failed': {
    groups: [
      '[web internal] load build definition from Dockerfile 1-3 0 done 100ms',
      '[web 2/3] COPY . . 5-6,15-16 0 done 800ms',
      '[web test 3/3] RUN python -m app 8-13 0 failed error 531ms',
    ],
    problems: [
      { id: 9, level: 'error', text: 'ValueError: no port', file: '/app/app.py', line: 7 },
      { id: 13, level: 'error', text: `#4 ERROR: ${processFailed}` },
      { id: 21, level: 'error', text: `ERROR: failed to solve: ${processFailed}`, file: 'Dockerfile', line: 8 },
    ],
  },
  shell: {
    groups: ['make all 1-4 0 failed error 0ms exit 2', 'ls 4-6 0 done 0ms exit 0'],
    problems: [{ id: 3, level: 'error', text: 'a.c:1:1: error: expected identifier', file: 'a.c', line: 1 }],
  },
};

describe('the outline of a recording of', () => {
  it.each(Object.keys(expected))('%s', async (name) => {
    await using served = await serveLog();
    const lines = recorded(name);
    await served.append(lines, { time });
    served.log.setStatus(exited);
    const outline = await outlineOf(served);
    expect({ groups: outline.groups.map(brief), problems: outline.problems }).toEqual(expected[name]);
    expect(outline.firstError).toEqual(outline.problems.find(({ level }) => level === 'error') ?? null);
    expect(outline.known).toEqual([1, lines.length]);
  });
});

describe('the outline of a log', () => {
  it('is live: a group runs until it ends, and what is new comes by itself', async () => {
    await using served = await serveLog();
    await served.append(['::group::Test', 'up'], { time });
    using live = await open(served.url('outline'), { headers: { Accept: 'text/event-stream' } });
    const newest = () => {
      const event = parseEvents(live.body).findLast(({ type }) => type === 'outline');
      return event && (JSON.parse(event.data) as Outline);
    };
    await live.until('a running group', () => newest()?.groups[0]?.state === 'running');
    expect(newest()).toMatchObject({ groups: [{ title: 'Test', from: 1, to: 2, ms: null }], firstError: null });
    await served.append(['ERROR no route', '::endgroup::'], { time: time + 5000 });
    await live.until('its end', () => newest()?.groups[0]?.state === 'done');
    expect(newest()).toMatchObject({
      groups: [{ to: 4, ms: 5000, level: 'error' }],
      errors: 1,
      firstError: { id: 3, level: 'error', text: 'ERROR no route' },
      known: [1, 4],
    });
    served.log.setStatus(exited);
    await live.whole();
  });

  it('is live where another agent writes the log, and nobody follows its lines', async () => {
    await using served = await serveLog({ lines: 1 });
    const store = await createFileStore({ dir: join(served.dir, 'logs') });
    const viewerDir = join(served.dir, 'web');
    const place = { host: '127.0.0.1', port: 0, version: '1.2.3', viewerDir, report: () => {} };
    const server = await createServer({ ...place, store, current: () => undefined });
    onTestFinished(async () => {
      await server.close();
      await store.close();
    });
    const path = `${server.url}logs/${served.log.info.id}/outline`;
    using live = await open(path, { headers: { Accept: 'text/event-stream' } });
    await live.until('what is there', () => live.body.includes('"known":[1,1]'));
    await served.append(['ERROR no route']);
    await live.until('what is new', () => live.body.includes('"known":[1,2]'));
    served.log.setStatus(exited);
    await live.whole();
  });

  it('of several runs has a group for each of them', async () => {
    await using served = await serveLog();
    await served.append(['run started: make all'], { time, kind: 'notice' });
    await served.append(['::group::Test', 'ERROR no route'], { time });
    await served.append(['run started: make all'], { time: time + 1000, kind: 'notice' });
    await served.append(['up'], { time: time + 1000 });
    expect((await outlineOf(served)).groups.map(brief)).toEqual([
      'run started: make all 1-3 0 done error 1000ms',
      'Test 2-3 1 done error 1000ms',
      'run started: make all 4-5 0 running',
    ]);
  });

  it('ends the steps of a build that was killed where the next build of the stream begins', async () => {
    await using served = await serveLog();
    const first = ['#1 [internal] load build definition from Dockerfile', '#1 DONE 0.1s', ''];
    await served.append([...first, '#4 [2/3] RUN make', '#4 0.531 cc a.c', 'Terminated'], { time });
    await served.append(['#1 [internal] load build definition from Dockerfile'], { time, stream: 'stderr' });
    await served.append([...first, '#5 [3/3] COPY . .', '#5 ...', '', '#1 [internal] load .dockerignore'], { time });
    expect((await outlineOf(served)).groups.map(brief)).toEqual([
      '[internal] load build definition from Dockerfile 1-2 0 done 100ms',
      '[2/3] RUN make 4-7 0 done 0ms',
      '[internal] load build definition from Dockerfile 7-14 0 running',
      '[internal] load build definition from Dockerfile 8-9 0 done 100ms',
      '[3/3] COPY . . 11-12 0 done 0ms',
      '[internal] load .dockerignore 14-14 0 running',
    ]);
  });

  it('of a step that prints more than is looked at in one go knows that it failed', async () => {
    await using served = await serveLog();
    const printed = Array.from({ length: chunkLines }, () => 'printed');
    const failure = '##[error]Process completed with exit code 1.';
    await served.append(['##[group]Run npm test', '##[endgroup]', ...printed, failure, 'Post job cleanup.'], { time });
    expect((await outlineOf(served)).groups.map(brief)).toEqual([
      `Run npm test 1-${chunkLines + 3} 0 failed error 0ms exit 1`,
    ]);
  });

  it('of a section of Azure that prints as much knows that its groups are no steps', async () => {
    await using served = await serveLog();
    const printed = Array.from({ length: chunkLines }, () => 'printed');
    await served.append(['##[section]Starting: test', ...printed, '##[group]Run it', '##[endgroup]', 'more'], { time });
    expect((await outlineOf(served)).groups.map(brief)).toEqual([
      `test 1-${chunkLines + 4} 0 running`,
      `Run it ${chunkLines + 2}-${chunkLines + 3} 1 done 0ms`,
    ]);
  });

  it('keeps streams apart', async () => {
    await using served = await serveLog();
    await served.append(['::group::out'], { time });
    await served.append(['::group::err', '::endgroup::'], { time, stream: 'stderr' });
    await served.append(['::endgroup::'], { time });
    expect((await outlineOf(served)).groups.map(brief)).toEqual(['out 1-4 0 done 0ms', 'err 2-3 0 done 0ms']);
  });

  it('of some of its lines has what is in them', async () => {
    await using served = await serveLog();
    await served.append(['::group::Build', 'ERROR a', '::endgroup::', '::group::Test', 'ERROR b', 'WARN c'], { time });
    const part = async (query: string) => JSON.parse((await ask(served.url(`outline?${query}`))).body);
    const { groups, ...rest } = await part('from=3&to=5');
    expect(groups.map(brief)).toEqual(['Build 1-3 0 done error 0ms', 'Test 4-6 0 running error']);
    const b = { id: 5, level: 'error', text: 'ERROR b' };
    expect(rest).toEqual({ problems: [b], omitted: [], errors: 1, warnings: 0, firstError: b, known: [1, 6] });
    expect(await part('from=6')).toMatchObject({ problems: [{ id: 6 }], errors: 0, warnings: 1, firstError: null });
    expect(await part('from=7')).toMatchObject({ groups: [], problems: [], errors: 0 });
  });

  it.each([
    ['from=0', 'from'],
    ['to=x', 'to'],
    ['from=5&to=4', 'to'],
  ])('is refused for %s', async (query, parameter) => {
    await using served = await serveLog();
    const { status, body } = await ask(served.url(`outline?${query}`));
    expect({ status, ...JSON.parse(body) }).toMatchObject({ status: 400, parameter });
  });

  it('of an empty log is empty', async () => {
    await using served = await serveLog();
    expect(await outlineOf(served)).toEqual({
      ...{ groups: [], problems: [], omitted: [], errors: 0, warnings: 0, firstError: null },
      known: [1, 0],
    });
  });
});

describe('the histogram of a log', () => {
  const texts = fc.array(fc.constantFrom('ERROR no route', 'WARN slow', 'up'), { minLength: 1, maxLength: 9 });

  it('counts what a look at every line counts', async () => {
    await using served = await serveLog();
    const batches = fc.sample(fc.record({ pause: fc.integer({ min: 0, max: 5000 }), texts }), {
      seed: 6,
      numRuns: 200,
    });
    const lines: { time: number; text: string }[] = [];
    let now = time;
    for (const { pause, texts } of batches) {
      now += pause;
      await served.append(texts, { time: now });
      for (const text of texts) lines.push({ time: now, text });
    }
    for (const [query, isWanted] of [
      ['', () => true],
      ['q=slow', (text: string) => text.includes('slow')],
      ['level=error', (text: string) => levelOf(text) === 'error'],
      ['from=100&to=700', (_: string, id: number) => id >= 100 && id <= 700],
    ] as const) {
      const histogram = JSON.parse((await ask(served.url(`histogram?buckets=50&${query}`))).body) as Histogram;
      const wanted = lines.flatMap((line, index) =>
        isWanted(line.text, index + 1) ? [{ ...line, id: index + 1 }] : [],
      );
      expect(histogram.lines).toBe(wanted.length);
      expect(histogram.buckets.length).toBeLessThanOrEqual(50);
      for (const { from, to, first, lines: count, errors, warnings } of histogram.buckets) {
        const within = wanted.filter((line) => line.time >= from && line.time < to);
        const of = (level: string) => within.filter(({ text }) => levelOf(text) === level).length;
        expect({ first, count, errors, warnings }).toEqual({
          ...{ first: within[0]?.id ?? null, count: within.length },
          ...{ errors: of('error'), warnings: of('warn') },
        });
      }
      expect(histogram.buckets.reduce((sum, bucket) => sum + bucket.lines, 0)).toBe(wanted.length);
      const pauses = wanted.slice(1).map((line, index) => line.time - (wanted[index]?.time ?? 0));
      const longest = pauses.filter((ms) => ms >= 1000).sort((a, b) => b - a);
      expect(histogram.pauses.map(({ ms }) => ms)).toEqual(longest.slice(0, 10));
    }
  });

  it('of no line has no bucket', async () => {
    await using served = await serveLog({ lines: 3 });
    const { body } = await ask(served.url('histogram?q=nowhere'));
    const none = { buckets: [], pauses: [], lines: 0, errors: 0, warnings: 0 };
    expect(JSON.parse(body)).toEqual({ ...none, known: [1, 3] });
  });

  it.each(['buckets=0', 'buckets=x', 'buckets=10001'])('refuses %s', async (query) => {
    await using served = await serveLog();
    const { status, body } = await ask(served.url(`histogram?${query}`));
    expect({ status, ...JSON.parse(body) }).toMatchObject({ status: 400, parameter: 'buckets' });
  });
});
