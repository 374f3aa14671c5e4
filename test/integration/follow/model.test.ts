import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFileSource } from '../../../agent/sources/file/file.ts';
import type { Source } from '../../../agent/sources/source.ts';
import type { FilePosition } from '../../../agent/words/position.ts';
import { createRecordingSink, type RecordingSink } from '../../support/recording-sink.ts';

/** What a writer does to its log, and what happens to the follower meanwhile. */
type Step =
  | { do: 'append'; lines: number; width: number }
  /** A line in two writes, with whatever comes next in between, as a buffered writer has it. */
  | { do: 'half' }
  | { do: 'rotate' }
  | { do: 'copytruncate' }
  /** Lets the follower read. */
  | { do: 'catchUp' }
  | { do: 'kill' }
  | { do: 'start' };

const append = fc.record({
  do: fc.constant('append' as const),
  lines: fc.integer({ min: 1, max: 300 }),
  width: fc.integer({ min: 1, max: 200 }),
});
const only = <Do extends Step['do']>(name: Do) => fc.constant({ do: name } as Extract<Step, { do: Do }>);

/** A log with its rotated predecessors, and all lines that were ever written to it. */
class Writer {
  readonly written: string[] = [];
  readonly path: string;
  private unfinished = false;

  constructor(directory: string) {
    this.path = join(directory, 'app.log');
    writeFileSync(this.path, '');
  }

  append(lines: number, width: number): void {
    this.finish();
    const added = Array.from({ length: lines }, (_, at) => `${this.written.length + at} ${'x'.repeat(width)}`);
    this.written.push(...added);
    appendFileSync(this.path, added.map((line) => `${line}\n`).join(''));
  }

  half(): void {
    this.finish();
    appendFileSync(this.path, `${this.written.length} half `);
    this.unfinished = true;
  }

  finish(): void {
    if (!this.unfinished) return;
    this.unfinished = false;
    appendFileSync(this.path, 'whole\n');
    this.written.push(`${this.written.length} half whole`);
  }

  rotate(): void {
    this.finish();
    this.shift();
    renameSync(this.path, `${this.path}.1`);
    writeFileSync(this.path, '');
  }

  copytruncate(): void {
    this.finish();
    this.shift();
    copyFileSync(this.path, `${this.path}.1`);
    truncateSync(this.path);
  }

  private shift(): void {
    let last = 1;
    while (existsSync(`${this.path}.${last}`)) last++;
    for (; last > 1; last--) renameSync(`${this.path}.${last - 1}`, `${this.path}.${last}`);
  }
}

async function run(steps: Step[]): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'sse-tail-model-'));
  const writer = new Writer(directory);
  const arrived: string[] = [];
  let following: { source: Source; sink: RecordingSink } | undefined;
  let positions: ReadonlyMap<string, FilePosition> = new Map();

  async function start(): Promise<void> {
    if (following !== undefined) return;
    const sink = createRecordingSink();
    const source = createFileSource({ paths: [writer.path], start: 'all', positions });
    following = { source, sink };
    await source.start(sink);
  }

  /** What the journal has by then is all that stays. */
  async function kill(): Promise<void> {
    if (following === undefined) return;
    const { source, sink } = following;
    following = undefined;
    sink.freeze();
    arrived.push(...sink.lines);
    positions = new Map([...positions, ...sink.positions]);
    await source.stop();
  }

  async function catchUp(): Promise<void> {
    if (following === undefined) return;
    const { sink } = following;
    await sink.until(() => arrived.length + sink.lines.length >= writer.written.length, 'what was written so far');
  }

  try {
    await start();
    for (const step of steps) {
      switch (step.do) {
        case 'append':
          writer.append(step.lines, step.width);
          // Now and then the follower gets a turn of its own.
          if (step.width % 3 === 0) await new Promise(setImmediate);
          break;
        case 'copytruncate':
          // Of a file of which nothing was read nobody can tell later that it was cut.
          writer.append(1, 10);
          await catchUp();
          writer.append(3, 10);
          writer.copytruncate();
          break;
        case 'catchUp':
          await catchUp();
          break;
        case 'kill':
          await kill();
          break;
        case 'start':
          await start();
          break;
        default:
          writer[step.do]();
      }
    }
    await start();
    writer.append(1, 1);
    await catchUp().catch(() => {});
    await kill();
    expect(arrived).toEqual(writer.written);
  } finally {
    await following?.source.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

test('whatever is renamed and whenever the agent is killed, every line comes exactly once and in order', async () => {
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 8, arbitrary: append },
    { weight: 2, arbitrary: only('half') },
    { weight: 3, arbitrary: only('rotate') },
    { weight: 2, arbitrary: only('catchUp') },
    { weight: 2, arbitrary: only('kill') },
    { weight: 3, arbitrary: only('start') },
  );
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), run), {
    numRuns: 12,
    endOnFailure: true,
  });
});

test('copytruncate under a running agent loses no line that the copy has', async () => {
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 6, arbitrary: append },
    { weight: 2, arbitrary: only('half') },
    { weight: 2, arbitrary: only('copytruncate') },
    { weight: 1, arbitrary: only('catchUp') },
  );
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), run), {
    numRuns: 12,
    endOnFailure: true,
  });
});
