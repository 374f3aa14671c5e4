import { describe, expect, it } from 'vitest';
import { createChance, createZipf } from '../../bench/simulation/chance.ts';
import { createFleet } from '../../bench/simulation/fleet.ts';
import { type Balancing, type Load, largeLoad, largePlan, type Plan } from '../../bench/simulation/plan.ts';
import { simulate } from '../../bench/simulation/simulate.ts';

const load: Load = { ...largeLoad, logs: 500, viewers: 5000 };
const plan: Plan = { ...largePlan, gateways: 16, shards: 8, seconds: 60, killEvery: 20, awayFor: 10 };

describe('the simulation of many machines', () => {
  it('gives the same for the same seed, and something else for another one', () => {
    const outcome = simulate(load, plan, 7);
    expect(simulate(load, plan, 7)).toEqual(outcome);
    expect(simulate(load, plan, 8)).not.toEqual(outcome);
  });

  it.each<Balancing>(['any', 'log', 'log, bounded'])('loses no viewer when gateways die: %s', (balancing) => {
    const { connected, reconnecting, opened } = simulate(load, { ...plan, balancing });
    expect(connected + reconnecting).toBe(load.viewers);
    expect(reconnecting).toBeGreaterThan(0);
    // Those of the gateway that died come within a few seconds.
    expect(opened.most).toBeGreaterThan(3 * opened.mean);
  });

  it('gives no gateway more than a quarter above its share where that is bounded', () => {
    const most = (balancing: Balancing) => simulate(load, { ...plan, balancing }).busiestViewers.most;
    // With one gateway away.
    const share = load.viewers / (plan.gateways - 1);
    expect(most('log, bounded')).toBeLessThanOrEqual(Math.ceil(1.25 * share));
    expect(most('log')).toBeGreaterThan(1.25 * share);
  });

  it('spreads batches over the shards', () => {
    const { published, busiestShard } = simulate(load, plan);
    expect(busiestShard).toBeGreaterThanOrEqual(published / plan.shards);
    expect(busiestShard).toBeLessThan(published);
  });
});

describe('a fleet', () => {
  const rates = new Float64Array([3, 5]);

  it('is sent a batch once for each gateway that has a viewer of its log', () => {
    const fleet = createFleet(plan, rates, createChance(1));
    for (const [log, gateway] of [
      [0, 0],
      [0, 0],
      [0, 1],
      [1, 1],
    ] as const)
      fleet.join(log, gateway);
    expect([fleet.sent, ...fleet.batchesIn.slice(0, 2), fleet.viewedLogs]).toEqual([11, 3, 8, 2]);
    fleet.leave(0, 0);
    expect(fleet.sent).toBe(11);
    fleet.leave(0, 0);
    expect([fleet.sent, ...fleet.batchesIn.slice(0, 2), fleet.viewedLogs]).toEqual([8, 0, 8, 2]);
    fleet.leave(0, 1);
    expect([fleet.sent, fleet.viewedLogs]).toEqual([5, 1]);
  });

  it('is sent a batch once for each leaf node that has such a gateway', () => {
    const fleet = createFleet({ ...plan, leafNodes: 2 }, rates, createChance(1));
    // Gateways 0 and 2 are behind the same one.
    for (const gateway of [0, 2, 1]) fleet.join(0, gateway);
    expect([fleet.sent, ...fleet.batchesIn.slice(0, 3)]).toEqual([6, 3, 3, 3]);
    fleet.leave(0, 2);
    expect(fleet.sent).toBe(6);
    fleet.leave(0, 0);
    expect(fleet.sent).toBe(3);
  });

  it('has the viewers of a log at one gateway, also when that one comes back', () => {
    const fleet = createFleet({ ...plan, balancing: 'log' }, rates, createChance(1));
    const first = fleet.choose(0);
    expect(fleet.choose(0)).toBe(first);
    fleet.kill(first);
    expect(fleet.choose(0)).not.toBe(first);
    fleet.revive(first);
    expect(fleet.choose(0)).toBe(first);
  });
});

it('the first ranks of Zipf have what the law says', () => {
  const draw = createZipf(1000, 1, createChance(3));
  const counts = new Map<number, number>();
  for (let n = 0; n < 100_000; n++) {
    const rank = draw();
    counts.set(rank, (counts.get(rank) ?? 0) + 1);
  }
  const [first, second, tenth] = [0, 1, 9].map((rank) => counts.get(rank) ?? 0) as [number, number, number];
  expect(first / second).toBeCloseTo(2, 0);
  expect(first / tenth).toBeGreaterThan(8);
  expect(first / tenth).toBeLessThan(12);
});
