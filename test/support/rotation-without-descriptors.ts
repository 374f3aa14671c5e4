// Follows a log that is rotated while descriptors run out and come back at random moments; to be run with few of them
// allowed. Prints the lines that came and those that were written, as JSON. Argument: a seed.
import { appendFileSync, closeSync, mkdtempSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileSource } from '../../agent/sources/file/file.ts';
import { isOutOfDescriptors } from '../../agent/words/errors.ts';
import { createRandom } from './random.ts';
import { createRecordingSink } from './recording-sink.ts';

const random = createRandom(Number(process.argv[2]));
const directory = mkdtempSync(join(tmpdir(), 'sse-tail-descriptors-'));
const log = join(directory, 'app.log');
const held: number[] = [];
const written: string[] = [];
let rotations = 0;

/** The last descriptors; some of them are left. */
function takeAll(): void {
  try {
    for (;;) held.push(openSync('/dev/null', 'r'));
  } catch {
    for (let left = Math.floor(random() * 3); left > 0; left--) giveOne();
  }
}

function giveOne(): void {
  const fd = held.pop();
  if (fd !== undefined) closeSync(fd);
}

function giveAll(): void {
  while (held.length > 0) giveOne();
}

/** What needs a descriptor gets one of those that are held; who reads the log may take that first. */
function withOne(act: () => void): void {
  for (;;) {
    try {
      act();
      return;
    } catch (error) {
      if (!isOutOfDescriptors(error)) throw error;
      giveOne();
    }
  }
}

function change(): void {
  const line = `line ${written.length}`;
  withOne(() => appendFileSync(log, `${line}\n`));
  written.push(line);
  if (random() > 0.4) return;
  renameSync(log, `${log}-202611${String(10 + rotations++)}`);
  withOne(() => writeFileSync(log, ''));
}

const sink = createRecordingSink();
writeFileSync(log, '');
const source = createFileSource({ paths: [log], start: 'all' });
await source.start(sink);
for (let count = 0; count < 60; count++) {
  if (random() < 0.5) takeAll();
  change();
  if (random() < 0.3) change();
  for (let turns = Math.floor(random() * 12); turns > 0; turns--) {
    await new Promise(setImmediate);
    if (random() < 0.2) giveOne();
  }
  if (random() < 0.5) giveAll();
}
giveAll();
await sink.until(() => sink.lines.length >= written.length, 'all lines').catch(() => {});
await source.stop();
rmSync(directory, { recursive: true, force: true });
process.stdout.write(JSON.stringify({ came: sink.lines, written, notices: sink.notices }));
