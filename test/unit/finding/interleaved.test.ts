import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { levelCodeAt } from '../../../agent/finding/chunks/chunk.ts';
import { createChunkBuilder } from '../../../agent/finding/chunks/chunk-builder.ts';
import { levelCodes } from '../../../agent/finding/lines/levels.ts';
import { lineScanner } from '../../../agent/finding/lines/line-scanner.ts';
import { type SearchNews, type SearchRequest, search } from '../../../agent/finding/search.ts';
import { createSurvey, knownLinesOf } from '../../../agent/finding/survey/survey.ts';
import { problemOf } from '../../../agent/text/level.ts';
import { createRecordTracker } from '../../../agent/text/record.ts';
import { parseLines } from '../../support/event-text.ts';
import { rememberedJournal } from '../../support/synthetic-journal.ts';

/** What tools print, behind nobody's name. */
const corpus = new URL('../../fixtures/records/', import.meta.url);
const printed = readdirSync(corpus)
  .filter((name) => name !== 'senders.txt')
  .flatMap((name) =>
    readFileSync(new URL(name, corpus), 'utf8')
      .split(/^= .*\n/m)
      .slice(1),
  )
  .map((text) => text.trimEnd().split('\n'))
  .map((lines) => lines.map((line) => line.replace(/^[-|] ?/, '')))
  .filter((lines) => lines.length < 50);

/** How those who pass on what several print say who has printed it. */
const prefixes: Record<string, (service: number) => string> = {
  'Docker Compose': (service) => `web-${service}  | `,
  'Docker Compose with its times': (service) => `web-${service}  | 2026-11-29T12:00:01.000000001Z `,
  Foreman: (service) => `12:00:01 web.${service}   | `,
  kubectl: (service) => `[pod/web-${service}/app] `,
  syslog: (service) => `Nov 29 12:00:01 host web[${service}]: `,
  'systemd, short-iso': (service) => `2026-11-29T12:00:01+01:00 host web[${service}]: `,
};

interface Line {
  service: number;
  text: string;
}

/** Lines of services, each of which prints its own in order: none prints more than `most` traces. */
function interleavings(prefix: (service: number) => string, most = 2): fc.Arbitrary<Line[]> {
  const logs = fc.array(fc.constantFrom(...printed), { minLength: 1, maxLength: most }).map((parts) => parts.flat());
  const mostTurns = 30 * most;
  return fc
    .record({
      logs: fc.array(logs, { minLength: 2, maxLength: 3 }),
      turns: fc.array(fc.tuple(fc.nat(2), fc.integer({ min: 1, max: 5 })), {
        minLength: mostTurns / 3,
        maxLength: mostTurns,
      }),
    })
    .map(({ logs, turns }) => {
      const left = logs.map((lines, service) => lines.map((text) => ({ service, text: prefix(service) + text })));
      return turns.flatMap(([turn, lines]) => left[turn % left.length]?.splice(0, lines) ?? []);
    });
}

/** A record that others have said something in ends after 200 lines. */
const shortEnough = (lines: readonly Line[]) => lines.slice(0, 190);

const servicesOf = (lines: readonly Line[]) => [...new Set(lines.map(({ service }) => service))];
const positionsOf = (lines: readonly Line[], of: number) =>
  lines.flatMap(({ service }, at) => (service === of ? [at] : []));

/** What is said of each line of a log: of each service by its own. */
function expectAlone<Said>(lines: readonly Line[], read: (texts: readonly string[]) => Said[]): void {
  const together = read(lines.map(({ text }) => text));
  for (const service of servicesOf(lines)) {
    const positions = positionsOf(lines, service);
    const alone = read(positions.map((at) => (lines[at] as Line).text));
    expect(positions.map((at) => together[at])).toEqual(alone);
  }
}

function blockOf(texts: readonly string[]) {
  const frames = texts.map((text, i) => `id: ${i + 1}\ndata: ${text}\n\n`).join('');
  const bytes = Buffer.from(`event: origin\ndata: {"time":1764316801123}\n\n${frames}`);
  return { bytes, firstId: 1, lastId: texts.length };
}

/** The text of the first line of its record. */
function headsOf(texts: readonly string[]): string[] {
  let head = '';
  const records = createRecordTracker(problemOf, () => ({ head }));
  return texts.map((text) => {
    head = text;
    records.continues(text);
    return records.record.head;
  });
}

/** Its level, and the problem that begins with it. */
function surveyOf(texts: readonly string[], isScanned: boolean) {
  const builder = createChunkBuilder(1, isScanned ? { scanner: lineScanner() } : {});
  builder.take(blockOf(texts));
  const problems = new Map(builder.chunk.problems.map(({ id, ...said }) => [id, said]));
  return texts.map((_, i) => ({ level: levelCodeAt(builder.chunk, i + 1), problem: problems.get(i + 1) }));
}

async function foundIn(texts: readonly string[], query: Partial<SearchRequest['query']>, isKnown: boolean) {
  const journal = rememberedJournal(texts.map((text) => ({ text })));
  const found = new Set<number>();
  const control = {
    isCancelled: false,
    send(news: SearchNews) {
      if (news.type === 'lines') for (const { id } of parseLines(news.bytes.toString())) found.add(id);
    },
  };
  const request = { query: { not: [], before: 0, after: 0, ...query }, from: 1, to: texts.length };
  await search(journal, request, control, isKnown ? knownLinesOf(createSurvey(journal)) : undefined);
  return texts.map((_, i) => found.has(i + 1));
}

describe.each(Object.entries(prefixes))('lines of several services, as %s has them', (_, prefix) => {
  it('are of the records that each service has printed', () => {
    fc.assert(
      fc.property(interleavings(prefix).map(shortEnough), (lines) => expectAlone(lines, headsOf)),
      { numRuns: 50 },
    );
  });

  it('say the problems that each service has printed', () => {
    fc.assert(
      fc.property(interleavings(prefix).map(shortEnough), fc.boolean(), (lines, isScanned) =>
        expectAlone(lines, (texts) => surveyOf(texts, isScanned)),
      ),
      { numRuns: 50 },
    );
  });

  it('have the level that they have when the log is read from the first line, also where that is from 200 lines before', () => {
    const slow = fc.tuple(fc.constant(0), interleavings(prefix, 20));
    // Others print so much that a trace would go on for thousands of lines.
    const spread = fc.tuple(fc.integer({ min: 1, max: 60 }), interleavings(prefix, 3));
    const fillers = ([count, lines]: [number, Line[]]) =>
      lines.flatMap((line) => [line, ...Array<Line>(count).fill({ service: 9, text: `${prefix(9)}up` })]);
    fc.assert(
      fc.property(fc.oneof(slow, spread).map(fillers), fc.nat({ max: 99 }), (lines, percent) => {
        const texts = lines.map(({ text }) => text);
        const from = Math.floor((percent / 100) * texts.length);
        const primed = Math.max(0, from - 200);
        const levels = surveyOf(texts, false).map(({ level }) => level);
        const again = surveyOf(texts.slice(primed), false).map(({ level }) => level);
        // What begins in the middle of a record that has ended by then may be one of its own.
        const kept = levels.map((level, at) => (level === levelCodes.none || at < from ? level : again[at - primed]));
        expect(kept).toEqual(levels);
      }),
      { numRuns: 30 },
    );
  });

  it('are found by level, and bring their records, as those that each service has printed', async () => {
    const pattern = { text: 'rror', isRegex: false, case: 'exact' as const, isWord: false };
    const queries = [
      { query: { level: ['error' as const] }, isKnown: true },
      { query: { level: ['error' as const] }, isKnown: false },
      { query: { pattern, hasRecords: true }, isKnown: false },
    ];
    await fc.assert(
      fc.asyncProperty(
        interleavings(prefix).map(shortEnough),
        fc.constantFrom(...queries),
        async (lines, { query, isKnown }) => {
          const together = await foundIn(
            lines.map(({ text }) => text),
            query,
            isKnown,
          );
          for (const service of servicesOf(lines)) {
            const positions = positionsOf(lines, service);
            const texts = positions.map((at) => (lines[at] as Line).text);
            expect(positions.map((at) => together[at])).toEqual(await foundIn(texts, query, isKnown));
          }
        },
      ),
      { numRuns: 15 },
    );
  });
});
