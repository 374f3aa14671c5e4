// A process that tries to take a lock: told its path on stdin, it prints `taken` or the error's kind and holds the lock
// until stdin ends.
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { takeLock } from '../../agent/journal/disk/logs/lock.ts';
import { SseTailError } from '../../agent/words/errors.ts';

writeSync(1, 'ready\n');
for await (const path of createInterface(process.stdin)) {
  try {
    await takeLock(path);
    writeSync(1, 'taken\n');
  } catch (error) {
    if (!(error instanceof SseTailError)) throw error;
    writeSync(1, `${error.kind}\n`);
  }
}
