import { expect, it, onTestFinished } from 'vitest';
import { createFileStore } from '../../../agent/journal/disk/logs/file-store.ts';
import { createGather } from '../../../agent/recorder/gather.ts';
import { within } from '../../support/deadline.ts';
import { tempFolder } from '../../support/temp-folder.ts';

it('who waits for what was added does not wait for what comes meanwhile, even if that never ceases', async () => {
  const store = await createFileStore({ dir: await tempFolder() });
  const log = await store.create({ kind: 'stdin', name: 'stdin', argv: [], cwd: '/' });
  let isFlooded = true;
  onTestFinished(async () => {
    isFlooded = false;
    await gather.flush();
    await log.close();
    await store.close();
  });
  const text = Buffer.from('a line');
  const gather = createGather(log, () => {
    if (isFlooded) add();
  });
  function add(): void {
    gather.builder.origin({ time: 1 });
    gather.builder.line(text, 0, text.length);
    void gather.wait();
  }
  add();
  add();
  for (let round = 0; round < 3; round++) {
    const to = log.journal.lastId + gather.builder.lineCount;
    await within('what was added', gather.flush());
    expect(log.journal.lastId).toBeGreaterThanOrEqual(to);
  }
});
