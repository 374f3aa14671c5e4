import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Chunk, chunkLines, continuing } from '../../agent/finding/chunks/chunk.ts';
import type { LineQuery } from '../../agent/finding/line-query.ts';
import { levelCodes } from '../../agent/finding/lines/levels.ts';
import { search } from '../../agent/finding/search.ts';
import { answerHistogram, answerOutline } from '../../agent/finding/survey/requests.ts';
import { createSurvey, knownLinesOf } from '../../agent/finding/survey/survey.ts';
import { createFinder } from '../../agent/finding/thread/finder.ts';
import { createKeptSurvey } from '../../agent/finding/thread/kept-survey.ts';
import { knownLinesFor } from '../../agent/finding/thread/log-survey.ts';
import { openFollowedJournal } from '../../agent/journal/disk/read/followed-journal.ts';
import type { Journal } from '../../agent/journal/journal.ts';
import { flip } from '../support/damage.ts';
import { until } from '../support/deadline.ts';
import { exited, type ServedLog, type ServedLogOptions, serveLog } from '../support/served-log.ts';

const batchLines = 2000;

/** A log of several segments with all that a survey knows: levels, records, groups, problems, times, colors. */
async function serveBuild(lines: number, keeping: ServedLogOptions['keeping'] = {}): Promise<ServedLog> {
  const served = await serveLog({ keeping: { segmentBytes: 4 * 1024 * 1024, ...keeping } });
  onTestFinished(() => served[Symbol.asyncDispose]());
  for (let first = 1; first <= lines; first += batchLines) await served.append(buildLines(first, batchLines));
  return served;
}

function buildLines(first: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const id = first + i;
    const time = new Date(Date.UTC(2026, 10, 28) + id * 7).toISOString();
    if (id % 5000 === 1) return `##[group]Step ${id}`;
    if (id % 5000 === 4999) return '##[endgroup]';
    if (id % 1000 === 500) return `src/a${id}.ts(${id},2): error TS2304: Cannot find name 'x'.`;
    if (id % 1000 === 600) return `Error: broken ${id}`;
    if (id % 1000 === 601) return `    at f (/srv/a.js:${id}:1)`;
    if (id === 50_000) return '\x1b[31mred\x1b[0m';
    return `${time} ${id % 77 === 0 ? 'WARN' : 'INFO'} request ${id}`;
  });
}

function directoryOf({ store, log }: ServedLog): string {
  expect(store).toBeDefined();
  return log.journal.location as string;
}

function surveysIn(dir: string): string[] {
  return readdirSync(join(dir, 'survey')).sort();
}

function segmentsIn(dir: string): string[] {
  return readdirSync(dir).filter((name) => name.endsWith('.sse'));
}

/** What was found out about all segments but maybe the newest is kept, each survey as a whole. */
async function surveysKept(dir: string): Promise<string[]> {
  const isKept = () =>
    existsSync(join(dir, 'survey')) &&
    surveysIn(dir).every((name) => /^\d+$/.test(name)) &&
    surveysIn(dir).length >= segmentsIn(dir).length - 1;
  await until('a survey of each segment', isKept);
  return surveysIn(dir);
}

/** The journal, of whose lines so many are asked for at a time. */
function countingReads(journal: Journal, count: (lines: number) => void): Journal {
  return Object.create(journal, {
    read: {
      value(from: number, to: number) {
        count(to - from + 1);
        return journal.read(from, to);
      },
    },
  });
}

/** How a subcommand searches: how many errors there are, and how many lines it has to look at beside what it finds. */
async function searchErrors(dir: string) {
  const journal = await openFollowedJournal(dir);
  let linesRead = 0;
  const counting = countingReads(journal, (lines) => {
    linesRead += lines;
  });
  const query: LineQuery = { level: ['error'], not: [], before: 0, after: 0 };
  const request = { query, from: 1, to: journal.lastId };
  const control = { send: () => undefined, isCancelled: false };
  const { matches } = await search(journal, request, control, knownLinesFor(query, counting));
  const lookedAt = await search(journal, request, control);
  await journal.close();
  return { matches, expected: lookedAt.matches, linesRead };
}

/** What a process that has just been started finds out about the log, and how many lines it has to read for it. */
async function lookAt(dir: string) {
  const journal = await openFollowedJournal(dir);
  let linesRead = 0;
  const counting = countingReads(journal, (lines) => {
    linesRead += lines;
  });
  const survey = createSurvey(counting, { kept: createKeptSurvey(dir) });
  const to = journal.lastId;
  const outline = await answerOutline(survey, journal, { to, waitMs: 60_000, isFinished: true });
  const request = { buckets: 50, from: 1, to, waitMs: 60_000 };
  const histogram = await answerHistogram(survey, journal, request, () => true);
  const levels = knownLinesOf(survey);
  for (let id = journal.firstId; id <= to; ) id = ((await levels.know(id))?.to ?? to) + 1;
  const errors = Array.from({ length: 2000 }, (_, i) => to - i).filter((id) => levels.isOf(new Set(['error']), id));
  const isPlain = [levels.areVisibleAsIs(49_000, 51_000), levels.areVisibleAsIs(to - 10, to)];
  await journal.close();
  return { found: { outline, histogram, errors, isPlain }, linesRead };
}

describe('all of a log, looked at in one go', () => {
  it('is known as chunk by chunk, also where a record is of two of them', async () => {
    const served = await serveBuild(2 * chunkLines - 4000);
    const { journal } = served.log;
    await served.append([
      ...Array.from({ length: 3 * chunkLines - 10 - journal.lastId }, () => 'ordinary'),
      'Error: broken',
    ]);
    await served.append(Array.from({ length: 20 }, (_, i) => `    at f (/srv/a.js:${i + 1}:1)`));
    const atOnce = createSurvey(journal);
    await atOnce.complete();
    const oneByOne = createSurvey(journal);
    for (let id = journal.lastId; id > 0; id -= chunkLines) await oneByOne.chunkFor(id);
    // Each is there; what it needed of those before it is settled in the end.
    await oneByOne.complete();
    expect(atOnce.known()).toHaveLength(4);
    expect(atOnce.known()).toEqual(oneByOne.known());
    const [first] = (atOnce.known().at(-1) as Chunk).levels as Uint8Array;
    expect(first).toBe(continuing | levelCodes.error);
  });
});

describe('what is found out about a log', () => {
  it('is kept beside its segments: a process that is started later reads only the newest lines', async () => {
    const served = await serveBuild(200_000);
    const dir = directoryOf(served);
    const first = await lookAt(dir);
    expect(first.linesRead).toBeGreaterThanOrEqual(200_000);
    expect(first.found.outline.errors).toBe(400);
    const names = segmentsIn(dir).map((name) => name.replace('.sse', ''));
    expect(await surveysKept(dir)).toEqual(names.slice(0, surveysIn(dir).length));
    const second = await lookAt(dir);
    expect(second.found).toEqual(first.found);
    expect(second.linesRead).toBeLessThan(chunkLines + 1000);
    const errors = await searchErrors(dir);
    expect(errors.matches).toBe(errors.expected);
    expect(errors.matches).toBeGreaterThan(400);
    expect(errors.linesRead).toBeLessThan(chunkLines + 1000);
    expect(
      JSON.parse(readFileSync(join(dir, 'survey', surveysIn(dir)[0] as string), 'utf8').split('\n')[0] as string),
    ).toMatchObject({ survey: 3, of: [{ firstId: 1 }, {}] });
    const bytes = surveysIn(dir).reduce((sum, name) => sum + statSync(join(dir, 'survey', name)).size, 0);
    expect(bytes).toBeLessThan(served.log.journal.size / 32);

    // What is added is looked at, and the rest is not.
    for (let at = 200_001; at <= 240_000; at += batchLines) await served.append(buildLines(at, batchLines));
    const third = await lookAt(dir);
    expect(third.found.outline.errors).toBe(480);
    expect(third.linesRead).toBeLessThan(40_000 + 3 * chunkLines);
  });

  it('is found out anew where it is not of these lines, or can not be read', async () => {
    const served = await serveBuild(150_000);
    const dir = directoryOf(served);
    const { found } = await lookAt(dir);
    const [survey = '', second = ''] = (await surveysKept(dir)).map((name) => join(dir, 'survey', name));
    const isWhole = readFileSync(survey);
    const damaged: [string, () => Promise<void> | void][] = [
      ['a byte of the numbers', () => flip(survey, isWhole.length - 100, 1)],
      ['a byte of the head', () => flip(survey, 5, 1)],
      ['half of it', () => writeFileSync(survey, isWhole.subarray(0, isWhole.length / 2))],
      ['nothing', () => writeFileSync(survey, '')],
      ['that of another segment', () => writeFileSync(survey, readFileSync(second))],
      [
        'another version',
        () => writeFileSync(survey, isWhole.toString('latin1').replace('"by":"', '"by":"9'), 'latin1'),
      ],
      ['none', () => rmSync(survey)],
    ];
    for (const [what, damage] of damaged) {
      await damage();
      const again = await lookAt(dir);
      expect(again.found, what).toEqual(found);
      expect(again.linesRead, what).toBeGreaterThan(2 * chunkLines);
      await until(`${what}: it is whole again`, () => existsSync(survey) && readFileSync(survey).equals(isWhole));
    }
    // A flipped byte at the end of a segment: its last batch is not the one that was looked at.
    const segment = join(dir, segmentsIn(dir)[0] as string);
    await flip(segment, statSync(segment).size - 1000, 1);
    const other = await lookAt(dir);
    expect(other.found.histogram.lines).toBeLessThan(found.histogram.lines);
  });

  it('goes with its segment, and is no change of the log', async () => {
    const served = await serveBuild(120_000, { retainBytes: 16 * 1024 * 1024 });
    const { store, log } = served;
    const dir = directoryOf(served);
    log.setStatus(exited);
    const isWritten = () => readFileSync(join(dir, 'log.json'), 'utf8').includes('exited');
    await until('its end is written', isWritten);
    const before = (await store.list())[0];
    const { size } = log.journal;
    // As if it had been written long ago.
    const longAgo = new Date(Date.now() - 3_600_000);
    for (const name of ['log.json', ...segmentsIn(dir)]) utimesSync(join(dir, name), longAgo, longAgo);
    await lookAt(dir);
    await surveysKept(dir);
    const after = (await store.list())[0];
    expect(after).toMatchObject({ size, first: before?.first, last: before?.last });
    expect(after?.updatedAt).toBe(longAgo.getTime());

    for (let at = 120_001; log.journal.firstId === 1; at += batchLines) await served.append(buildLines(at, batchLines));
    await until('retention', () => surveysIn(dir).every((name) => segmentsIn(dir).includes(`${name}.sse`)));
    await lookAt(dir);
    await until('what is left is known again', () => surveysIn(dir).length > 0);

    // What an interrupted writer left, and what belongs to no segment.
    const orphans = ['000000000001', '000000000001.123-0'].map((name) => join(dir, 'survey', name));
    for (const orphan of orphans) {
      writeFileSync(orphan, 'x');
      utimesSync(orphan, longAgo, longAgo);
    }
    for (let i = 0; i < 20; i++) await served.append(buildLines(log.journal.lastId + 1, batchLines));
    await lookAt(dir);
    await until(
      'nothing but surveys',
      () => !surveysIn(dir).some((name) => orphans.includes(join(dir, 'survey', name))),
    );
    await log.close();
    await store.remove(log.info.id);
    expect(readdirSync(join(served.dir, 'logs'))).toEqual([]);
  });

  it('is only remembered where it can not be kept', async () => {
    const served = await serveBuild(120_000);
    const dir = directoryOf(served);
    writeFileSync(join(dir, 'survey'), 'no directory');
    const { found } = await lookAt(dir);
    expect(found.histogram.lines).toBe(120_000);
    expect((await lookAt(dir)).found).toEqual(found);
  });

  it('is kept by the search thread', async () => {
    const served = await serveBuild(120_000);
    const finder = createFinder();
    onTestFinished(() => finder.close());
    const outline = await finder.outline(served.log.journal, { to: 120_000, waitMs: 60_000, isFinished: false });
    expect(outline.errors).toBe(240);
    await surveysKept(directoryOf(served));
  });
});
