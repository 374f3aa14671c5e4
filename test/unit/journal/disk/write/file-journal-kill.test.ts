import { describe, expect, onTestFinished, test } from 'vitest';
import { openFileJournal } from '../../../../../agent/journal/disk/write/file-journal.ts';
import { until } from '../../../../support/deadline.ts';
import { idsOf, range, readAll } from '../../../../support/journal.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';
import {
  exited,
  lastSeen,
  outputOf,
  spawnTypescript,
  type TypescriptProcess,
} from '../../../../support/typescript-process.ts';

describe('a writer that is killed', () => {
  test('has written everything that was announced, and the next one goes on behind it', {
    timeout: 60_000,
  }, async () => {
    const dir = await tempFolder();
    const kills = 20;
    let child: TypescriptProcess | undefined;
    onTestFinished(() => void child?.kill('SIGKILL'));
    let seen = 0;
    for (let kill = 0; kill < kills; kill++) {
      child = await spawnTypescript('./journal-writer.ts', [20_000, 3]);
      const output = outputOf(child);
      child.stdin.write(`${dir}\n`);
      // At no special moment: as often in the middle of a write as between two.
      const enough = seen + 30 + ((kill * 37) % 200);
      await until('lines were announced', () => lastSeen(output.text) >= enough);
      child.kill('SIGKILL');
      await exited(child);
      seen = lastSeen(output.text);

      const journal = await openFileJournal({ dir, segmentBytes: 20_000 });
      expect(journal.lastId).toBeGreaterThanOrEqual(seen);
      const from = kill + 1 === kills ? 1 : Math.max(1, seen - 100);
      const given = await readAll(journal, from);
      expect(idsOf(given, from)).toEqual(range(from, journal.lastId));
      expect(given.filter((one) => 'id' in one && one.text !== `line ${one.id}`)).toEqual([]);
      await journal.close();
    }
  });
});
