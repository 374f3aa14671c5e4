import {
  appendFileSync,
  chmodSync,
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
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createAbsenceReporter } from '../../../../../agent/sources/file/find/absence.ts';
import { fileId } from '../../../../../agent/sources/file/find/fingerprint.ts';
import { presenceAt } from '../../../../../agent/sources/file/find/presence.ts';
import { createBackpressure } from '../../../../../agent/sources/file/follow/backpressure.ts';
import { createGenerationQueue } from '../../../../../agent/sources/file/follow/generation-queue.ts';
import { createGenerationReader } from '../../../../../agent/sources/file/follow/generation-reader.ts';
import { createLineage } from '../../../../../agent/sources/file/follow/lineage.ts';
import { createReadBuffers } from '../../../../../agent/sources/file/follow/read-buffers.ts';
import { createDescriptors } from '../../../../../agent/sources/file/open/descriptor-pool.ts';
import { createFileOpener } from '../../../../../agent/sources/file/open/file-opener.ts';
import type { Generation } from '../../../../../agent/sources/file/open/generation.ts';
import { createFileMemory } from '../../../../../agent/sources/file/open/known-files.ts';
import { createPace } from '../../../../../agent/system/pace.ts';
import type { FilePosition } from '../../../../../agent/words/position.ts';
import { createRecordingSink } from '../../../../support/recording-sink.ts';

const name = 'app.log';
let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sse-tail-lineage-'));
  path = join(directory, name);
});

afterEach(() => rmSync(directory, { recursive: true }));

const idNow = () => fileId(statSync(path, { bigint: true }));

/** As Python's handlers do it that compress. */
function rotate(number: number): void {
  for (let last = number - 1; last > 0; last--) renameSync(`${path}.${last}.gz`, `${path}.${last + 1}.gz`);
  writeFileSync(`${path}.1.gz`, gzipSync(readFileSync(path)));
  unlinkSync(path);
}

async function textOf({ file }: Generation): Promise<string[]> {
  const result = await file.read(Buffer.alloc(100));
  return result.type === 'bytes' ? [result.bytes.toString()] : [];
}

/** A lineage of the path and what it works with. `beforeOpening` is called once, when it opens the first file. */
function lineageOf(options: { position?: FilePosition; beforeOpening?: () => void } = {}) {
  let { beforeOpening } = options;
  const sink = createRecordingSink();
  const channel = sink.channel(name);
  const queue = createGenerationQueue();
  const backpressure = createBackpressure();
  const reader = createGenerationReader({
    name,
    path,
    sink,
    channel,
    buffers: createReadBuffers(),
    pace: createPace(),
    backpressure,
    isInPipedLine: () => false,
    onTruncation: async () => {},
  });
  const real = createFileOpener({
    name,
    path,
    descriptors: createDescriptors(),
    memory: createFileMemory(),
    claimant: { group: path, recheck() {} },
    pace: createPace(),
    absence: createAbsenceReporter(name, reader.notice),
    notice: reader.notice,
  });
  function opening(): void {
    const act = beforeOpening;
    beforeOpening = undefined;
    act?.();
  }
  const opener: typeof real = {
    ...real,
    open(...args) {
      opening();
      return real.open(...args);
    },
    openAll(...args) {
      opening();
      return real.openAll(...args);
    },
  };
  const lineage = createLineage({ name, path, queue, opener, reader, start: 'all', ...options });
  return {
    sink,
    /** Opens what is at the path. */
    async open(): Promise<Generation> {
      const opened = (await real.open(path, idNow(), 'all')) as Generation;
      queue.append(opened);
      return opened;
    },
    toEnd: reader.toEnd,
    position: reader.positionOf,
    /** Looks at the path until nothing more is found, and gives what was read and what is open beyond that. */
    async texts(): Promise<string[]> {
      for (let looks = 0; looks < 4; looks++) {
        const { newest } = queue;
        if (newest === undefined) await lineage.begin(idNow());
        else if (newest.file.isParked) await lineage.unpark(newest, await presenceAt(path));
        else if (newest.file.id !== idNow()) await lineage.takeIn(newest, idNow());
      }
      const generations = queue.takeAll();
      const texts = [...sink.lines];
      for (const one of generations) texts.push(...(await textOf(one)));
      for (const { file } of generations) await file.close();
      return texts;
    },
  };
}

/** File systems give a freed inode to the next file that is made (ext4). */
test('a file with the inode of the one before it is not taken for that one', async () => {
  const { open, sink, texts } = lineageOf({
    beforeOpening() {
      rotate(2);
      writeFileSync(path, 'three\n');
    },
  });
  writeFileSync(path, 'one\n');
  await open();
  rotate(1);
  writeFileSync(path, 'two\n');
  expect(await texts()).toEqual(['one\n', 'two\n', 'three\n']);
  expect(sink.notices).toEqual([]);
});

test('a file that stood idle without a descriptor and was packed is read on, and what came after it', async () => {
  const { open, toEnd, sink, texts } = lineageOf();
  writeFileSync(path, 'one\nha');
  const first = await open();
  await toEnd(first);
  await first.file.park();
  appendFileSync(path, 'lf\nmore\n');
  rotate(1);
  writeFileSync(path, 'two\n');
  rotate(2);
  writeFileSync(path, 'three\n');
  expect(await texts()).toEqual(['one', 'half', 'more', 'two\n', 'three\n']);
  expect(sink.notices).toEqual([]);
});

test('a file that stood idle without a descriptor and is gone is reported, and what came after it is read', async () => {
  const { open, toEnd, sink, texts } = lineageOf();
  writeFileSync(path, 'one\nha');
  const first = await open();
  await toEnd(first);
  await first.file.park();
  unlinkSync(path);
  writeFileSync(path, 'two\n');
  rotate(1);
  writeFileSync(path, 'three\n');
  expect(await texts()).toEqual(['one', 'ha', 'two', 'three\n']);
  expect(sink.notices[0]).toBe(
    'app.log was replaced by another file while it stood idle: what came after byte 6 of the old one is lost; reading the next one from its beginning',
  );
});

test('after a restart, a file that is rotated once it was found in the place of a lost one', async () => {
  const before = lineageOf();
  writeFileSync(path, 'one\n');
  const first = await before.open();
  await before.toEnd(first);
  const position = before.position(first);
  await first.file.close();
  unlinkSync(path);
  writeFileSync(path, 'two\n');
  const { sink, texts } = lineageOf({
    position,
    beforeOpening() {
      rotate(1);
      writeFileSync(path, 'three\n');
    },
  });
  expect(await texts()).toEqual(['two', 'three\n']);
  expect(sink.notices).toHaveLength(1);
});

test('a file that is packed, in a way that can not be undone here, once it was listed is reported', async () => {
  const { open, sink, texts } = lineageOf({
    beforeOpening() {
      writeFileSync(`${path}.1.bz2`, 'BZh91AY&SY');
      unlinkSync(`${path}.1`);
    },
  });
  writeFileSync(path, 'one\n');
  await open();
  renameSync(path, `${path}.2`);
  writeFileSync(`${path}.1`, 'two\n');
  writeFileSync(path, 'three\n');
  expect(await texts()).toEqual(['one\n', 'three\n']);
  expect(sink.notices).toEqual(['not read: app.log.1.bz2']);
});

test.runIf(process.geteuid?.() === 0)('a file that may not be read holds up none of those after it', async () => {
  chmodSync(directory, 0o755);
  const { open, sink, texts } = lineageOf();
  writeFileSync(path, 'one\n');
  await open();
  renameSync(path, `${path}.2`);
  writeFileSync(`${path}.1`, 'two\n', { mode: 0o600 });
  writeFileSync(path, 'three\n');
  process.seteuid?.(65_534);
  try {
    expect(await texts()).toEqual(['one\n', 'three\n']);
    expect(sink.notices).toEqual(['not read: app.log.1']);
  } finally {
    process.seteuid?.(0);
  }
});
