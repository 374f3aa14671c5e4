import {
  appendFileSync,
  existsSync,
  linkSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFileSource } from '../../../agent/sources/file/file.ts';
import { until } from '../../support/deadline.ts';
import { createRecordingSink } from '../../support/recording-sink.ts';
import { amountOf } from '../../support/sweep.ts';

/** The calls that a rotation consists of, as strace shows them. Nothing is written to the log before the last one. */
type Steps = (at: (name: string) => string, count: number) => (() => void)[];

const tai64n = (count: number, ending: string) => `@400000006b0dc4${String(count).padStart(2, '0')}00000000.${ending}`;

function shifted(at: (name: string) => string): () => void {
  return () => {
    let last = 1;
    while (existsSync(at(`app.log.${last}`))) last++;
    for (; last > 1; last--) renameSync(at(`app.log.${last - 1}`), at(`app.log.${last}`));
  };
}

/** With a program that makes another text of what is rotated, and has a state. */
const changed = (change: (text: string) => string | Buffer): Steps => {
  return (at, count) => [
    () => renameSync(at('current'), at('previous')),
    () => writeFileSync(at('current'), ''),
    () => writeFileSync(at('processed'), ''),
    () => writeFileSync(at('newstate'), ''),
    () => appendFileSync(at('processed'), change(readFileSync(at('previous'), 'utf8'))),
    () => unlinkSync(at('previous')),
    () => renameSync(at('newstate'), at('state')),
    () => renameSync(at('processed'), at(tai64n(count, 's'))),
  ];
};

/** As svlogd does that: what it makes has its name before what it is made of is gone. */
const changedBySvlogd = (change: (text: string) => string | Buffer): Steps => {
  return (at, count) => [
    () => renameSync(at('current'), at(tai64n(count, 'u'))),
    () => writeFileSync(at('current'), ''),
    () => writeFileSync(at(tai64n(count, 't')), ''),
    () => writeFileSync(at('newstate'), ''),
    () => appendFileSync(at(tai64n(count, 't')), change(readFileSync(at(tai64n(count, 'u')), 'utf8'))),
    () => renameSync(at(tai64n(count, 't')), at(tai64n(count, 's'))),
    () => unlinkSync(at(tai64n(count, 'u'))),
    () => renameSync(at('newstate'), at('state')),
  ];
};

const withOtherTimes = (text: string) => text.replace(/^/gm, '20:00 ').replace(/20:00 $/, '');

/** `isGone`: what a rotated file held can be told only of one that was read. */
const rotations: Record<string, { log: string; steps: Steps; isGone?: boolean; isLater?: boolean }> = {
  'multilog, s6-log': {
    log: 'current',
    steps: (at, count) => [
      () => renameSync(at('current'), at('previous')),
      () => writeFileSync(at('current'), ''),
      () => linkSync(at('previous'), at(tai64n(count, 's'))),
      () => unlinkSync(at('previous')),
    ],
  },
  'multilog, s6-log with a processor': {
    log: 'current',
    isGone: true,
    steps: (at, count) => [
      () => renameSync(at('current'), at('previous')),
      () => writeFileSync(at('current'), ''),
      () => writeFileSync(at('processed'), ''),
      () => appendFileSync(at('processed'), readFileSync(at('previous'))),
      () => unlinkSync(at('previous')),
      () => linkSync(at('processed'), at(tai64n(count, 's'))),
      () => unlinkSync(at('processed')),
    ],
  },
  svlogd: {
    log: 'current',
    steps: (at, count) => [
      () => renameSync(at('current'), at(tai64n(count, 's'))),
      () => writeFileSync(at('current'), ''),
    ],
  },
  'svlogd with a processor': { log: 'current', isGone: true, steps: changedBySvlogd((text) => text) },
  'svlogd with a program that packs': { log: 'current', isLater: true, steps: changedBySvlogd(gzipSync) },
  'svlogd with a program that has other times': {
    log: 'current',
    isLater: true,
    steps: changedBySvlogd(withOtherTimes),
  },
  'multilog with a program that packs': { log: 'current', isLater: true, steps: changed(gzipSync) },
  'multilog with a program that has other times': {
    log: 'current',
    isLater: true,
    steps: changed(withOtherTimes),
  },
  'logrotate, create': {
    log: 'app.log',
    steps: (at) => [
      shifted(at),
      () => renameSync(at('app.log'), at('app.log.1')),
      () => writeFileSync(at('app.log'), ''),
    ],
  },
  'a link, as of newsyslog': {
    log: 'app.log',
    steps: (at) => [
      shifted(at),
      () => linkSync(at('app.log'), at('app.log.1')),
      () => unlinkSync(at('app.log')),
      () => writeFileSync(at('app.log'), ''),
    ],
  },
  'dated and compressed': {
    log: 'app.log',
    steps: (at, count) => {
      const name = at(`app.log-202611${String(count + 10)}`);
      return [
        () => renameSync(at('app.log'), name),
        () => writeFileSync(at('app.log'), ''),
        () => writeFileSync(`${name}.gz`, ''),
        () => appendFileSync(`${name}.gz`, gzipSync(readFileSync(name))),
        () => unlinkSync(name),
      ];
    },
  },
};

/** Between two calls: nothing, some turns of the event loop, or as long as it takes to read what was there. */
type Pause = { turns: number } | 'until it is read';

interface Round {
  lines: number;
  pauses: Pause[];
}

const pause: fc.Arbitrary<Pause> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ turns: 0 }) },
  { weight: 2, arbitrary: fc.record({ turns: fc.constantFrom(1, 10, 100, 1000, 4000) }) },
  { weight: 1, arbitrary: fc.constant('until it is read' as const) },
);
const round: fc.Arbitrary<Round> = fc.record({
  lines: fc.integer({ min: 1, max: 4 }),
  pauses: fc.array(pause, { minLength: 8, maxLength: 8 }),
});

/** Until a file that is written now has a later time than one that was: clocks tick in steps of 4 ms. */
async function untilLater(path: string): Promise<void> {
  writeFileSync(path, '');
  const { mtimeNs } = statSync(path, { bigint: true });
  await until('the next tick', () => {
    writeFileSync(path, 'x');
    return statSync(path, { bigint: true }).mtimeNs > mtimeNs + 10_000_000n;
  });
}

async function run(rotation: string, rounds: Round[]): Promise<void> {
  const { log, steps, isGone, isLater } = rotations[rotation] as (typeof rotations)[string];
  const directory = mkdtempSync(join(tmpdir(), 'sse-tail-half-'));
  const at = (name: string) => join(directory, name);
  const written: string[] = [];
  const write = (count: number) => {
    const lines = Array.from({ length: count }, (_, index) => `line ${written.length + index} of ${'x'.repeat(20)}`);
    written.push(...lines);
    appendFileSync(at(log), lines.map((line) => `${line}\n`).join(''));
  };
  const sink = createRecordingSink();
  const source = createFileSource({ paths: [at(log)], start: 'all' });
  /** What is in the file that was read when the rounds began has its descriptor: it comes wherever it is. */
  let sure = 0;
  const rest = async (one: Pause) => {
    if (one === 'until it is read') await sink.until(() => sink.lines.length >= sure, 'what was open');
    else for (let turn = 0; turn < one.turns; turn++) await new Promise(setImmediate);
  };
  try {
    write(2);
    await source.start(sink);
    await sink.until(() => sink.lines.length >= 2, 'the first lines');
    for (const [count, { lines, pauses }] of rounds.entries()) {
      if (isGone || isLater) await untilLater(at('clock'));
      write(lines);
      if (count === 0) sure = written.length;
      if (isGone) await sink.until(() => sink.lines.length >= written.length, 'what will be gone');
      for (const [index, step] of steps(at, count).entries()) {
        step();
        await rest(pauses[index] as Pause);
      }
      write(1);
    }
    await sink.until(() => sink.lines.length >= written.length, 'all lines').catch(() => {});
    expect(sink.lines.map((line) => line.replace(/^20:00 /, ''))).toEqual(written);
  } finally {
    await source.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

describe.concurrent.each(Object.keys(rotations))('%s', (rotation) => {
  test('wherever it stands still, each line comes once and in its order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(round, { minLength: 2, maxLength: 5 }), (rounds) => run(rotation, rounds)),
      { numRuns: amountOf(rotations[rotation]?.isGone ? 8 : 20, 100), endOnFailure: true },
    );
  });
});
