// Loaded into a program before it starts (`node --expose-gc --import`), also into its threads: writes what each of them
// holds after its garbage is collected, again and again, to a file of its own in `$HELD_DIR`.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getHeapCodeStatistics } from 'node:v8';
import { threadId } from 'node:worker_threads';

const everyMs = Number(process.env.HELD_EVERY_MS ?? 2000);
const path = join(process.env.HELD_DIR, `thread-${threadId}.json`);

setInterval(() => {
  globalThis.gc();
  // The buffers that it has found to be garbage are subtracted at the next collection only.
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  // What V8 itself is built of counts as code, too, and is no part of the heap.
  const { code_and_metadata_size: code, bytecode_and_metadata_size: bytecode } = getHeapCodeStatistics();
  const waitsFor = process.getActiveResourcesInfo();
  writeFileSync(`${path}.new`, JSON.stringify({ at: Date.now(), heapUsed, code: code + bytecode, external, waitsFor }));
  renameSync(`${path}.new`, path);
}, everyMs).unref();
