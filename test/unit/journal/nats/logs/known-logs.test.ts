import { expect, it } from 'vitest';
import { createKnownLogs } from '../../../../../agent/journal/nats/logs/known-logs.ts';
import type { KnownRecord } from '../../../../../agent/journal/nats/logs/log-record.ts';
import { createRandom } from '../../../../support/random.ts';

function known(id: string, createdAt: number, last = 0): KnownRecord {
  const info = { id, kind: 'stdin', name: id, cwd: '/', createdAt } as const;
  const record = { version: 1, info, status: { state: 'following' }, first: 1, last, size: 0 } as const;
  return { record: { ...record, sources: [], epochs: [] }, putAt: 0 };
}

it('lists the newest first, whatever came, went, came again and was replaced', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const next = createRandom(seed);
    const random = (below: number) => Math.floor(next() * below);
    const logs = createKnownLogs();
    const model = new Map<string, KnownRecord>();
    for (let step = 0; step < 40; step++) {
      const key = `log.${random(8)}`;
      if (random(3) === 0) {
        logs.delete(key);
        model.delete(key);
      } else {
        const news = known(key, random(4), step);
        logs.set(key, news);
        model.set(key, news);
      }
      if (random(2) === 0) continue;
      const expected = [...model.values()].sort(
        ({ record: { info: one } }, { record: { info: other } }) =>
          other.createdAt - one.createdAt || (one.id < other.id ? -1 : 1),
      );
      expect(logs.newestFirst(), `seed ${seed}, step ${step}`).toEqual(expected);
    }
  }
});
