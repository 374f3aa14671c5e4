import { describe, expect, it } from 'vitest';
import { createDelivery } from '../../../../../agent/journal/nats/publish/delivery.ts';

function delivering(syncMs: number) {
  const clock = { now: 1_000_000 };
  return { clock, delivery: createDelivery(syncMs, () => clock.now) };
}

describe('what counts as delivered', () => {
  it('is what was acknowledged a sync interval ago, once the stream is seen to have lost nothing', () => {
    const { clock, delivery } = delivering(1000);
    delivery.acknowledge(10);
    clock.now += 500;
    delivery.acknowledge(20);
    expect(delivery).toMatchObject({ acknowledgedId: 20, deliveredId: 0, dueMs: 500 });
    delivery.intact();
    expect(delivery.deliveredId).toBe(0);
    clock.now += 500;
    expect(delivery).toMatchObject({ deliveredId: 0, dueMs: 0 });
    delivery.intact();
    expect(delivery).toMatchObject({ deliveredId: 10, dueMs: 500 });
    clock.now += 500;
    delivery.intact();
    expect(delivery).toMatchObject({ deliveredId: 20, dueMs: undefined });
  });

  it('is every acknowledged line at a server that syncs before it acknowledges', () => {
    const { delivery } = delivering(0);
    delivery.acknowledge(10);
    expect(delivery).toMatchObject({ deliveredId: 10, dueMs: undefined });
  });

  it('is nothing that was lost before the interval was over', () => {
    const { clock, delivery } = delivering(1000);
    delivery.acknowledge(10);
    clock.now += 900;
    delivery.acknowledge(20);
    delivery.found(15);
    expect(delivery).toMatchObject({ acknowledgedId: 15, highestId: 20 });
    clock.now += 200;
    delivery.intact();
    expect(delivery.deliveredId).toBe(10);
    clock.now += 800;
    delivery.intact();
    expect(delivery.deliveredId).toBe(15);
    delivery.found(0);
    expect(delivery).toMatchObject({ acknowledgedId: 0, deliveredId: 0, highestId: 20, dueMs: undefined });
  });

  it('is nothing that another agent left in the stream a moment ago', () => {
    const { clock, delivery } = delivering(1000);
    delivery.found(10);
    delivery.intact();
    expect(delivery).toMatchObject({ acknowledgedId: 10, deliveredId: 0 });
    clock.now += 1000;
    delivery.intact();
    expect(delivery.deliveredId).toBe(10);
  });

  it('comes late by a share of the interval at most, however often acks come', () => {
    const { clock, delivery } = delivering(1000);
    for (let id = 1; id <= 5000; id++) {
      delivery.acknowledge(id);
      delivery.intact();
      expect(delivery.deliveredId).toBeLessThanOrEqual(Math.max(0, id - 1000));
      if (id > 1100) expect(delivery.deliveredId).toBeGreaterThan(id - 1100);
      clock.now += 1;
    }
  });
});
